//! Both listeners against clients that are silent, slow or many. Nothing here is timed: the service's own deadlines are short
//! where one is waited for and long where it must not help, and a client reads until the service has closed.

use std::path::Path;
use std::sync::Arc;

use axum::body::Body;
use axum::http::Request;
use cloud_api::clock::SystemClock;
use cloud_api::router::office_router;
use cloud_api::{serve, settings::Settings, signing};
use reqwest::{Certificate, Client, Identity};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::certificates::Ca;
use crate::secrets::write_secret;
use crate::town::send;

/// As many as an attacker opens from one machine without effort.
const MANY: usize = 400;

struct Service {
    ca: Ca,
    office: std::net::SocketAddr,
    device: std::net::SocketAddr,
    stop: watch::Sender<bool>,
    running: JoinHandle<Result<(), serve::ServeError>>,
    _folder: tempfile::TempDir,
}

impl Service {
    /// A service with these lines in `[connections]`.
    async fn open(connections: &str) -> Self {
        let (folder, ca) = (tempfile::tempdir().unwrap(), Ca::new());
        let settings = settings(folder.path(), &ca, connections);
        let cloud = serve::open(&settings, Arc::new(SystemClock)).await.unwrap();
        let bound = serve::bind(&settings, cloud).await.unwrap();
        let (office, device) = (bound.office, bound.device.unwrap());
        let (stop, stopped) = watch::channel(false);
        Self {
            ca,
            office,
            device,
            stop,
            running: tokio::spawn(bound.run(stopped)),
            _folder: folder,
        }
    }

    fn kiosk(&self) -> Client {
        let (certificate, key) = self.ca.kiosk(&["urn:genkan:kiosk:990019:kiosk-1"]);
        let identity = Identity::from_pem(format!("{certificate}{key}").as_bytes()).unwrap();
        let root = Certificate::from_pem(self.ca.pem().as_bytes()).unwrap();
        let builder = Client::builder().tls_certs_only([root]).no_proxy();
        builder.identity(identity).build().unwrap()
    }

    async fn nonce(&self, kiosk: &Client) -> u16 {
        let url = format!("https://{}/v1/990019/nonces", self.device);
        kiosk.post(url).send().await.unwrap().status().as_u16()
    }

    async fn health(&self) -> u16 {
        let client = Client::builder().no_proxy().build().unwrap();
        let url = format!("http://{}/healthz", self.office);
        client.get(url).send().await.unwrap().status().as_u16()
    }

    async fn end(self) {
        self.stop.send_replace(true);
        self.running.await.unwrap().unwrap();
    }
}

fn settings(folder: &Path, ca: &Ca, connections: &str) -> Settings {
    let (certificate, key) = ca.server();
    for (name, text) in [
        ("ca.pem", ca.pem()),
        ("server.pem", certificate),
        ("server.key", key),
    ] {
        write_secret(&folder.join(name), text);
    }
    signing::new_sealing_key(&folder.join("sealing.key")).unwrap();
    let text = format!(
        r#"
        database = "sqlite:a.sqlite"
        listen = "127.0.0.1:0"
        [connections]
        {connections}
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
        "#
    );
    std::fs::write(folder.join("cloud-api.toml"), text).unwrap();
    Settings::read(&folder.join("cloud-api.toml")).unwrap()
}

/// Bytes of a real ClientHello.
fn client_hello() -> Vec<u8> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    let name = "127.0.0.1".try_into().unwrap();
    let mut client = rustls::ClientConnection::new(Arc::new(config), name).unwrap();
    let mut hello = Vec::new();
    client.write_tls(&mut hello).unwrap();
    hello
}

/// From an address of its own on loopback.
async fn from(host: u8, to: std::net::SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(([127, 0, 0, host], 0).into()).unwrap();
    socket.connect(to).await.unwrap()
}

async fn opened(to: std::net::SocketAddr, count: usize, says: &[u8]) -> Vec<TcpStream> {
    let mut all = Vec::new();
    for _ in 0..count {
        let mut stream = TcpStream::connect(to).await.unwrap();
        stream.write_all(says).await.unwrap();
        all.push(stream);
    }
    all
}

