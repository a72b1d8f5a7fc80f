//! Goldens of the wire: what is written here is what an older kiosk sends and expects.
#![allow(clippy::unwrap_used)]

use application::{
    APPLICATION_VERSION, Application, CardCheck, FormUse, Signature, Source, ValueSet,
};
use jiff::civil::date;
use kiosk_api::{
    ApplicationId, Bytes, Count, Edition, EditionFile, EditionKind, Entropy, EventKind, FaceProof,
    FactsDocument, FourItems, Heartbeat, HeartbeatReply, HouseholdReply, KioskId, LoginProof,
    NonceId, NonceReply, Part, PartState, PartStatus, Problem, ProblemCode, Receipt, Revocation,
    SealedApplication, SealingKey, SignedEdition, StaffCall, StaffCallId, StaffCallReason,
    TenantCode, TenantPrivateKey, TownMasters, Verification, face_message, login_message,
    login_message_with_face, route,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use uuid::Uuid;

fn tenant() -> TenantCode {
    "990019".parse().unwrap()
}

fn kiosk() -> KioskId {
    "kiosk-1".parse().unwrap()
}

fn uuid(n: u128) -> Uuid {
    Uuid::from_u128(0x0196_7111_0000_7000_8000_0000_0000_0000 + n)
}

fn application() -> Application {
    let mut values = ValueSet::default();
    values.set("persons[A].name", "見本　花子", Source::Core);
    Application {
        version: APPLICATION_VERSION,
        id: uuid(1).to_string(),
        tenant: "990019".to_owned(),
        kiosk: "kiosk-1".to_owned(),
        reception: Some("03-260427-0015-4".to_owned()),
        as_of: date(2026, 4, 27),
        event: "move_in".to_owned(),
        language: "ja".to_owned(),
        applicant: Some("A".to_owned()),
        facts: json!({"as_of": "2026-04-27"}),
        plan: guidance::Plan::empty(date(2026, 4, 27)),
        forms: vec![FormUse {
            form: "resident_record_change".to_owned(),
            persons: vec!["A".to_owned()],
        }],
        values,
        forms_edition: None,
        signature: Signature::OnPaper,
        card: CardCheck::Verified,
        notes: Vec::new(),
    }
}

/// One of everything that a town can set.
fn masters() -> Value {
    let hours = |from: &str, until: &str| json!({"from": from, "until": until});
    json!({
        "site": [{"id": "s1", "name": {"ja": "本庁舎", "en": "Main hall"}, "address": "式台一丁目１番１号", "phone": "0000-00-0100", "kiosks": ["kiosk-1"]}],
        "opening": {"weekdays": hours("08:30:00", "17:15:00"), "more": [{"day": "saturday", "hours": hours("09:00:00", "12:00:00")}]},
        "counter": [{"id": "tax", "number": 7, "place": {"ja": "2階"}, "site": "s1", "hours": hours("09:00:00", "16:00:00")}],
        "closed": {"2026-12-15": "町制記念日"},
        "fee": {"cert_fee_juminhyo": 250},
    })
}

fn face() -> FaceProof {
    FaceProof {
        items: Bytes(vec![0xFF, 0x20]),
        record: Bytes(vec![0xFF, 0x30]),
        certificate: Bytes(vec![0x7F, 0x21]),
        card_key: Bytes(vec![0xFF, 0x50]),
        signature: Bytes(vec![4, 5, 6]),
    }
}

/// Written as JSON it is the golden, and the golden reads back to the same JSON.
fn golden<T: Serialize + DeserializeOwned>(name: &str, value: &T) {
    let written: Value = serde_json::to_value(value).unwrap();
    insta::assert_json_snapshot!(name, written);
    let read: T = serde_json::from_value(written.clone()).unwrap();
    assert_eq!(
        serde_json::to_value(&read).unwrap(),
        written,
        "{name} does not read back"
    );
}

#[test]
fn login() {
    let at = "2026-04-27T01:02:03Z".parse().unwrap();
    golden(
        "nonce_reply",
        &NonceReply {
            id: NonceId(uuid(2)),
            nonce: Bytes(vec![7; 32]),
            expires_at: at,
        },
    );
    let items = FourItems {
        name: "見本　花子".to_owned(),
        address: "見本県玄関町桜町一丁目２番３号".to_owned(),
        birth_date: date(1988, 4, 1),
        sex: 2,
    };
    golden(
        "login_proof",
        &LoginProof {
            certificate: Bytes(vec![0x30, 0]),
            signature: Bytes(vec![1, 2, 3]),
            nonce: NonceId(uuid(2)),
            face: Some(face()),
            items: None,
        },
    );
    golden(
        "login_proof_without_face",
        &LoginProof {
            certificate: Bytes(vec![0x30, 0]),
            signature: Bytes(vec![1, 2, 3]),
            nonce: NonceId(uuid(2)),
            face: None,
            items: Some(items),
        },
    );
    let mut values = ValueSet::default();
    values.set("persons[A].name", "見本　花子", Source::Core);
    golden(
        "household_reply",
        &HouseholdReply {
            facts: FactsDocument(
                json!({"as_of": "2026-04-27", "persons": [{"id": "A", "role": "self"}]}),
            ),
            values,
            verification: Verification {
                checked_at: at,
                revocation: Revocation::Unknown,
                certificate_until: at,
            },
        },
    );
}

#[test]
fn what_the_card_signs_names_tenant_kiosk_nonce_and_the_whole_face() {
    let of = |face: &FaceProof| login_message_with_face(&tenant(), &kiosk(), &[7; 32], face);
    let whole = of(&face());
    let changes: [fn(&mut FaceProof) -> &mut Bytes; 5] = [
        |face| &mut face.items,
        |face| &mut face.record,
        |face| &mut face.certificate,
        |face| &mut face.card_key,
        |face| &mut face.signature,
    ];
    for part in changes {
        let mut other = face();
        part(&mut other).0.push(0);
        assert!(of(&other) != whole);
    }
    // Nothing can be moved from one part to the next.
    let mut moved = face();
    moved.items.0.extend(moved.record.0.drain(..1));
    assert!(of(&moved) != whole);
    let plain = login_message(&tenant(), &kiosk(), &[7; 32]);
    assert!(plain != face_message(&tenant(), &kiosk(), &[7; 32]));
    let elsewhere = "kiosk-2".parse().unwrap();
    assert!(plain != login_message(&tenant(), &elsewhere, &[7; 32]));
}

#[test]
fn applications() {
    let key = TenantPrivateKey::derive(&Entropy::new([9; 32]));
    let sealed = SealedApplication::seal(
        &application(),
        tenant(),
        kiosk(),
        ApplicationId(uuid(1)),
        ("2026-1", &key.public()),
        Entropy::new([5; 32]),
    )
    .unwrap();
    golden("sealed_application", &sealed);
    let read = sealed.open(&key).unwrap();
    assert!(read == application());

    let old = include_str!("stored/sealed-version-1.json");
    let old: SealedApplication = serde_json::from_str(old).unwrap();
    assert!(
        old.open(&key).unwrap() == application(),
        "what an older kiosk sealed opens as what it would be today"
    );
    golden(
        "sealing_key",
        &SealingKey {
            key_id: "2026-1".to_owned(),
            public_key: key.public().to_bytes().into(),
        },
    );
    let at = "2026-04-27T01:02:03Z".parse().unwrap();
    golden(
        "receipt",
        &Receipt {
            id: ApplicationId(uuid(1)),
            received_at: at,
            repeated: false,
        },
    );
}

#[test]
fn editions() {
    let content = Edition {
        kind: EditionKind::Catalogue,
        tenant: tenant(),
        edition: "2026-04-01.1".to_owned(),
        signed_at: "2026-03-20T00:00:00Z".parse().unwrap(),
        files: vec![EditionFile {
            path: "edition.toml".to_owned(),
            text: "[edition]\n".to_owned(),
        }],
    };
    let canonical: String = content
        .canonical_bytes()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    insta::assert_snapshot!("edition_canonical_bytes", canonical);
    let signed = SignedEdition {
        content,
        key_id: "2026-1".to_owned(),
        signature: Bytes(vec![0xab; 64]),
    };
    assert_eq!(signed.etag(), "\"2026-04-01.1-abababababababababababab\"");
    golden("signed_edition", &signed);
}

#[test]
fn status() {
    let at = "2026-04-27T01:02:03Z".parse().unwrap();
    golden(
        "heartbeat",
        &Heartbeat {
            at,
            software: "0.1.0".to_owned(),
            catalogue: Some("2026-04-01.1".to_owned()),
            forms: None,
            outbox: 2,
            parts: vec![PartStatus {
                part: Part::FormPrinter,
                state: PartState::Stopped,
            }],
            events: vec![Count {
                kind: EventKind::VisitBegun,
                count: 3,
            }],
        },
    );
    golden(
        "heartbeat_reply",
        &HeartbeatReply {
            now: at,
            catalogue_etag: Some("\"x\"".to_owned()),
            forms_etag: None,
            masters_etag: Some("\"masters-3\"".to_owned()),
        },
    );
    golden(
        "town_masters",
        &TownMasters {
            revision: 3,
            masters: serde_json::from_value(masters()).unwrap(),
        },
    );
    golden(
        "staff_call",
        &StaffCall {
            id: StaffCallId(uuid(3)),
            at,
            reason: StaffCallReason::Printer,
        },
    );
}

#[test]
fn problems_in_both_languages() {
    let all: Vec<Value> = ProblemCode::ALL
        .iter()
        .map(|code| serde_json::to_value(Problem::new(*code)).unwrap())
        .collect();
    insta::assert_json_snapshot!("problems", all);
    for code in ProblemCode::ALL {
        let on_wire = serde_json::to_value(code).unwrap();
        assert_eq!(
            on_wire,
            code.as_str(),
            "the word table must equal serde's name"
        );
        assert!(!code.japanese().is_ascii() && code.english().is_ascii());
        assert!((400..600).contains(&code.status()));
    }
    golden(
        "problem_with_path",
        &Problem::new(ProblemCode::InvalidDocument)
            .detail("unknown value")
            .at("persons[1].role"),
    );
}

#[test]
fn a_code_of_a_newer_cloud_is_unknown_and_not_an_error() {
    let mut newer = serde_json::to_value(Problem::new(ProblemCode::Busy)).unwrap();
    newer["code"] = json!("something_new");
    let read: Problem = serde_json::from_value(newer).unwrap();
    assert_eq!(read.code, ProblemCode::Unknown);
    assert_eq!(read.status, 503);
}

#[test]
fn unknown_keys_are_refused() {
    let odd = json!({"id": uuid(3), "at": "2026-04-27T01:02:03Z", "reason": "asked", "name": "x"});
    assert!(serde_json::from_value::<StaffCall>(odd).is_err());
}

#[test]
fn a_reply_of_a_newer_cloud_is_read_without_what_is_unknown() {
    fn newer<T: Serialize + DeserializeOwned>(reply: &T) {
        let plain = serde_json::to_value(reply).unwrap();
        let mut with_more = plain.clone();
        with_more["of_a_later_release"] = json!({"any": "thing"});
        let read: T = serde_json::from_value(with_more).unwrap();
        assert_eq!(serde_json::to_value(&read).unwrap(), plain);
    }
    let now = "2026-04-27T01:02:03Z".parse().unwrap();
    newer(&HeartbeatReply {
        now,
        catalogue_etag: None,
        forms_etag: None,
        masters_etag: None,
    });
    newer(&Receipt {
        id: ApplicationId(uuid(1)),
        received_at: now,
        repeated: false,
    });
    newer(&SealingKey {
        key_id: "2026-04".to_owned(),
        public_key: Bytes(vec![1; 32]),
    });
    newer(&NonceReply {
        id: NonceId(uuid(2)),
        nonce: Bytes(vec![2; 32]),
        expires_at: now,
    });
    newer(&Verification {
        checked_at: now,
        revocation: Revocation::Checked,
        certificate_until: now,
    });
}

#[test]
fn paths_name_the_tenant() {
    assert_eq!(route::path(route::NONCES, &tenant()), "/v1/990019/nonces");
}
