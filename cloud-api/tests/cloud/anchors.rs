//! Heads of the trail outside the database: in a file, at a webhook, stamped by a time-stamping authority that the test starts
//! (OpenSSL's `ts`).

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State as Part;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::post;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cloud_api::anchor::{
    AnchorError, AnchorFile, Anchoring, SignedHead, StampError, StampRequest, verify_stamp,
};
use cloud_api::webhooks::{Guard, SigningSecret, SystemResolver};
use cloud_store::Realm;
use cloud_store::audit::{Actor, AuditEvent, AuditRecord, TrailFinding};
use tempfile::TempDir;

use crate::card::now;
use crate::core_http::serve;
use crate::dba::Dba;
use crate::town::{Choice, TOWN, Town};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

fn realm() -> Realm {
    TOWN.parse().unwrap()
}

async fn write(town: &Town, count: usize) {
    for n in 0..count {
        let actor = Actor::Staff("s1".to_owned());
        let record = AuditRecord::new(now(), actor, AuditEvent::Opened).about(n);
        town.cloud.store.record(&realm(), &record).await.unwrap();
    }
}

/// A time-stamping authority.
struct Authority {
    folder: TempDir,
}

impl Authority {
    fn new(key: &[&str]) -> Self {
        let one = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        let config = "[tsa]\ndefault_tsa = this\n[this]\nserial = serial\nsigner_cert = tsa.pem\nsigner_key = tsa.key\n\
                      certs = ca.pem\nsigner_digest = sha256\ndefault_policy = 1.2.3.4.1\ndigests = sha256\nordering = no\n\
                      tsa_name = yes\n[ext]\nextendedKeyUsage = critical,timeStamping\n";
        std::fs::write(one.at("tsa.cnf"), config).unwrap();
        std::fs::write(one.at("serial"), "01\n").unwrap();
        let ca = [
            "req",
            "-x509",
            "-nodes",
            "-days",
            "30000",
            "-subj",
            "/CN=Test TSA root",
            "-keyout",
            "ca.key",
            "-out",
            "ca.pem",
        ];
        one.openssl(&[&ca[..], &["-newkey"], key].concat());
        let request = [
            "req",
            "-nodes",
            "-subj",
            "/CN=Test TSA",
            "-keyout",
            "tsa.key",
            "-out",
            "tsa.csr",
        ];
        one.openssl(&[&request[..], &["-newkey"], key].concat());
        one.openssl(&[
            "x509",
            "-req",
            "-in",
            "tsa.csr",
            "-CA",
            "ca.pem",
            "-CAkey",
            "ca.key",
            "-days",
            "30000",
            "-set_serial",
            "2",
            "-extfile",
            "tsa.cnf",
            "-extensions",
            "ext",
            "-out",
            "tsa.pem",
        ]);
        one
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn openssl(&self, arguments: &[&str]) {
        run(self.folder.path(), arguments);
    }

    fn certificate(&self) -> Vec<u8> {
        let pem = std::fs::read(self.at("ca.pem")).unwrap();
        x509_parser::pem::parse_x509_pem(&pem).unwrap().1.contents
    }
}

fn run(folder: &Path, arguments: &[&str]) {
    let mut command = Command::new("openssl");
    let done = command
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{arguments:?}: {said}");
}

async fn stamp(Part(folder): Part<PathBuf>, query: Bytes) -> impl IntoResponse {
    std::fs::write(folder.join("query"), &query).unwrap();
    run(
        &folder,
        &[
            "ts",
            "-reply",
            "-config",
            "tsa.cnf",
            "-section",
            "this",
            "-queryfile",
            "query",
            "-out",
            "reply",
        ],
    );
    let reply = std::fs::read(folder.join("reply")).unwrap();
    (
        [(header::CONTENT_TYPE, "application/timestamp-reply")],
        reply,
    )
}

#[derive(Default)]
struct Receiver(Mutex<Vec<String>>);

async fn receive(Part(receiver): Part<Arc<Receiver>>, body: String) -> StatusCode {
    receiver.0.lock().unwrap().push(body);
    StatusCode::NO_CONTENT
}

fn anchoring(file: &Path) -> Anchoring {
    Anchoring {
        file: Some(AnchorFile::new(file.to_owned())),
        webhook: None,
        time_stamp: None,
        every: Duration::from_secs(60),
        guard: Guard::new(
            Arc::new(SystemResolver),
            vec!["127.0.0.0/8".parse().unwrap()],
        ),
        anchored: tokio::sync::Mutex::default(),
    }
}

/// A town whose heads go to a file, and whoever administers its database.
async fn anchored_town() -> (Town, Dba, PathBuf) {
    let (store, dba) = Dba::sqlite().await;
    let mut town = Town::new(Choice {
        store: Some(store),
        ..Choice::default()
    })
    .await;
    let file = town.folder.path().join("anchors.jsonl");
    Arc::get_mut(&mut town.cloud).unwrap().anchors = Some(AnchorFile::new(file.clone()));
    (town, dba, file)
}

async fn cut(dba: &Dba, to: i64) {
    dba.run(&format!("DELETE FROM audit WHERE seq > {to}"))
        .await;
    let hash = format!("(SELECT hash FROM audit WHERE seq = {to})");
    dba.run(&format!("UPDATE audit_heads SET seq = {to}, hash = {hash}"))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trail_that_was_cut_off_or_went_on_differently_is_named() {
    let (town, dba, file) = anchored_town().await;
    let anchoring = anchoring(&file);
    write(&town, 5).await;
    let head = anchoring
        .anchor(&town.cloud, &realm())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(head.seq, 5);
    assert!(
        anchoring
            .anchor(&town.cloud, &realm())
            .await
            .unwrap()
            .is_none(),
        "nothing new"
    );
    write(&town, 3).await;
    assert_eq!(
        anchoring
            .anchor(&town.cloud, &realm())
            .await
            .unwrap()
            .unwrap()
            .seq,
        8
    );
    let trail = async || town.cloud.inspect(&realm()).await.unwrap().0.trail;
    assert_eq!(trail().await, []);

    cut(&dba, 4).await;
    let at = head.at.to_string();
    let cut_off = TrailFinding::CutOff {
        last: 4,
        anchored: 8,
        at: at.clone(),
    };
    assert_eq!(trail().await, [cut_off]);
    let refused = anchoring.anchor(&town.cloud, &realm()).await.unwrap_err();
    assert!(matches!(refused, AnchorError::Rebuilt(8)), "{refused}");

    // The service itself goes on from there, with genuine tags; what was anchored is still missing.
    write(&town, 6).await;
    assert_eq!(
        trail().await,
        [5, 8].map(|seq| TrailFinding::NotAnchored {
            seq,
            at: at.clone()
        })
    );
    // A new process knows the file.
    let refused = self::anchoring(&file)
        .anchor(&town.cloud, &realm())
        .await
        .unwrap_err();
    assert!(matches!(refused, AnchorError::Rebuilt(8)), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_forged_is_not_signed_and_a_forged_anchor_is_named() {
    let (town, dba, file) = anchored_town().await;
    write(&town, 3).await;
    dba.run("UPDATE audit SET tag = NULL WHERE seq = 3").await;
    let refused = anchoring(&file)
        .anchor(&town.cloud, &realm())
        .await
        .unwrap_err();
    assert!(matches!(refused, AnchorError::Forged(3)), "{refused}");
    assert!(!file.exists());

    write(&town, 1).await;
    let head = anchoring(&file)
        .anchor(&town.cloud, &realm())
        .await
        .unwrap()
        .unwrap();
    let forged = SignedHead {
        seq: 2,
        ..head.clone()
    };
    AnchorFile::new(file.clone()).append(&forged).unwrap();
    let problems = town.cloud.inspect(&realm()).await.unwrap().1;
    assert_eq!(problems.len(), 1);
    assert!(
        problems[0].ends_with(":2: the signature does not hold"),
        "{problems:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_is_stamped_and_posted() {
    for key in [
        &["rsa:2048"][..],
        &["ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
    ] {
        let authority = Authority::new(key);
        let folder = authority.folder.path().to_owned();
        let stamps = serve(Router::new().route("/", post(stamp)).with_state(folder)).await;
        let receiver = Arc::new(Receiver::default());
        let router = Router::new().route("/head", post(receive));
        let base = serve(router.with_state(receiver.clone())).await;
        let (town, _dba, file) = anchored_town().await;
        write(&town, 2).await;
        let anchoring = Anchoring {
            webhook: Some((
                format!("{base}/head").parse().unwrap(),
                SigningSecret::parse(SECRET).unwrap(),
            )),
            time_stamp: Some((stamps.parse().unwrap(), vec![authority.certificate()])),
            ..anchoring(&file)
        };
        let head = anchoring
            .anchor(&town.cloud, &realm())
            .await
            .unwrap()
            .unwrap();
        let posted: SignedHead = serde_json::from_str(&receiver.0.lock().unwrap()[0]).unwrap();
        assert_eq!(posted, head);

        let token = STANDARD.decode(head.time_stamp.unwrap()).unwrap();
        let signed = head.signature.as_bytes();
        let by = [authority.certificate()];
        let stamped = verify_stamp(&token, signed, &by).unwrap();
        let apart = jiff::Timestamp::now()
            .duration_since(stamped.at)
            .as_secs()
            .abs();
        assert!(apart < 600, "the authority's own clock: {apart}");
        assert_eq!(verify_stamp(&token, b"other", &by), Err(StampError::Other));
        let other = [Authority::new(key).certificate()];
        assert!(matches!(
            verify_stamp(&token, signed, &other),
            Err(StampError::Signer(_))
        ));
        for place in 0..token.len() {
            let mut bent = token.clone();
            bent[place] ^= 1;
            if let Ok(still) = verify_stamp(&bent, signed, &by) {
                assert_eq!(
                    still, stamped,
                    "byte {place} is covered by no signature and means nothing"
                );
            }
        }
    }
}

/// Whatever an authority answers, nothing but a token to this very question is kept.
#[test]
fn nonsense_is_no_time_stamp() {
    let request = StampRequest::new(b"message", [1; 8]);
    for nonsense in [
        &b""[..],
        b"\x30\x00",
        b"\x30\x03\x02\x01\x00",
        b"<html>",
        &[0x30, 0x84, 0xff, 0xff, 0xff, 0xff],
    ] {
        assert!(
            matches!(request.token(nonsense), Err(StampError::Shape(_))),
            "{nonsense:?}"
        );
    }
    let refused = b"\x30\x05\x30\x03\x02\x01\x02";
    assert_eq!(request.token(refused), Err(StampError::Refused(2)));
}
