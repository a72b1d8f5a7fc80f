//! When two spellings are one resident.

use cloud_api::core_system::{normal, same_person};

use crate::town::{household, items};

#[test]
fn spellings_that_are_the_same() {
    let same = [
        ("山田　花子", "山田 花子"),
        ("山田花子", "山田　花子"),
        ("辻\u{E0100}子", "辻子"),
        ("一丁目２番３－４", "一丁目2番3-4"),
        ("1ー2ー3", "1-2-3"),
        ("１‐２", "1−2"),
        ("ＪＯＨＮ　Ｓｍｉｔｈ", "john smith"),
        ("神", "\u{FA19}"),
    ];
    for (a, b) in same {
        assert_eq!(normal(a), normal(b), "{a} {b}");
    }
}

#[test]
fn spellings_that_stay_different() {
    for (a, b) in [
        ("髙橋", "高橋"),
        ("﨑", "崎"),
        ("一丁目", "1丁目"),
        ("ハーバー", "ハバ"),
        ("𠮷田", "吉田"),
    ] {
        assert_ne!(normal(a), normal(b), "{a} {b}");
    }
}

#[test]
fn all_four_items_must_fit() {
    let record = household(&[("R1", "見本　花子", "1988-04-01", "9", "世帯主")]);
    let fits =
        |items: &kiosk_api::FourItems| same_person(items, &record.persons[0], &record.address);
    assert!(fits(&items("見本 花子", "1988-04-01", 9)));
    assert!(
        fits(&items("見本花子", "1988-04-01", 3)),
        "3 and 9 both say 適用不能"
    );
    assert!(!fits(&items("見本花子", "1988-04-01", 1)));
    assert!(!fits(&items("見本花子", "1988-04-02", 9)));
    let mut with_building = items("見本花子", "1988-04-01", 9);
    with_building.address.push_str(" 花園ハイツ201");
    assert!(fits(&with_building), "the card may carry the building");
    with_building.address.push('2');
    assert!(!fits(&with_building));
}
