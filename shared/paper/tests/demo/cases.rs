//! Three households that a form must hold: an ordinary one, one with long Latin names and addresses, one with rare kanji
//! and more text than its boxes.

use application::{Source, ValueSet};

use super::values;

/// Their names.
pub const CASES: [&str; 3] = ["family", "foreign", "rare"];

/// Names, furigana, birth date, relationship of one person.
type Person = [&'static str; 4];

const FOREIGN: [Person; 4] = [
    [
        "DOS SANTOS OLIVEIRA MARIA APARECIDA FERNANDA",
        "ドス　サントス　オリヴェイラ　マリア　アパレシーダ　フェルナンダ",
        "1986年12月28日",
        "世帯主",
    ],
    [
        "NGUYEN PHAM HOANG ANH TUAN",
        "グエン　ファム　ホアン　アイン　トゥアン",
        "1984年1月1日",
        "夫",
    ],
    [
        "OLIVEIRA NGUYEN LUCAS GABRIEL",
        "オリヴェイラ　グエン　ルーカス　ガブリエル",
        "2017年10月20日",
        "子",
    ],
    [
        "OLIVEIRA NGUYEN SOFIA",
        "オリヴェイラ　グエン　ソフィア",
        "2022年11月18日",
        "子",
    ],
];

const RARE: [Person; 4] = [
    [
        "髙﨑　𠮷郎左衛門尉信春",
        "タカサキ　ヨシロウザエモンノジョウノブハル",
        "大正15年12月25日",
        "世帯主",
    ],
    [
        "辻󠄀　マリア",
        "ツジ　マリア",
        "昭和20年月日不詳",
        "妻（未届）",
    ],
    ["𠮷", "キチ", "平成29年9月20日", "子の子"],
    [
        "髙﨑　さくら",
        "タカサキ　サクラ",
        "令和4年11月頃",
        "妻（未届）の子の子",
    ],
];

/// The values of one of [`CASES`].
pub fn case(name: &str) -> ValueSet {
    match name {
        "foreign" => changed(
            &FOREIGN,
            "二丁目1234番地の56　ガーデンヒルズ縁側ウエストタワー第２期棟1205号室",
            "ブラジル連邦共和国",
        ),
        "rare" => changed(
            &RARE,
            "字上框敷居之内髙﨑辻󠄀前一丁目1234番地の56　コーポラティブハウス𠮷祥寺フォレストガーデンヒルズ第三期ウエストアネックスタワー南館地下一階1205号室（髙﨑𠮷郎左衛門尉信春方）",
            "見本県土間郡縁側町大字濡縁字上框敷居之内髙﨑辻󠄀前一丁目1234番地の56",
        ),
        _ => values(),
    }
}

fn changed(people: &[Person; 4], address: &str, domicile: &str) -> ValueSet {
    let mut set = values();
    for (id, [name, kana, born, relationship]) in ["A", "B", "C", "D"].into_iter().zip(people) {
        let key = |what: &str| format!("persons[{id}].{what}");
        set.set(key("name"), *name, Source::Card);
        set.set(key("name_kana"), *kana, Source::Core);
        set.set(key("birth_date"), *born, Source::Core);
        set.set(key("relationship"), *relationship, Source::Core);
        set.set(key("domicile"), domicile, Source::Core);
        set.set(key("head_of_register"), people[0][0], Source::Core);
    }
    let home = format!("見本県土間郡縁側町大字濡縁{address}");
    set.set("home.address", home, Source::Card);
    set.set("home.head_name", people[0][0], Source::Core);
    set.set("new_home.number", address, Source::Resident);
    let said = [
        ("spouse.name", people[1][0]),
        ("spouse.name_kana", people[1][1]),
        (
            "applicant.employer",
            "株式会社見本マニュファクチャリング・ジャパン玄関工場",
        ),
        ("bank.name", "見本県信用農業協同組合連合会"),
        ("bank.branch", "縁側駅前インターネット専用出張所"),
        (
            "insurance.other_name",
            "全国見本機械器具製造業及び関連産業従事者健康保険組合",
        ),
    ];
    for (key, text) in said {
        set.set(key, text, Source::Resident);
    }
    set
}
