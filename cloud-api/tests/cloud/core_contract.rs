//! What every core system answers, whichever member of the family it is.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use cloud_api::core_system::{CertificateLink, CoreSystem, HttpCore, ImportedCore, Named};
use cloud_api::jpki::CertificateSerial;
use kiosk_api::FourItems;
use serde::Deserialize;
use serde_json::json;

use crate::imported::{import_register, keys};
use crate::postgres::Cluster;
use crate::town::{Choice, TOWN, Town, items, register};

async fn numbers(core: &dyn CoreSystem, wanted: &FourItems) -> Vec<(String, String)> {
    let found = core.find(wanted).await.unwrap();
    let mut found: Vec<_> = found
        .into_iter()
        .map(|one| (one.resident, one.household))
        .collect();
    found.sort();
    found
}

fn pair(resident: &str, household: &str) -> (String, String) {
    (resident.to_owned(), household.to_owned())
}

async fn holds(core: &dyn CoreSystem) {
    let one = items("見本　花子", "1988-04-01", 2);
    assert_eq!(numbers(core, &one).await, [pair("R2", "H1")]);
    let mut spelt = items("見本 花子", "1988-04-01", 2);
    spelt.address = "見本県玄関町桜町一丁目2番3号　花園ハイツ201".to_owned();
    assert_eq!(
        numbers(core, &spelt).await,
        [pair("R2", "H1")],
        "spelling, building"
    );
    let twins = items("同名　一郎", "1990-01-01", 1);
    assert_eq!(
        numbers(core, &twins).await,
        [pair("R4", "H2"), pair("R5", "H3")]
    );
    for nobody in [
        items("見本　花子", "1988-04-02", 2),
        items("見本　花子", "1988-04-01", 1),
        items("見本　花", "1988-04-01", 2),
        items("' OR 1=1 --", "1988-04-01", 2),
    ] {
        assert!(numbers(core, &nobody).await.is_empty());
    }

    let household = core.household("H1").await.unwrap().unwrap();
    let expected = register().household("H1").await.unwrap().unwrap();
    assert!(
        household == expected,
        "as the register has it, in its order"
    );
    for (resident, serial, expected) in [
        ("R1", "1a2b", CertificateLink::Own),
        ("R1", "1A2C", CertificateLink::Another),
        ("R2", "1A2B", CertificateLink::Unknown),
    ] {
        let serial = CertificateSerial::parse(serial).unwrap();
        assert_eq!(household.link(resident, &serial), expected);
    }
    let shelter = core.household("H4").await.unwrap().unwrap();
    let protected: Vec<bool> = shelter.persons.iter().map(|one| one.protected).collect();
    assert_eq!(protected, [false, true]);
    assert!(core.household("H9").await.unwrap().is_none());
    protects(core).await;
}

async fn protects(core: &dyn CoreSystem) {
    for (name, birth_date, expected) in [
        ("安全　光", Some("1982-02-02"), true),
        ("安全 光", Some("1982-02-02"), true),
        ("安全　守", Some("1980-01-01"), true),
        ("安全　光", None, true),
        ("安全　光", Some("1982-02-03"), false),
        ("安全　光子", Some("1982-02-02"), false),
        ("見本　花子", Some("1988-04-01"), false),
        ("同名　一郎", Some("1990-01-01"), false),
        ("' OR 1=1 --", None, false),
    ] {
        let person = Named {
            name: name.to_owned(),
            birth_date: birth_date.map(|day| day.parse().unwrap()),
        };
        assert_eq!(
            core.protects(&person).await.unwrap(),
            expected,
            "{name} {birth_date:?}"
        );
    }
}

#[tokio::test]
async fn demo_holds() {
    holds(&register()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn imported_holds_on_either_database() {
    let cluster = Cluster::start();
    let postgres = crate::dba::opened(&cluster).await;
    for store in [None, Some(postgres)] {
        let town = Town::new(Choice {
            editions: true,
            store,
            ..Choice::default()
        })
        .await;
        import_register(&town).await;
        let keys = Arc::new(keys(&town));
        let store = town.cloud.store.clone();
        let core = ImportedCore::new(store.clone(), TOWN.parse().unwrap(), keys);
        holds(&core).await;
        store.close().await;
    }
}

#[derive(Deserialize)]
struct Find {
    name: String,
    address: String,
    birth_date: jiff::civil::Date,
    sex: String,
}

type Demo = Arc<cloud_api::core_system::DemoCore>;

async fn find(State(demo): State<Demo>, axum::Json(find): axum::Json<Find>) -> impl IntoResponse {
    let wanted = FourItems {
        name: find.name,
        address: find.address,
        birth_date: find.birth_date,
        sex: find.sex.parse().unwrap(),
    };
    axum::Json(json!({"matches": demo.find(&wanted).await.unwrap()}))
}

async fn household(State(demo): State<Demo>, Path(id): Path<String>) -> impl IntoResponse {
    match demo.household(&id).await.unwrap() {
        Some(record) => axum::Json(json!(record)).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

#[derive(Deserialize)]
struct Protected {
    name: String,
    birth_date: Option<jiff::civil::Date>,
}

async fn protected(
    State(demo): State<Demo>,
    axum::Json(asked): axum::Json<Protected>,
) -> impl IntoResponse {
    let person = Named {
        name: asked.name,
        birth_date: asked.birth_date,
    };
    axum::Json(json!({"protected": demo.protects(&person).await.unwrap()}))
}

#[tokio::test]
async fn http_holds() {
    let router = Router::new()
        .route("/v1/residents/find", post(find))
        .route("/v1/residents/protected", post(protected))
        .route("/v1/households/{id}", get(household))
        .with_state(Arc::new(register()));
    let base = crate::core_http::serve(router).await;
    holds(&HttpCore::new(&base, "t", std::time::Duration::from_secs(20)).unwrap()).await;
}
