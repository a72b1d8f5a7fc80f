//! Log-in through a town's own OpenID provider: which browser is let in, and which tokens hold.

use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::extract::State;
use axum::http::Request;
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cloud_api::staff::Provider;
use cloud_store::{Realm, Rights, Role};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use rcgen::PublicKeyData as _;
use serde_json::{Value, json};
use url::Url;

use crate::people::{add, look};
use crate::town::{Answer, Choice, TOWN, Town, send};

const CLIENT: &str = "genkan";

/// What the provider says next.
struct Said {
    /// Changes of the token's claims; a null takes one away.
    claims: Value,
    /// Where tokens come from, if not from the provider itself.
    token_endpoint: Option<String>,
    nonce: String,
}

struct Issuer {
    address: String,
    key: rcgen::KeyPair,
    now: i64,
    said: Mutex<Said>,
}

impl Issuer {
    /// Listens on loopback until the test ends.
    async fn new(now: i64) -> Arc<Self> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let said = Said {
            claims: json!({}),
            token_endpoint: None,
            nonce: String::new(),
        };
        let issuer = Arc::new(Self {
            address: format!("http://{}", listener.local_addr().unwrap()),
            key: rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap(),
            now,
            said: Mutex::new(said),
        });
        let routes = Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/token", post(token))
            .route("/keys", get(keys))
            .with_state(issuer.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        issuer
    }

    fn says(&self, claims: Value) {
        self.said.lock().unwrap().claims = claims;
    }
}

async fn discovery(State(issuer): State<Arc<Issuer>>) -> Json<Value> {
    let own = |path: &str| format!("{}/{path}", issuer.address);
    let token = issuer.said.lock().unwrap().token_endpoint.clone();
    Json(json!({
        "issuer": issuer.address, "authorization_endpoint": own("authorize"),
        "token_endpoint": token.unwrap_or_else(|| own("token")), "jwks_uri": own("keys"),
    }))
}

async fn token(State(issuer): State<Arc<Issuer>>) -> Json<Value> {
    let said = issuer.said.lock().unwrap();
    let mut claims = json!({
        "iss": issuer.address, "aud": CLIENT, "sub": "s-1", "preferred_username": "kubo", "nonce": said.nonce,
        "iat": issuer.now, "exp": issuer.now + 300,
    });
    for (name, value) in said.claims.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims
        .as_object_mut()
        .unwrap()
        .retain(|_, value| !value.is_null());
    let mut header = Header::new(Algorithm::ES256);
    header.kid = Some("k1".to_owned());
    let key = EncodingKey::from_ec_der(&issuer.key.serialize_der());
    Json(json!({ "id_token": encode(&header, &claims, &key).unwrap() }))
}

async fn keys(State(issuer): State<Arc<Issuer>>) -> Json<Value> {
    // An uncompressed point: 4, then both coordinates.
    let point = issuer.key.der_bytes();
    let (x, y) = point[1..].split_at(32);
    let (x, y) = (URL_SAFE_NO_PAD.encode(x), URL_SAFE_NO_PAD.encode(y));
    Json(json!({ "keys": [{ "kty": "EC", "crv": "P-256", "kid": "k1", "x": x, "y": y }] }))
}

struct Desk {
    town: Town,
    issuer: Arc<Issuer>,
}

impl Desk {
    async fn new() -> Self {
        let issuer = Issuer::new(crate::card::now().as_second()).await;
        let callback = "http://127.0.0.1/console/990019/provider/back";
        let provider = Provider::new(
            &issuer.address,
            CLIENT,
            "secret",
            "preferred_username",
            callback,
        );
        let town = Town::new(Choice {
            provider: Some(Arc::new(provider.unwrap())),
            ..Choice::default()
        });
        let town = town.await;
        let realm: Realm = TOWN.parse().unwrap();
        add(&town, &realm, "kubo", Rights::of([Role::Clerk])).await;
        Self { town, issuer }
    }

