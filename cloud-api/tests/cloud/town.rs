//! A town with its keys, editions, register and routers, in a folder of its own.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use cloud_api::clock::{Clock as _, SetClock};
use cloud_api::cloud::{CardLogin, Cloud, ConsoleConfig, Shared};
use cloud_api::core_system::{CoreSystem, DemoCore, HouseholdRecord};
use cloud_api::device_api::Peer;
use cloud_api::editions::Publication;
use cloud_api::form_renderer::FormRenderer;
use cloud_api::jpki::CertificateSerial;
use cloud_api::metrics::Metrics;
use cloud_api::router::{device_router, office_router};
use cloud_api::signing;
use cloud_api::staff::{HashQueue, Provider};
use cloud_api::tenant::{Core, RealmKey, Tenant};
use cloud_api::town_catalogue::CatalogueCache;
use cloud_api::webhooks::Webhook;
use cloud_store::{Realm, Store};
use jiff::SignedDuration;
use kiosk_api::{
    Edition, EditionKind, Entropy, FourItems, SealingKey, SignedSealingKey, TenantCode,
    TenantPrivateKey,
};
use serde_json::{Value, json};
use tempfile::TempDir;
use tower::ServiceExt as _;

use crate::card::{TestAuthority, Trust, now};

pub(crate) const TOWN: &str = "990019";
pub(crate) const OTHER: &str = "990027";

pub(crate) fn assets(kind: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../assets")
        .join(kind)
}

pub(crate) struct Town {
    pub(crate) cloud: Shared,
    pub(crate) clock: Arc<SetClock>,
    pub(crate) authority: TestAuthority,
    /// Keeps the folders while the town stands.
    pub(crate) trust: Trust,
    pub(crate) sealing: TenantPrivateKey,
    pub(crate) folder: TempDir,
}

/// What differs between tests.
#[derive(Default)]
pub(crate) struct Choice {
    pub(crate) editions: bool,
    pub(crate) core: Option<Arc<dyn CoreSystem>>,
    pub(crate) store: Option<Store>,
    pub(crate) refusal_after: Duration,
    /// Towns without a core system.
    pub(crate) coreless: bool,
    /// Of the first town.
    pub(crate) webhooks: Vec<Webhook>,
    /// Of the first town.
    pub(crate) provider: Option<Arc<Provider>>,
    /// The name of a proxy before the console.
    pub(crate) origin: Option<String>,
    /// Another than usual.
    pub(crate) hashes: Option<HashQueue>,
}

pub(crate) async fn town() -> Town {
    Town::new(Choice::default()).await
}

