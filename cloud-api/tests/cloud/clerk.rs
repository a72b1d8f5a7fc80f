//! A clerk in a browser, at a running service's console.

use std::path::Path;
use std::sync::Arc;

use cloud_api::clock::SystemClock;
use cloud_api::serve;
use cloud_api::settings::Settings;
use cloud_api::staff::{Enrolled, Password, SecondFactor};
use cloud_store::audit::Actor;
use cloud_store::{Realm, Rights, Role};
use jiff::Timestamp;
use kiosk_api::TenantCode;
use reqwest::{Client, Response, redirect};

const PASSWORD: &str = "correct horse battery";
const SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

pub(crate) struct Clerk {
    http: Client,
    cookie: String,
    town: TenantCode,
}

impl Clerk {
    /// Adds somebody to a town, past the service.
    pub(crate) async fn added(settings: &Path, town: &TenantCode) -> Self {
        let cloud = serve::open(&Settings::read(settings).unwrap(), Arc::new(SystemClock))
            .await
            .unwrap();
        let realm = Realm::from(town);
        let key = cloud.realm_key(&realm).unwrap();
        let enrolled = Enrolled {
            password: Password::typed(PASSWORD.to_owned()),
            factor: SecondFactor::from_base32(SECRET).unwrap(),
        };
        let (name, rights) = (("hanako", "見本　職員"), Rights::of([Role::Clerk]));
        cloud
            .add_enrolled(&realm, &key, Actor::Command, name, rights, enrolled)
            .await
            .unwrap();
        cloud.store.close().await;
        let http = Client::builder()
            .no_proxy()
            .redirect(redirect::Policy::none());
        Self {
            http: http.build().unwrap(),
            cookie: String::new(),
            town: town.clone(),
        }
    }

    /// Both steps of the log-in, at the service of this address.
    pub(crate) async fn log_in(&mut self, office: &str) {
        let code = SecondFactor::from_base32(SECRET)
            .unwrap()
            .code(Timestamp::now());
        for (path, fields) in [
            ("/log-in", vec![("login", "hanako"), ("password", PASSWORD)]),
            ("/code", vec![("code", code.as_str())]),
        ] {
            let answer = self.post(office, path, &fields).await;
            assert_eq!(answer.status(), 303, "{path}");
            let all = answer.headers()["set-cookie"].to_str().unwrap();
            self.cookie = all.split(';').next().unwrap().to_owned();
        }
    }

    /// Posts a form of the town's console.
    pub(crate) async fn post(&self, office: &str, path: &str, fields: &[(&str, &str)]) -> Response {
        self.http
            .post(format!("http://{office}/console/{}{path}", self.town))
            .header("cookie", &self.cookie)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(serde_urlencoded::to_string(fields).unwrap())
            .send()
            .await
            .unwrap()
    }

    /// A page of the town's console, whole.
    pub(crate) async fn look(&self, office: &str, path: &str) -> Vec<u8> {
        let answer = self
            .http
            .get(format!("http://{office}/console/{}{path}", self.town))
            .header("cookie", &self.cookie)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        answer.bytes().await.unwrap().to_vec()
    }

    /// What the forms of this session's pages carry.
    pub(crate) async fn csrf(&self, office: &str) -> String {
        let page = String::from_utf8(self.look(office, "").await).unwrap();
        let (_, rest) = page.split_once("name=\"csrf\" value=\"").unwrap();
        rest.split('"').next().unwrap().to_owned()
    }
}