/// Everything that came until the service closed. A reset is an end, too: what was not read by the service makes one.
async fn until_closed(mut stream: TcpStream) -> String {
    let mut all = Vec::new();
    let _reset = stream.read_to_end(&mut all).await;
    String::from_utf8_lossy(&all).into_owned()
}

/// Deadlines that no test lives to see.
const PATIENT: &str = "hello_ms = 3600000\nhandshake_ms = 3600000\nhead_ms = 3600000\nbody_ms = 3600000\nidle_ms = 3600000";

#[tokio::test(flavor = "multi_thread")]
async fn a_kiosk_gets_in_beside_hundreds_that_are_silent_or_stop_anywhere_in_their_handshake() {
    let service = Service::open(PATIENT).await;
    let hello = client_hello();
    for says in [
        &[][..],
        &hello[..1],
        &hello[..6],
        &hello[..hello.len() - 1],
        &hello[..],
    ] {
        let strangers = opened(service.device, MANY, says).await;
        assert_eq!(
            service.nonce(&service.kiosk()).await,
            201,
            "{} bytes",
            says.len()
        );
        assert_eq!(service.health().await, 200);
        drop(strangers);
    }
    service.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_listener_closes_who_waited_longest_and_keeps_kiosks() {
    let service = Service::open(&format!("device = 64\nper_address = 64\n{PATIENT}")).await;
    let kiosk = service.kiosk();
    assert_eq!(service.nonce(&kiosk).await, 201);
    let mut strangers = opened(service.device, MANY, &client_hello()[..6]).await;
    let still_open = strangers.split_off(MANY - 63);
    for stranger in strangers {
        assert_eq!(until_closed(stranger).await, "");
    }
    assert_eq!(service.nonce(&kiosk).await, 201);
    assert_eq!(service.nonce(&service.kiosk()).await, 201);
    drop(still_open);
    service.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_office_answers_beside_hundreds_of_half_heads_and_half_bodies() {
    let service = Service::open(&format!("office = 64\n{PATIENT}")).await;
    let half_head = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Slow: ";
    let half_body = b"POST /v1/990019/oauth/token HTTP/1.1\r\nHost: localhost\r\n\
        Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 400\r\n\r\ngrant";
    for says in [&b""[..], &half_head[..], &half_body[..]] {
        let strangers = opened(service.office, MANY, says).await;
        assert_eq!(service.health().await, 200);
        assert_eq!(service.nonce(&service.kiosk()).await, 201);
        drop(strangers);
    }
    service.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_opens_too_many_closes_its_own() {
    let service = Service::open(&format!("office = 256\nper_address = 16\n{PATIENT}")).await;
    let mut other = from(2, service.office).await;
    let strangers = opened(service.office, 100, b"G").await;
    for stranger in strangers.into_iter().take(84) {
        assert_eq!(until_closed(stranger).await, "");
    }
    let request = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    other.write_all(request).await.unwrap();
    assert!(until_closed(other).await.starts_with("HTTP/1.1 200"));
    service.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_the_settings_name_may_open_as_many_as_the_listener_holds() {
    let service = Service::open(&format!(
        "office = 256\nper_address = 16\nproxies = [\"127.0.0.0/8\"]\n{PATIENT}"
    ))
    .await;
    let strangers = opened(service.office, 100, b"").await;
    for mut stranger in strangers {
        let request = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        stranger.write_all(request).await.unwrap();
        assert!(until_closed(stranger).await.starts_with("HTTP/1.1 200"));
    }
    service.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn half_a_hello_and_half_a_handshake_end() {
    let service = Service::open("hello_ms = 50\nhandshake_ms = 50").await;
    let hello = client_hello();
    for says in [&[][..], &hello[..6], &hello[..]] {
        for stranger in opened(service.device, 3, says).await {
            until_closed(stranger).await;
        }
    }
    service.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn half_a_head_half_a_body_and_idleness_end() {
    let service = Service::open("head_ms = 50\nbody_ms = 50\nidle_ms = 50").await;
    let head = opened(service.office, 1, b"GET /healthz HTTP/1.1\r\nHo").await;
    for stranger in head {
        assert!(until_closed(stranger).await.starts_with("HTTP/1.1 408"));
    }
    let post = |path: &str, kind: &str| {
        format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\nContent-Length: 400\r\n\r\n{{"
        )
    };
    for says in [
        post(
            "/v1/990019/oauth/token",
            "application/x-www-form-urlencoded",
        ),
        post(
            "/console/990019/log-in",
            "application/x-www-form-urlencoded",
        ),
    ] {
        for stranger in opened(service.office, 1, says.as_bytes()).await {
            let answer = until_closed(stranger).await;
            assert!(answer.starts_with("HTTP/1.1 408"), "{says}\n{answer}");
            assert!(answer.contains("too_slow"), "{answer}");
        }
    }
    let idle = opened(
        service.office,
        1,
        b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n",
    )
    .await;
    for stranger in idle {
        assert!(until_closed(stranger).await.starts_with("HTTP/1.1 200"));
    }
    for silent in opened(service.office, 1, b"").await {
        assert_eq!(until_closed(silent).await, "");
    }
    service.end().await;
}

/// A byte now and then does not buy more time: the whole head, the whole body has one deadline.
#[tokio::test(flavor = "multi_thread")]
async fn trickling_buys_no_time() {
    let service = Service::open("head_ms = 200\nbody_ms = 200").await;
    let body = "POST /v1/990019/oauth/token HTTP/1.1\r\nHost: localhost\r\n\
        Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 10000\r\n\r\n";
    for (begin, drop) in [("GET /healthz HTTP/1.1\r\nX: ", b"x"), (body, b"a")] {
        let stream = TcpStream::connect(service.office).await.unwrap();
        let (mut read, mut write) = stream.into_split();
        write.write_all(begin.as_bytes()).await.unwrap();
        let mut every = tokio::time::interval(std::time::Duration::from_millis(5));
        let trickle = async {
            loop {
                every.tick().await;
                if write.write_all(drop).await.is_err() {
                    return;
                }
            }
        };
        let mut answer = Vec::new();
        let reading = async {
            let _reset = read.read_to_end(&mut answer).await;
        };
        tokio::select! {
            () = trickle => {}
            () = reading => {}
        }
        // The reset that meets the last drop may overtake the answer.
        let said = answer.is_empty() || answer.starts_with(b"HTTP/1.1 408");
        assert!(said, "{begin}");
    }
    service.end().await;
}

/// Behind a proxy with TLS: cookies that no neighbour of the domain can set, and a browser that never comes by http again.
#[tokio::test]
async fn by_https_cookies_are_of_this_host_alone() {
    let (folder, ca) = (tempfile::tempdir().unwrap(), Ca::new());
    let mut settings = settings(folder.path(), &ca, "");
    for (origin, host) in [
        (Some("https://genkan.example.lg.jp"), "genkan.example.lg.jp"),
        (None, "localhost"),
    ] {
        settings.origin = origin.map(str::to_owned);
        let cloud = serve::open(&settings, Arc::new(SystemClock)).await.unwrap();
        let request = Request::get("/console/language/en").header("host", host);
        let request = request.body(Body::empty()).unwrap();
        let answer = send(office_router(cloud), request).await;
        let cookie = answer.headers["set-cookie"].to_str().unwrap();
        let https = origin.is_some();
        assert_eq!(
            cookie.starts_with("__Host-language=en; Path=/; Secure"),
            https,
            "{cookie}"
        );
        assert_eq!(
            answer.headers.contains_key("strict-transport-security"),
            https
        );
        assert_eq!(answer.headers["cross-origin-opener-policy"], "same-origin");
        assert_eq!(
            answer.headers["cross-origin-resource-policy"],
            "same-origin"
        );
    }
}