impl Town {
    pub(crate) async fn new(choice: Choice) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = match choice.store {
            Some(store) => store,
            None => {
                let url = format!("sqlite:{}", folder.path().join("cloud.sqlite").display());
                Store::open(&url, None).await.unwrap()
            }
        };
        let sealing = TenantPrivateKey::derive(&Entropy::new([1; 32]));
        let store = keyed(store, &sealing);
        for realm in [TOWN, OTHER, "platform"] {
            store.adopt(&realm.parse().unwrap(), now()).await.unwrap();
        }
        let core = choice.core.unwrap_or_else(|| Arc::new(register()));
        let core = (!choice.coreless).then_some(Core {
            system: core,
            refusal_after: choice.refusal_after,
        });
        let (mut webhooks, mut provider) = (choice.webhooks, choice.provider);
        let clock = Arc::new(SetClock::new(now()));
        let (mut tenants, keys) = (BTreeMap::new(), edition_keys(folder.path()));
        for (code, name) in [(TOWN, "玄関町"), (OTHER, "縁側町")] {
            let code: TenantCode = code.parse().unwrap();
            let publish = choice.editions && code.as_str() == TOWN;
            if publish {
                sign_assets(folder.path(), &code);
            }
            let place = |kind: &str| folder.path().join(kind);
            let tenant = Tenant {
                code: code.clone(),
                name: name.to_owned(),
                kiosks: ["kiosk-1".parse().unwrap(), "kiosk-2".parse().unwrap()].into(),
                sealing_key_id: "2026-1".to_owned(),
                sealing_key: sealing.clone(),
                signed_sealing_key: Some(signed_sealing_key(folder.path(), &code, &sealing)),
                catalogue: publish.then(|| {
                    Publication::new(
                        place("catalogue"),
                        code.clone(),
                        keys.clone(),
                        clock.clone(),
                    )
                }),
                catalogue_cache: CatalogueCache::default(),
                forms: publish.then(|| {
                    Publication::new(place("forms"), code.clone(), keys.clone(), clock.clone())
                }),
                core: core.clone(),
                webhooks: std::mem::take(&mut webhooks),
                provider: provider.take(),
            };
            tenants.insert(code, Arc::new(tenant));
        }
        let authority = TestAuthority::new(1, true);
        let trust = Trust::new(
            &[&authority],
            &[authority.list(&[666], (2026, 5, 20), None)],
        );
        let card = CardLogin {
            authority: trust.authority(),
            faces: trust.faces(),
            nonce_life: SignedDuration::from_secs(180),
        };
        let cloud = Cloud {
            tenants,
            store,
            clock: clock.clone(),
            card: Some(card),
            metrics: Metrics::default(),
            renderer: FormRenderer::new(vec![PathBuf::from("/usr/share/fonts")]),
            anchors: None,
            hashes: choice.hashes.unwrap_or_else(|| HashQueue::new().unwrap()),
            console: ConsoleConfig {
                platform_key: Some(RealmKey::new(zeroize::Zeroizing::new(vec![9; 32]))),
                origin: choice.origin,
                ..ConsoleConfig::default()
            },
        };
        Self {
            cloud: Arc::new(cloud),
            clock,
            authority,
            trust,
            sealing,
            folder,
        }
    }

    /// The device API as a connection of this kiosk sees it; `None`: a connection without a certificate.
    pub(crate) fn device(&self, peer: Option<(&str, &str)>) -> Router {
        let router = device_router(self.cloud.clone());
        match peer {
            None => router,
            Some((tenant, kiosk)) => router.layer(axum::Extension(Peer {
                tenant: tenant.parse().unwrap(),
                kiosk: kiosk.parse().unwrap(),
            })),
        }
    }

    pub(crate) fn kiosk(&self) -> Router {
        self.device(Some((TOWN, "kiosk-1")))
    }

    /// Asks the core system about everything that came, as the service does a second later.
    pub(crate) async fn look_up(&self) {
        let now = self.clock.now();
        self.clock.set(now + SignedDuration::from_secs(1));
        let tenant = self.cloud.tenant(TOWN).unwrap();
        self.cloud.look_up_due(&tenant).await.unwrap();
        self.clock.set(now);
    }

    pub(crate) fn office(&self) -> Router {
        office_router(self.cloud.clone())
    }
}

/// A store with the keys of both towns and of the platform, as the service has it.
pub(crate) fn keyed(store: Store, sealing: &TenantPrivateKey) -> Store {
    let town = RealmKey::new(sealing.to_bytes());
    let platform = RealmKey::new(zeroize::Zeroizing::new(vec![9; 32]));
    let keys = [
        (TOWN.parse().unwrap(), town.store_keys().unwrap()),
        (OTHER.parse().unwrap(), town.store_keys().unwrap()),
        (Realm::Platform, platform.store_keys().unwrap()),
    ];
    store.with_keys(keys)
}

/// An answer, read whole.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    /// The problem's code; also holds that it is a whole problem document.
    #[track_caller]
    pub(crate) fn problem(&self) -> String {
        assert_eq!(self.headers["content-type"], "application/problem+json");
        let problem: kiosk_api::Problem = serde_json::from_slice(&self.body).unwrap();
        assert_eq!(problem.status, self.status.as_u16());
        assert_eq!(problem.title, problem.code.japanese());
        problem.code.as_str().to_owned()
    }
}

pub(crate) async fn send(router: Router, request: Request<Body>) -> Answer {
    let response = router.oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap().to_vec();
    Answer {
        status: parts.status,
        headers: parts.headers,
        body,
    }
}

pub(crate) async fn get(router: Router, path: &str) -> Answer {
    send(router, Request::get(path).body(Body::empty()).unwrap()).await
}

pub(crate) async fn post(router: Router, path: &str, body: &Value) -> Answer {
    post_bytes(
        router,
        path,
        "application/json",
        serde_json::to_vec(body).unwrap(),
    )
    .await
}

pub(crate) async fn post_bytes(router: Router, path: &str, kind: &str, body: Vec<u8>) -> Answer {
    send(
        router,
        Request::post(path)
            .header("content-type", kind)
            .body(Body::from(body))
            .unwrap(),
    )
    .await
}

/// As a machine client with this token.
pub(crate) async fn bearer(
    town: &Town,
    method: &str,
    path: &str,
    token: &str,
    body: Option<Value>,
) -> Answer {
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header("authorization", format!("Bearer {token}"));
    if body.is_some() {
        request = request.header("content-type", "application/json");
    }
    let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
    send(town.office(), request.body(body).unwrap()).await
}

