//! The device listener as it stands on the network: loopback, a free port, real handshakes.

use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;

use cloud_api::clock::SystemClock;
use cloud_api::{serve, settings::Settings, signing};
use reqwest::{Certificate, Client, Identity};
use tokio::net::TcpStream;
use tokio::sync::watch;

use crate::certificates::Ca;
use crate::secrets::write_secret;

fn kiosk(ca: &Ca, uris: &[&str]) -> Identity {
    let (certificate, key) = ca.kiosk(uris);
    Identity::from_pem(format!("{certificate}{key}").as_bytes()).unwrap()
}

fn settings(folder: &Path, ca: &Ca) -> Settings {
    let (certificate, key) = ca.server();
    for (name, text) in [
        ("ca.pem", ca.pem()),
        ("server.pem", certificate),
        ("server.key", key),
    ] {
        write_secret(&folder.join(name), text);
    }
    signing::new_sealing_key(&folder.join("sealing.key")).unwrap();
    let text = r#"
        database = "sqlite:a.sqlite"
        listen = "127.0.0.1:0"
        [device]
        listen = "127.0.0.1:0"
        certificate_file = "server.pem"
        private_key_file = "server.key"
        kiosk_ca_file = "ca.pem"
        [[tenant]]
        code = "990019"
        name = "玄関町"
        kiosks = ["kiosk-1"]
        sealing_key_id = "k"
        sealing_key_file = "sealing.key"
    "#;
    std::fs::write(folder.join("cloud-api.toml"), text).unwrap();
    Settings::read(&folder.join("cloud-api.toml")).unwrap()
}

fn client(ca: &Ca, identity: Option<Identity>) -> Client {
    let root = Certificate::from_pem(ca.pem().as_bytes()).unwrap();
    let builder = Client::builder().tls_certs_only([root]).no_proxy();
    identity
        .into_iter()
        .fold(builder, |builder, identity| builder.identity(identity))
        .build()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn kiosks_by_certificate_and_nobody_else() {
    let (folder, ca, stranger) = (tempfile::tempdir().unwrap(), Ca::new(), Ca::new());
    let settings = settings(folder.path(), &ca);
    let cloud = serve::open(&settings, Arc::new(SystemClock)).await.unwrap();
    let bound = serve::bind(&settings, cloud).await.unwrap();
    let (office, device) = (bound.office, bound.device.unwrap());
    let (stop, stopped) = watch::channel(false);
    let running = tokio::spawn(bound.run(stopped));

    let url = format!("https://{device}/v1/990019/masters");
    let good = client(&ca, Some(kiosk(&ca, &["urn:genkan:kiosk:990019:kiosk-1"])));
    let answer = good.get(&url).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert!(answer.text().await.unwrap().contains("revision"));

    // More silent connections than handshakes may be made at once; the kiosk gets its answer while they are all still open.
    let mut silent = Vec::new();
    for _ in 0..100 {
        silent.push(TcpStream::connect(device).await.unwrap());
    }
    let other = client(&ca, Some(kiosk(&ca, &["urn:genkan:kiosk:990019:kiosk-1"])));
    assert_eq!(other.get(&url).send().await.unwrap().status(), 200);
    for stream in &silent {
        let waits = stream.try_read(&mut [0]).map_err(|error| error.kind());
        assert_eq!(waits, Err(ErrorKind::WouldBlock), "it was closed first");
    }
    drop(silent);

    // The handshake or the first read fails; which of the two depends on the TLS version.
    let refused = [
        None,
        Some(kiosk(&stranger, &["urn:genkan:kiosk:990019:kiosk-1"])),
        Some(kiosk(&ca, &[])),
        Some(kiosk(&ca, &["urn:genkan:kiosk:990018:kiosk-1"])),
        Some(kiosk(
            &ca,
            &[
                "urn:genkan:kiosk:990019:kiosk-1",
                "urn:genkan:kiosk:990027:kiosk-1",
            ],
        )),
    ];
    for identity in refused {
        assert!(client(&ca, identity).get(&url).send().await.is_err());
    }
    let not_enrolled = client(&ca, Some(kiosk(&ca, &["urn:genkan:kiosk:990019:kiosk-7"])));
    assert_eq!(not_enrolled.get(&url).send().await.unwrap().status(), 401);
    let foreign = client(&ca, Some(kiosk(&ca, &["urn:genkan:kiosk:990027:kiosk-1"])));
    assert_eq!(foreign.get(&url).send().await.unwrap().status(), 404);

    let health = Client::builder()
        .no_proxy()
        .build()
        .unwrap()
        .get(format!("http://{office}/healthz"));
    assert_eq!(health.send().await.unwrap().status(), 200);
    stop.send_replace(true);
    running.await.unwrap().unwrap();
}
