//! Names that are searched for without being stored.

use cloud_api::casework::{NameKey, fold};
use cloud_api::tenant::RealmKey;
use cloud_store::{InboxFilter, Realm, Store};
use proptest::prelude::*;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::device_api::{application, seal};
use crate::imported::code;
use crate::people::{clerk_of, csrf, form, look};
use crate::town::{Choice, TOWN, Town};
use crate::work::{ONE, with_one};

pub(crate) fn key() -> NameKey {
    NameKey::of(&RealmKey::new(Zeroizing::new(vec![7; 32])))
        .ok()
        .unwrap()
}

#[test]
fn spellings_of_one_name_are_one() {
    for (one, other) in [
        ("ワタナベ　ハナコ", "わたなべはなこ"),
        ("ガッツ", "カツツ"),
        ("ユーキ", "ユキ"),
        ("ｷﾑﾗ ﾊﾅｺ", "キムラ　ハナコ"),
        ("渡邉󠄂　髙志", "渡辺高志"),
        ("齋藤", "斎藤"),
        ("Nguyễn Văn A", "ＮＧＵＹỄＮ　ＶĂＮ　Ａ"),
        ("ヴー・ティ", "ウテイ"),
    ] {
        assert_eq!(fold(one), fold(other), "{one} {other}");
    }
    assert_ne!(fold("田中"), fold("中田"));
}

#[test]
fn a_name_is_found_by_any_part_of_it() {
    let sealed = key().seal("a", ["タナカ　ハナコ", "田中　花子"]);
    let finds = |typed: &str| key().contains("a", &sealed, &fold(typed));
    for typed in [
        "たなかはなこ",
        "タナカ",
        "はなこ",
        "たな",
        "タナカハ",
        "田中",
        "花子",
    ] {
        assert!(finds(typed), "{typed}");
    }
    assert!(!finds("たなかはなえ") && !finds("なかはなこ花"));
    assert!(
        !key().contains("b", &sealed, &fold("タナカ")),
        "sealed to its application"
    );
    let other = NameKey::of(&RealmKey::new(Zeroizing::new(vec![8; 32])))
        .ok()
        .unwrap();
    assert!(
        !other.contains("a", &sealed, &fold("タナカ")),
        "and to its town"
    );
}

/// Whoever reads the database can count; so nothing of equal names is equal, not even the length.
#[test]
fn equal_names_look_like_different_ones() {
    let families = ["佐藤　花子", "佐藤　花子", "一　一", "勅使河原　彦左衛門"];
    let sealed: Vec<Vec<u8>> = families.iter().map(|one| key().seal("a", [*one])).collect();
    assert!(sealed.iter().all(|one| one.len() == sealed[0].len()));
    for (n, one) in sealed.iter().enumerate() {
        for other in &sealed[..n] {
            let same = one.iter().zip(other).filter(|(a, b)| a == b).count();
            assert!(same < one.len() / 8, "no part of one stands in another");
        }
    }
}

proptest! {
    /// Folding twice is folding once: an index made by one version of a text finds the other.
    #[test]
    fn folding_is_stable(text in "[ぁ-んァ-ヶ一-龠a-zA-Z　ー・が-ぽ]{0,12}") {
        prop_assert_eq!(fold(&fold(&text)), fold(&text));
    }
}

#[tokio::test]
async fn a_name_is_searched_for_without_standing_in_any_address() {
    let town = with_one().await;
    let session = clerk_of(&town, TOWN).await;
    let token = csrf(&look(&town, &session, "/console/990019").await.text());
    let search = async |typed: &str| {
        let fields = [("csrf", token.as_str()), ("q", typed)];
        form(&town, &session, "/console/990019/find", &fields).await
    };
    for typed in ["見本", "みほん　はなこ", "ﾐﾎﾝ", "はなこ", "見本花子"] {
        let answer = search(typed).await;
        assert_eq!(answer.status, 200, "{typed}");
        assert!(
            answer.text().contains(ONE) && answer.text().contains("見本　花子"),
            "{typed}"
        );
    }
    let nobody = search("みほんはなえ").await.text();
    assert!(nobody.contains("見つかりません") && !nobody.contains(ONE));
    let trail = town
        .cloud
        .store
        .trail(&Realm::Town(code()), 1, 100)
        .await
        .unwrap();
    let searches: Vec<_> = trail
        .iter()
        .filter(|entry| entry.event == "searched")
        .collect();
    assert_eq!(searches.len(), 6);
    assert!(
        searches
            .iter()
            .all(|entry| !entry.detail.contains('見') && entry.detail.contains("name")),
        "the trail holds no name"
    );
}

/// A database as the first released program left it.
#[tokio::test]
async fn applications_of_the_first_schema_are_found_after_an_update() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("old.sqlite").display());
    let pool = sqlx::SqlitePool::connect(&format!("{url}?mode=rwc"))
        .await
        .unwrap();
    let first = include_str!("../../store/migrations/0001_begin.sql").replace("BYTEA", "BLOB");
    sqlx::raw_sql(sqlx::AssertSqlSafe(first))
        .execute(&pool)
        .await
        .unwrap();
    sqlx::raw_sql(
        "CREATE TABLE schema_migrations (version BIGINT PRIMARY KEY, name TEXT NOT NULL); INSERT INTO schema_migrations VALUES (1, 'begin')",
    )
    .execute(&pool)
    .await
    .unwrap();
    let sealing = Town::new(Choice::default()).await;
    for (id, envelope) in [
        (1u128, seal(&sealing, &application(1), 1, 1).to_string()),
        (2, "{}".to_owned()),
    ] {
        sqlx::query("INSERT INTO applications VALUES ('990019', $1, 'kiosk-1', '03-260427-0015-4', 'move_in', '2026-04-27', 1, 'none', 0, 'received', 1777000000000, $2)")
            .bind(Uuid::from_u128(id).to_string())
            .bind(envelope.into_bytes())
            .execute(&pool)
            .await
            .unwrap();
    }
    pool.close().await;

    let town = Town::new(Choice {
        store: Some(Store::open(&url, None).await.unwrap()),
        ..Choice::default()
    })
    .await;
    let tenant = town.cloud.tenant(TOWN).unwrap();
    assert_eq!(
        town.cloud.index_old(&tenant).await.ok(),
        Some(1),
        "one does not open"
    );
    assert_eq!(town.cloud.index_old(&tenant).await.ok(), Some(0), "once");
    let key = NameKey::of(&tenant.key()).ok().unwrap();
    let store = &town.cloud.store;
    let sealed = store.sealed_names(&code(), None, 9).await.unwrap();
    let named = sealed
        .iter()
        .filter(|one| key.contains(&one.cursor.id.to_string(), &one.names, &fold("みほん")));
    let named: Vec<_> = named.map(|one| one.cursor.id).collect();
    let found = store.applications_of(&code(), &named).await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].due.as_deref(), Some("2026-05-11"));
    assert_eq!(
        town.cloud
            .store
            .inbox(&code(), &InboxFilter::default(), 9)
            .await
            .unwrap()
            .len(),
        2,
        "nothing is lost"
    );
}