fn edition_keys(folder: &Path) -> Vec<(String, Vec<u8>)> {
    use base64::Engine as _;
    let (private, public) = (folder.join("edition.key"), folder.join("edition.pub"));
    signing::new_edition_key(&private, &public).unwrap();
    let text = std::fs::read_to_string(public).unwrap();
    vec![(
        "k1".to_owned(),
        base64::engine::general_purpose::STANDARD
            .decode(text.trim())
            .unwrap(),
    )]
}

/// Signs the shipped catalogue and forms.
pub(crate) fn sign_assets(folder: &Path, code: &TenantCode) {
    for kind in [EditionKind::Catalogue, EditionKind::Forms] {
        let content = Edition {
            kind,
            tenant: code.clone(),
            edition: "2026-04-01.1".to_owned(),
            signed_at: now(),
            files: signing::edition_files(&assets(kind.as_str())).unwrap(),
        };
        publish(folder, content, "1.json");
    }
}

/// Signs an edition into the town's folder; gives its entity tag.
pub(crate) fn publish(folder: &Path, content: Edition, file: &str) -> String {
    let place = folder.join(content.kind.as_str());
    std::fs::create_dir_all(&place).unwrap();
    let key = folder.join("edition.key");
    let signed = match content.kind {
        EditionKind::Catalogue => signing::sign::<guidance::Catalogue>(content, "k1", &key),
        EditionKind::Forms => signing::sign::<application::FormSet>(content, "k1", &key),
    };
    let signed = signed.unwrap();
    std::fs::write(place.join(file), serde_json::to_vec(&signed).unwrap()).unwrap();
    signed.etag()
}

/// The town's sealing key, signed with its edition key.
fn signed_sealing_key(
    folder: &Path,
    code: &TenantCode,
    sealing: &TenantPrivateKey,
) -> SignedSealingKey {
    let key = SealingKey {
        key_id: "2026-1".to_owned(),
        public_key: sealing.public().to_bytes().into(),
    };
    let signer = folder.join("edition.key");
    signing::sign_sealing_key(code.clone(), key, now(), ("k1", &signer)).unwrap()
}

pub(crate) fn household(people: &[(&str, &str, &str, &str, &str)]) -> HouseholdRecord {
    let persons: Vec<Value> = people
        .iter()
        .map(|(resident, name, birth_date, sex, relationship)| {
            json!({
                "resident": resident, "name": name, "name_kana": "ミホン", "birth_date": birth_date, "sex": sex,
                "relationship": relationship, "head_of_household": *relationship == "世帯主",
                "health_insurance": "national", "my_number_card": true,
            })
        })
        .collect();
    serde_json::from_value(json!({
        "address": {"text": "見本県玄関町桜町一丁目２番３号", "postal_code": "0000001", "building": "花園ハイツ２０１"},
        "household": {"dogs": 1},
        "persons": persons,
    }))
    .unwrap()
}

/// A family, two men of one name, a household with a protected member, one with a fact that guidance does not know.
pub(crate) fn register() -> DemoCore {
    let mut family = household(&[
        ("R1", "見本　太郎", "1986-07-30", "1", "世帯主"),
        ("R2", "見本　花子", "1988-04-01", "2", "妻"),
        ("R3", "見本　桜", "2020-04-02", "2", "子"),
    ]);
    family.persons[0].certificates = vec![CertificateSerial::parse("1A2B").unwrap()];
    let twin = household(&[("R4", "同名　一郎", "1990-01-01", "1", "世帯主")]);
    let other_twin = household(&[("R5", "同名　一郎", "1990-01-01", "1", "世帯主")]);
    let mut shelter = household(&[
        ("R6", "安全　守", "1980-01-01", "1", "世帯主"),
        ("R7", "安全　光", "1982-02-02", "2", "妻"),
    ]);
    shelter.persons[1].protected = true;
    let mut odd = household(&[("R8", "変　則", "1970-01-01", "1", "世帯主")]);
    odd.persons[0]
        .facts
        .insert("shoe_size".to_owned(), json!(26));
    let households = [
        ("H1", family),
        ("H2", twin),
        ("H3", other_twin),
        ("H4", shelter),
        ("H5", odd),
    ];
    DemoCore::new(
        households
            .into_iter()
            .map(|(id, record)| (id.to_owned(), record))
            .collect(),
    )
}

pub(crate) fn items(name: &str, birth_date: &str, sex: u8) -> FourItems {
    FourItems {
        name: name.to_owned(),
        address: "見本県玄関町桜町一丁目２番３号".to_owned(),
        birth_date: birth_date.parse().unwrap(),
        sex,
    }
}
