//! A receipt's matter: the family's 転入.

use guidance::Words;
use jiff::civil::{Date, date};
use paper::code::Code;
use paper::receipt::{Counter, Receipt, ReceiptLine, ReceiptWords, When};

use super::{TENANT, assets};

fn words(ja: &str, simple: &str, en: &str) -> Words {
    Words::from_pairs([("ja", ja), ("ja-simple", simple), ("en", en)])
}

fn counter(number: u32, ja: &str, simple: &str, en: &str) -> Counter {
    let place = if number > 9 {
        words("2階", "2{階|かい}", "2nd floor")
    } else if number > 0 {
        words("1階", "1{階|かい}", "1st floor")
    } else {
        words(
            "庁舎の外",
            "ほかの {建物|たてもの}",
            "outside the town hall",
        )
    };
    Counter {
        number,
        title: words(ja, simple, en),
        place,
    }
}

fn residents() -> Counter {
    counter(
        1,
        "住民記録窓口",
        "{住民|じゅうみん}の {記録|きろく}の {窓口|まどぐち}",
        "Resident records",
    )
}

fn insurance() -> Counter {
    counter(
        5,
        "国保・年金窓口",
        "{国民健康保険|こくみんけんこうほけん}と {年金|ねんきん}の {窓口|まどぐち}",
        "Health insurance and pension",
    )
}

fn children() -> Counter {
    counter(
        10,
        "子育て支援窓口",
        "{子育|こそだ}ての {窓口|まどぐち}",
        "Child support",
    )
}

fn line(title: Words, who: &[&str], when: When, counter: Counter) -> ReceiptLine {
    ReceiptLine {
        title,
        who: who.iter().map(|name| (*name).to_owned()).collect(),
        when,
        counter,
        here: true,
        fee_yen: 0,
        statute: "住民基本台帳法22条".to_owned(),
    }
}

fn moving_in() -> Words {
    words(
        "転入届",
        "ほかの まちから {引|ひ}っ{越|こ}して きた ときの {届|とど}け",
        "Moving-in notification",
    )
}

fn lines() -> Vec<ReceiptLine> {
    let day: Date = date(2026, 5, 7);
    vec![
        line(moving_in(), &[], When::By(day), residents()),
        line(
            words(
                "国民健康保険 資格取得届",
                "{国民健康保険|こくみんけんこうほけん}に {入|はい}る",
                "Joining National Health Insurance",
            ),
            &["髙﨑　𠮷郎", "辻󠄀　マリア"],
            When::By(day),
            insurance(),
        ),
        line(
            words(
                "児童手当 認定請求",
                "{児童手当|じどうてあて}（{子|こ}どもの お{金|かね}）を もらう",
                "Claim for child allowance",
            ),
            &["髙﨑　𠮷郎"],
            When::Overdue(date(2026, 4, 20)),
            children(),
        ),
        ReceiptLine {
            here: false,
            fee_yen: 300,
            ..line(
                words(
                    "住民票の写し",
                    "{住民票|じゅうみんひょう}の {写|うつ}し",
                    "Copy of the resident record",
                ),
                &[],
                When::Any,
                residents(),
            )
        },
    ]
}

/// The family's receipt.
pub fn receipt(language: Option<&str>) -> Receipt {
    Receipt {
        town: "玄関町".to_owned(),
        kiosk: "本庁舎1階".to_owned(),
        code: Code {
            tenant: TENANT.to_owned(),
            reception: "03-260427-0015-4".to_owned(),
            application: "0190b3c0-0000-7000-8000-000000000001".to_owned(),
        },
        at: date(2026, 4, 27).at(10, 5, 0, 0),
        event: words(
            "引っ越してきた（転入）",
            "ほかの まちから ひっこして きた",
            "Moved in",
        ),
        who: ["髙﨑　𠮷郎", "辻󠄀　マリア", "髙﨑　陽翔", "髙﨑　さくら"]
            .map(str::to_owned)
            .to_vec(),
        lines: lines(),
        bring: vec![
            words(
                "全員のマイナンバーカードと暗証番号4桁",
                "みんなの マイナンバーカードと {番号|ばんごう}4つ",
                "Everyone's My Number Card and PIN",
            ),
            words(
                "振込先の通帳",
                "{銀行|ぎんこう}の {通帳|つうちょう}",
                "Bank book",
            ),
        ],
        notice: words(
            "この案内は見本です。",
            "この {案内|あんない}は {見本|みほん}です。",
            "This guidance is a sample.",
        ),
        language: language.map(str::to_owned),
    }
}

/// The same with every kind of due day, and a matter for another office.
pub fn many_lines(language: Option<&str>) -> Receipt {
    let mut receipt = receipt(language);
    let more = [
        ("国民年金 住所変更", When::With(moving_in()), insurance()),
        ("子ども医療費助成", When::Soon, children()),
        ("印鑑登録", When::After(14), residents()),
        ("転校の届出", When::Before(date(2026, 5, 11)), children()),
        (
            "マイクロチップ情報の変更登録",
            When::By(date(2026, 5, 20)),
            counter(
                0,
                "ほかの役所・勤務先",
                "ほかの {役所|やくしょ}や {会社|かいしゃ}",
                "Another office",
            ),
        ),
    ];
    receipt
        .lines
        .extend(more.map(|(ja, when, counter)| ReceiptLine {
            here: false,
            ..line(words(ja, ja, ja), &[], when, counter)
        }));
    receipt
}

pub fn receipt_words() -> ReceiptWords {
    let text = std::fs::read_to_string(assets().join("receipt.toml")).unwrap();
    ReceiptWords::from_toml(&text).unwrap()
}
