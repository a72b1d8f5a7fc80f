//! Card login at the door of the register.

use std::sync::Arc;
use std::time::Duration;

use cloud_api::core_system::{CoreError, CoreSystem, Found, HouseholdRecord, Later, Named};
use jiff::SignedDuration;
use kiosk_api::{
    FaceProof, FourItems, LoginProof, NonceId, NonceReply, face_message, login_message_with_face,
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::card::{TestCard, Wanted, now};
use crate::face::FACES;
use crate::town::{Answer, Choice, OTHER, TOWN, Town, items, post, post_bytes, town};

pub(crate) async fn nonce(town: &Town, kiosk: &str) -> NonceReply {
    let router = town.device(Some((TOWN, kiosk)));
    let answer = post_bytes(router, "/v1/990019/nonces", "text/plain", Vec::new()).await;
    assert_eq!(answer.status, 201);
    serde_json::from_slice(&answer.body).unwrap()
}

/// A proof as a kiosk makes it of one card, whose face has these items.
fn proof(card: &TestCard, nonce: &NonceReply, kiosk: &str, items: FourItems) -> Value {
    let (tenant, id) = (TOWN.parse().unwrap(), kiosk.parse().unwrap());
    let face = FACES.face(&items, &face_message(&tenant, &id, &nonce.nonce.0));
    with_face(card, nonce, kiosk, face)
}

/// The certificate's signature covers this face, whatever it is.
pub(crate) fn with_face(
    card: &TestCard,
    nonce: &NonceReply,
    kiosk: &str,
    face: FaceProof,
) -> Value {
    let (tenant, id) = (TOWN.parse().unwrap(), kiosk.parse().unwrap());
    let message = login_message_with_face(&tenant, &id, &nonce.nonce.0, &face);
    let proof = LoginProof {
        certificate: card.certificate.clone().into(),
        signature: card.sign(&message).into(),
        nonce: nonce.id,
        face: Some(face),
        items: None,
    };
    serde_json::to_value(&proof).unwrap()
}

pub(crate) async fn ask(town: &Town, kiosk: &str, proof: &Value) -> Answer {
    post(
        town.device(Some((TOWN, kiosk))),
        "/v1/990019/household",
        proof,
    )
    .await
}

/// A whole login at kiosk-1.
async fn log_in(town: &Town, card: &TestCard, items: FourItems) -> Answer {
    let nonce = nonce(town, "kiosk-1").await;
    ask(town, "kiosk-1", &proof(card, &nonce, "kiosk-1", items)).await
}

pub(crate) fn hanako() -> FourItems {
    items("見本　花子", "1988-04-01", 2)
}

#[tokio::test]
async fn the_household_comes_with_the_card_holder_first() {
    let town = Town::new(Choice {
        editions: true,
        ..Choice::default()
    })
    .await;
    let answer = log_in(&town, &town.authority.card(&Wanted::default()), hanako()).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let reply = answer.json();
    assert_eq!(reply["verification"]["revocation"], "checked");
    let persons = reply["facts"]["persons"].as_array().unwrap();
    let roles: Vec<_> = persons
        .iter()
        .map(|p| (p["id"].as_str().unwrap(), p["role"].as_str().unwrap()))
        .collect();
    assert_eq!(roles, [("A", "self"), ("B", "spouse"), ("C", "child")]);
    assert_eq!(reply["facts"]["as_of"], "2026-04-27");
    assert_eq!(
        reply["values"]["persons[A].name"],
        json!({"text": "見本　花子", "source": "core"})
    );
    assert_eq!(
        reply["values"]["persons[B].birth_date"]["text"],
        "昭和61年7月30日"
    );
    assert_eq!(reply["values"]["home.head_name"]["text"], "見本　太郎");
    assert_eq!(reply["values"]["home.postal_code"]["text"], "000-0001");
    assert!(
        !answer.text().contains("protected") && !answer.text().contains("R2"),
        "only what a kiosk may know"
    );
    let mut facts = reply["facts"].clone();
    facts["event"] = json!({"kind": "move_within", "date": "2026-04-20"});
    assert!(guidance::Facts::from_value(&facts).is_ok());
}

/// The household comes all the same, and staff look at the card: 未確認.
#[tokio::test]
async fn a_revocation_that_cannot_be_checked_is_said_to_the_kiosk() {
    let town = town().await;
    type State = fn(&Town);
    let states: [(State, &str); 4] = [
        (|town| town.trust.remove("lists", "0.crl"), "unknown"),
        (|town| list_until(town, (2026, 4, 26)), "unknown"),
        (
            |town| town.trust.write("lists", "0.crl", b"\x30\x82 no list"),
            "unknown",
        ),
        (|town| list_until(town, (2026, 5, 20)), "checked"),
    ];
    for (at, (state, expected)) in states.into_iter().enumerate() {
        state(&town);
        let answer = log_in(&town, &town.authority.card(&Wanted::default()), hanako()).await;
        assert_eq!(answer.status, 200, "{at}");
        let found = &answer.json()["verification"]["revocation"];
        assert_eq!(found, expected, "{at}");
    }
}

fn list_until(town: &Town, until: (i32, u8, u8)) {
    let list = town.authority.list(&[666], until, None);
    town.trust.write("lists", "0.crl", &list);
}

#[tokio::test]
async fn a_nonce_is_good_once_here_and_now() {
    let town = town().await;
    let card = town.authority.card(&Wanted::default());
    let given = nonce(&town, "kiosk-1").await;
    let good = proof(&card, &given, "kiosk-1", hanako());
    assert_eq!(
        ask(&town, "kiosk-2", &good).await.problem(),
        "nonce_unknown"
    );
    assert_eq!(ask(&town, "kiosk-1", &good).await.status, 200);
    assert_eq!(ask(&town, "kiosk-1", &good).await.problem(), "nonce_used");

    let mut invented = good.clone();
    invented["nonce"] = json!(NonceId(Uuid::from_u128(5)));
    assert_eq!(
        ask(&town, "kiosk-1", &invented).await.problem(),
        "nonce_unknown"
    );

    let late = nonce(&town, "kiosk-1").await;
    town.clock.set(now() + SignedDuration::from_secs(181));
    assert_eq!(
        ask(&town, "kiosk-1", &proof(&card, &late, "kiosk-1", hanako()))
            .await
            .problem(),
        "nonce_expired"
    );
}

#[tokio::test]
async fn a_signature_made_for_another_kiosk_or_nonce_is_worth_nothing() {
    let town = town().await;
    let card = town.authority.card(&Wanted::default());
    let (one, two) = (nonce(&town, "kiosk-1").await, nonce(&town, "kiosk-1").await);
    let mut swapped = proof(&card, &one, "kiosk-1", hanako());
    swapped["nonce"] = json!(two.id);
    assert_eq!(
        ask(&town, "kiosk-1", &swapped).await.problem(),
        "login_refused"
    );
    assert_eq!(
        ask(&town, "kiosk-1", &proof(&card, &one, "kiosk-2", hanako()))
            .await
            .problem(),
        "login_refused"
    );
}

#[tokio::test]
async fn a_failed_proof_spends_its_nonce() {
    let town = town().await;
    let card = town.authority.card(&Wanted::default());
    let given = nonce(&town, "kiosk-1").await;
    let good = proof(&card, &given, "kiosk-1", hanako());
    let mut wrong = good.clone();
    wrong["signature"] = json!("AAAA");
    assert_eq!(
        ask(&town, "kiosk-1", &wrong).await.problem(),
        "login_refused"
    );
    assert_eq!(ask(&town, "kiosk-1", &good).await.problem(), "nonce_used");
}

#[tokio::test]
async fn certificates_that_are_over_say_so() {
    let town = town().await;
    let expired = town.authority.card(&Wanted {
        until: (2026, 4, 1),
        ..Wanted::default()
    });
    assert_eq!(
        log_in(&town, &expired, hanako()).await.problem(),
        "certificate_expired"
    );
    let revoked = town.authority.card(&Wanted {
        serial: 666,
        ..Wanted::default()
    });
    assert_eq!(
        log_in(&town, &revoked, hanako()).await.problem(),
        "certificate_revoked"
    );
    let stranger = crate::card::TestAuthority::new(1, true).card(&Wanted::default());
    assert_eq!(
        log_in(&town, &stranger, hanako()).await.problem(),
        "login_refused"
    );
}

#[tokio::test]
async fn nobody_or_several_is_a_problem_and_never_a_guess() {
    let town = town().await;
    let card = town.authority.card(&Wanted::default());
    for unknown in [
        items("見本　花", "1988-04-01", 2),
        items("見本　花子", "1988-04-02", 2),
        items("見本　花子", "1988-04-01", 1),
    ] {
        assert_eq!(log_in(&town, &card, unknown).await.problem(), "no_match");
    }
    assert_eq!(
        log_in(&town, &card, items("同名　一郎", "1990-01-01", 1))
            .await
            .problem(),
        "several_match"
    );
}

#[tokio::test]
async fn a_protected_household_looks_like_no_household() {
    let town = town().await;
    let card = town.authority.card(&Wanted::default());
    let nobody = log_in(&town, &card, items("誰　か", "1980-01-01", 1)).await;
    let hidden = log_in(&town, &card, items("安全　守", "1980-01-01", 1)).await;
    assert_eq!((hidden.status, &hidden.body), (nobody.status, &nobody.body));
    let page = crate::people::look(
        &town,
        &crate::people::clerk_of(&town, TOWN).await,
        "/console/990019",
    )
    .await
    .text();
    assert!(page.contains("確認が必要な世帯") && !page.contains("安全"));

    let own = log_in(&town, &card, items("安全　光", "1982-02-02", 2)).await;
    assert_eq!(
        own.status, 200,
        "the protected person gets their own household"
    );
    assert!(!own.text().contains("protected"));
}

#[tokio::test]
async fn a_refusal_keeps_its_time() {
    let refusal_after = Duration::from_millis(120);
    let town = Town::new(Choice {
        refusal_after,
        ..Choice::default()
    })
    .await;
    let card = town.authority.card(&Wanted::default());
    for person in [
        items("誰　か", "1980-01-01", 1),
        items("安全　守", "1980-01-01", 1),
    ] {
        let given = nonce(&town, "kiosk-1").await;
        let wanted = proof(&card, &given, "kiosk-1", person);
        let started = std::time::Instant::now();
        assert_eq!(ask(&town, "kiosk-1", &wanted).await.problem(), "no_match");
        assert!(started.elapsed() >= refusal_after);
    }
}

#[tokio::test]
async fn a_register_that_breaks_the_agreement_is_not_believed() {
    let town = town().await;
    let card = town.authority.card(&Wanted::default());
    let answer = log_in(&town, &card, items("変　則", "1970-01-01", 1)).await;
    assert_eq!(answer.problem(), "core_wrong_answer");
    assert!(!answer.text().contains("shoe"));
}

/// A core system that always fails in one way.
struct Failing(CoreError);

impl CoreSystem for Failing {
    fn find<'a>(&'a self, _: &'a FourItems) -> Later<'a, Vec<Found>> {
        Box::pin(async { Err(self.0.clone()) })
    }

    fn household<'a>(&'a self, _: &'a str) -> Later<'a, Option<HouseholdRecord>> {
        Box::pin(async { Err(self.0.clone()) })
    }

    fn protects<'a>(&'a self, _: &'a Named) -> Later<'a, bool> {
        Box::pin(async { Err(self.0.clone()) })
    }
}

#[tokio::test]
async fn each_failure_of_the_core_system_has_its_code() {
    let failures = [
        (CoreError::Unreachable, "core_unreachable"),
        (CoreError::Slow, "core_slow"),
        (CoreError::WrongAnswer("x".to_owned()), "core_wrong_answer"),
    ];
    for (failure, code) in failures {
        let core: Arc<dyn CoreSystem> = Arc::new(Failing(failure));
        let town = Town::new(Choice {
            core: Some(core),
            ..Choice::default()
        })
        .await;
        assert_eq!(
            log_in(&town, &town.authority.card(&Wanted::default()), hanako())
                .await
                .problem(),
            code
        );
    }
}

#[tokio::test]
async fn a_foreign_towns_kiosk_gets_nothing() {
    let town = town().await;
    let foreign = town.device(Some((OTHER, "kiosk-1")));
    let answer = post_bytes(foreign, "/v1/990019/nonces", "text/plain", Vec::new()).await;
    assert_eq!(answer.problem(), "not_found");
}
