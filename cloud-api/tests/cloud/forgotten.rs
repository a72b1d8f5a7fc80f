//! Nothing of a resident is in the service's memory once a request is answered: an application comes in and is looked at, and then
//! every page of the process's memory is searched for its words.

use application::{Application, Source};

use crate::clerk::Clerk;
use crate::device_api;
use crate::house::{House, Replica};

#[path = "../../../kiosk/app/tests/forgotten/memory.rs"]
mod memory;

const NAME: &str = "鷗野　縫之介";
const KANA: &str = "ヌヱノ　アヤセコ";
const PHONE: &str = "09087654329";

fn application(house: &House, n: u16) -> Application {
    let mut one = device_api::application(u128::from(n) << 64);
    one.tenant = house.towns[0].to_string();
    let day = jiff::civil::date(2026, 4, 27);
    one.reception = Some(application::reception_number(1, day, n).unwrap());
    for (key, text) in [
        ("persons[A].name", NAME),
        ("persons[A].name_kana", KANA),
        ("applicant.phone", PHONE),
    ] {
        one.values.set(key, text, Source::Resident);
    }
    one
}

async fn send(house: &House, replica: &Replica, application: &Application) {
    let code = &house.towns[0];
    let answer = house
        .client(code, "kiosk-1")
        .post(format!("https://{}/v1/{code}/applications", replica.device))
        .header("content-type", "application/json")
        .body(house.sealed(application))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 201);
}

#[tokio::test]
async fn after_intake_and_a_clerks_look_no_word_of_it_is_in_the_memory() {
    let house = House::new(1, 1);
    let settings = house.settings(&format!("sqlite:{}", house.at("cloud.sqlite").display()));
    let replica = Replica::start(env!("CARGO_BIN_EXE_cloud-api"), &settings);
    let memory = memory::Memory::of(replica.child.id(), [NAME, KANA, PHONE].into_iter());
    let mut clerk = Clerk::added(&settings, &house.towns[0]).await;
    clerk.log_in(&replica.office).await;
    for n in 1..=3 {
        let one = application(&house, n);
        send(&house, &replica, &one).await;
        for path in ["", "/forms/1"] {
            let page = format!("/applications/{}{path}", one.id);
            let seen = clerk.look(&replica.office, &page).await;
            assert!(!path.is_empty() || String::from_utf8_lossy(&seen).contains(NAME));
        }
    }
    // A connection keeps its buffers as long as it is kept.
    drop(clerk);
    let mut left = Vec::new();
    for _ in 0..40 {
        let found = memory.search();
        left = found.into_iter().filter(|found| found.count > 0).collect();
        if left.is_empty() {
            return;
        }
        tokio::task::yield_now().await;
    }
    let left: Vec<String> = left
        .iter()
        .map(|found| format!("{}: {}", found.what, found.count))
        .collect();
    panic!("{left:?}");
}