    /// To the provider: the browser's cookie, and the state that comes back.
    async fn begin(&self) -> (String, String) {
        let answer = look(&self.town, "", "/console/990019/provider").await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        let address: Url = answer.headers["location"]
            .to_str()
            .unwrap()
            .parse()
            .unwrap();
        let asked = |name: &str| {
            let mut pairs = address.query_pairs();
            pairs.find(|(own, _)| own == name).unwrap().1.into_owned()
        };
        assert_eq!(asked("code_challenge_method"), "S256");
        self.issuer.said.lock().unwrap().nonce = asked("nonce");
        (crate::people::cookie(&answer), asked("state"))
    }

    async fn back(&self, cookie: &str, state: &str) -> Answer {
        let path = format!("/console/990019/provider/back?code=c&state={state}");
        let request = Request::get(path).header("cookie", cookie);
        send(self.town.office(), request.body(Body::empty()).unwrap()).await
    }
}

#[tokio::test]
async fn only_the_browser_that_began_is_logged_in() {
    let desk = Desk::new().await;
    let (attacker, state) = desk.begin().await;
    assert_eq!(
        desk.back("", &state).await.status,
        403,
        "a browser that never began"
    );
    let (victim, own) = desk.begin().await;
    assert_eq!(
        desk.back(&victim, &state).await.status,
        403,
        "one that began something else"
    );
    assert_eq!(desk.back(&victim, &own).await.status, 303);
    assert_eq!(desk.back(&victim, &own).await.status, 403, "once");
    // The attacker's own browser is not hindered by what others tried with its state.
    let (_, _) = (attacker, state);
}

#[tokio::test]
async fn the_session_before_ends_and_the_state_is_taken_back() {
    let desk = Desk::new().await;
    let former = crate::people::log_in(&desk.town, TOWN, "kubo").await;
    let (browser, state) = desk.begin().await;
    let answer = desk.back(&format!("{browser}; {former}"), &state).await;
    assert_eq!(answer.status, 303);
    let set = answer.headers.get_all("set-cookie").iter();
    let set: Vec<&str> = set.map(|value| value.to_str().unwrap()).collect();
    assert!(
        set[0].contains("HttpOnly")
            && set[1].contains("genkan-sign-in=; ")
            && set[1].contains("Max-Age=0")
    );
    assert_eq!(
        look(&desk.town, &former, "/console/990019").await.status,
        303
    );
    let session = crate::people::cookie(&answer);
    assert_eq!(
        look(&desk.town, &session, "/console/990019").await.status,
        200
    );
}

#[tokio::test]
async fn a_token_must_be_for_us_and_of_now() {
    let desk = Desk::new().await;
    let now = desk.issuer.now;
    for (claims, holds) in [
        (json!({}), true),
        (json!({ "azp": CLIENT }), true),
        (json!({ "aud": [CLIENT] }), true),
        (json!({ "aud": [CLIENT, "other"], "azp": CLIENT }), true),
        (json!({ "nbf": now - 10 }), true),
        (json!({ "azp": "other" }), false),
        (json!({ "aud": [CLIENT, "other"] }), false),
        (json!({ "aud": "other" }), false),
        (json!({ "nbf": now + 600 }), false),
        (json!({ "iat": now + 600 }), false),
        (json!({ "iat": now - 3_600 }), false),
        (json!({ "iat": null }), false),
        (json!({ "exp": now - 600 }), false),
        (json!({ "nonce": "another" }), false),
        (json!({ "nonce": null }), false),
        (json!({ "iss": "https://elsewhere.example" }), false),
    ] {
        desk.issuer.says(claims.clone());
        let (browser, state) = desk.begin().await;
        let answer = desk.back(&browser, &state).await;
        assert_eq!(answer.status == 303, holds, "{claims}");
    }
}

#[tokio::test]
async fn what_the_provider_names_must_be_https() {
    let desk = Desk::new().await;
    let open = "http://192.0.2.1/token".to_owned();
    desk.issuer.said.lock().unwrap().token_endpoint = Some(open);
    let answer = look(&desk.town, "", "/console/990019/provider").await;
    assert_eq!(answer.status, 503);
    let open = Provider::new("http://192.0.2.1", CLIENT, "s", "sub", "http://127.0.0.1/");
    assert!(open.is_err());
}
