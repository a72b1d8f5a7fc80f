//! The plan, a line of it, and every pad.

use jiff::civil::date;
use session::screen::{
    Body, BringItem, Choice, DatePad, EntryBody, Pad, PlanBody, PlanCard, Screen, Step,
};
use session::text::Text;

use super::{Look, choice, plain, screen, words};

pub(super) fn screens(look: &Look) -> Vec<(&'static str, Screen)> {
    let mut out = vec![
        ("plan", screen(look, Some(Step::Plan), true, plan())),
        (
            "plan-detail",
            screen(
                look,
                Some(Step::Plan),
                false,
                Body::PlanDetail(Box::new(card(true, true))),
            ),
        ),
    ];
    for (name, pad) in pads() {
        out.push((name, screen(look, Some(Step::Forms), true, entry(pad))));
    }
    let mut problem = screen(
        look,
        Some(Step::Forms),
        true,
        entry(Pad::Kana("ヤマダ".to_owned())),
    );
    if let Body::Entry(EntryBody { problem, .. }) = &mut problem.body {
        *problem = Some(words(
            "姓と名の間を空けてください。",
            "{名字|みょうじ}と {名前|なまえ}の {間|あいだ}を あけて ください。",
            "Leave a space between family and given name.",
        ));
    }
    out.push(("entry-problem", problem));
    out
}

fn plan() -> Body {
    let mut second = card(false, false);
    second.id = super::id("line:2");
    second.title = words(
        "児童手当の認定請求",
        "{子|こ}どもの お{金|かね}（{児童|じどう}{手当|てあて}）",
        "Claim child allowance",
    );
    Body::Plan(PlanBody {
        title: words(
            "あなたに必要な手続きは3つです",
            "{手続|てつづ}きは 3つ あります",
            "You need three procedures",
        ),
        summary: words(
            "2つはここで書類を作れます。いちばん早い期限は6月24日(水)です。",
            "2つは ここで できます。",
            "Two can be done here. The first is due on Wed 24 June.",
        ),
        lines: vec![card(true, false), second, card(true, true)],
        bring: bring(),
    })
}

fn bring() -> Vec<BringItem> {
    vec![
        BringItem {
            item: words(
                "年金手帳または基礎年金番号通知書",
                "{年金|ねんきん}の {手帳|てちょう}",
                "Pension book",
            ),
            needed: true,
            why: None,
        },
        BringItem {
            item: words(
                "転出証明書",
                "{転出|てんしゅつ}{証明書|しょうめいしょ}",
                "Moving-out certificate",
            ),
            needed: false,
            why: Some(words(
                "カードで届け出たので、紙は要りません",
                "カードが あるので いりません",
                "Your card replaces the paper",
            )),
        },
    ]
}

fn card(here: bool, overdue: bool) -> PlanCard {
    PlanCard {
        id: super::id(if overdue { "line:1" } else { "line:0" }),
        title: words(
            "国民健康保険の加入の届け出",
            "{国民|こくみん}{健康|けんこう}{保険|ほけん}に {入|はい}る",
            "Join National Health Insurance",
        ),
        who: vec![plain("山田 太郎"), plain("𠮷田 花子")],
        level: words("届け出が必要です", "しなければ なりません", "Required"),
        due: (!overdue).then(|| {
            Text::WordsWith(
                guidance::Words::from_pairs([
                    ("ja", "{day}まで"),
                    ("ja-simple", "{day}まで"),
                    ("en", "by {day}"),
                ]),
                vec![("day", Text::Date(date(2026, 6, 24)))],
            )
        }),
        overdue: overdue.then(|| {
            words(
                "期限は過ぎていますが、今日届け出ができます。",
                "{遅|おく}れましたが、{今日|きょう} できます。",
                "The day has passed, but you can still file today.",
            )
        }),
        counter: words(
            "2番 保険年金課",
            "2{番|ばん} {保険|ほけん}{年金課|ねんきんか}",
            "Counter 2, Insurance and Pensions",
        ),
        here,
        fee: Some(words(
            "手数料はかかりません",
            "お{金|かね}は いりません",
            "No fee",
        )),
        bring: bring(),
        statute: "国民健康保険法第9条第1項、同法施行規則第2条".to_owned(),
        unverified: true,
        reasons: vec![
            words(
                "会社の保険をやめた",
                "{会社|かいしゃ}の {保険|ほけん}を やめた",
                "You left insurance from work",
            ),
            words(
                "75歳未満",
                "75{歳|さい}より {若|わか}い",
                "You are under 75",
            ),
        ],
    }
}

fn pads() -> Vec<(&'static str, Pad)> {
    let era = |id: &str, name: &str, chosen| Choice {
        chosen,
        ..choice(id, plain(name), "")
    };
    let date = DatePad {
        eras: vec![
            era("era:reiwa", "令和", true),
            era("era:heisei", "平成", false),
            era("era:showa", "昭和", false),
            era("era:taisho", "大正", false),
            era("era:western", "西暦", false),
        ],
        part: 1,
        parts: ["8".to_owned(), "4".to_owned(), String::new()],
        unknown_allowed: true,
        spoken: Some("令和8年4月27日(月)".to_owned()),
    };
    let towns = ["玄関町式台一丁目", "玄関町式台二丁目", "玄関町上がり框"];
    let towns = towns.iter().enumerate().map(|(index, town)| {
        let id = format!("town:{index}");
        choice(&id, plain(town), "place")
    });
    let kin = ["妻", "夫", "子", "父", "母", "妻の子", "同居人", "縁故者"]
        .map(|kin| choice(&format!("word:{kin}"), plain(kin), ""));
    vec![
        ("entry-kana", Pad::Kana("ヤマダ　ハナコ".to_owned())),
        (
            "entry-digits",
            Pad::Digits {
                text: "090-1234".to_owned(),
                most: 11,
                hyphen: true,
            },
        ),
        ("entry-date", Pad::Date(date)),
        (
            "entry-postal",
            Pad::Postal {
                digits: "0000101".to_owned(),
                found: towns.collect(),
                none: false,
            },
        ),
        ("entry-text", Pad::Text("コーポ玄関　203".to_owned())),
        ("entry-vocabulary", Pad::Vocabulary(kin.into())),
    ]
}

fn entry(pad: Pad) -> Body {
    let choices = if matches!(pad, Pad::Vocabulary(_)) {
        vec![]
    } else {
        vec![choice(
            "unknown",
            words("わからない", "わからない", "I do not know"),
            "help",
        )]
    };
    Body::Entry(EntryBody {
        title: words(
            "世帯主のフリガナを入力してください",
            "{名前|なまえ}を カタカナで {書|か}いて ください",
            "Enter the name in katakana",
        ),
        lead: Some(words(
            "住民異動届と国民健康保険の届け出に書きます。",
            "2つの {紙|かみ}に {書|か}きます。",
            "It goes on two of your papers.",
        )),
        pad,
        problem: None,
        choices,
    })
}
