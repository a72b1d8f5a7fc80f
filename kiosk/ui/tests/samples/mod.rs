//! One screen of every kind with words of realistic length in three languages, for the gallery and the tests.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used)]

mod card;
mod paper;
mod plan;

use std::path::{Path, PathBuf};

use session::screen::{
    Body, Choice, ChoicesBody, Degraded, Frame, Overlay, Screen, SearchBody, Step, TilesBody,
    WelcomeBody, Why,
};
use session::text::Text;
use session::touch::{ChoiceId, Contrast, Language, TextSize};
use ui::WordBook;

pub const LANGUAGES: [&str; 3] = ["ja", "ja-simple", "en"];

/// Part of the tree's assets, from whichever package uses these samples.
fn assets(part: &str) -> PathBuf {
    let mut folders = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    let found = folders
        .find_map(|folder| Some(folder.join("assets").join(part)).filter(|path| path.exists()));
    found.expect("the tree has it")
}

/// The words of the tree's assets.
pub fn book() -> WordBook {
    WordBook::from_folder(&assets("words")).expect("the tree's own words load")
}

pub fn words(ja: &str, simple: &str, en: &str) -> Text {
    Text::Words(guidance::Words::from_pairs([
        ("ja", ja),
        ("ja-simple", simple),
        ("en", en),
    ]))
}

pub fn plain(text: &str) -> Text {
    Text::Plain(text.to_owned())
}

/// An id from its text, as a window gives it back.
pub fn id(text: &str) -> ChoiceId {
    text.parse().expect("a page offers it")
}

pub fn choice(text: &str, title: Text, picture: &str) -> Choice {
    let picture = (!picture.is_empty()).then(|| picture.to_owned());
    Choice {
        id: id(text),
        title,
        lead: None,
        picture,
        chosen: false,
    }
}

/// How the resident wants it.
#[derive(Clone)]
pub struct Look {
    pub language: &'static str,
    pub text_size: TextSize,
    pub contrast: Contrast,
    pub low_reach: bool,
}

impl Look {
    pub fn plain(language: &'static str) -> Self {
        Self {
            language,
            text_size: TextSize::Normal,
            contrast: Contrast::Normal,
            low_reach: false,
        }
    }
}

pub fn screen(look: &Look, step: Option<Step>, next: bool, body: Body) -> Screen {
    let first = matches!(body, Body::Welcome(_));
    let last = step.is_none() && !first;
    Screen {
        frame: Frame {
            town: words(
                "玄関町役場",
                "{玄関町|げんかんちょう}{役場|やくば}",
                "Genkan Town Hall",
            ),
            step,
            language: Language(look.language.to_owned()),
            text_size: look.text_size,
            contrast: look.contrast,
            low_reach: look.low_reach,
            back: !first && !last,
            next: next.then(|| {
                (
                    words("この内容で次へ", "これで {次|つぎ}へ", "Continue"),
                    true,
                )
            }),
            help: !first && !last,
            degraded: match step {
                None if first => Some(Degraded::Printing),
                Some(Step::Card) => Some(Degraded::Cards),
                Some(Step::Plan) => Some(Degraded::Network),
                _ => None,
            },
        },
        body,
        overlay: None,
    }
}

/// Every kind, named.
pub fn all(look: &Look) -> Vec<(&'static str, Screen)> {
    let mut out = vec![
        ("welcome", screen(look, None, false, welcome())),
        (
            "tiles",
            screen(look, Some(Step::Choose), false, tiles(look)),
        ),
        ("search", screen(look, Some(Step::Choose), false, search())),
        (
            "choices",
            screen(look, Some(Step::Questions), false, choices(false)),
        ),
        (
            "choices-many-why",
            screen(look, Some(Step::Questions), true, choices(true)),
        ),
    ];
    out.extend(card::screens(look));
    out.extend(plan::screens(look));
    out.extend(paper::screens(look));
    for (name, overlay) in [
        ("overlay-idle", Overlay::Idle { seconds: 27 }),
        ("overlay-staff", Overlay::StaffCalled),
        ("overlay-start-over", Overlay::StartOver),
    ] {
        let mut covered = screen(look, Some(Step::Questions), false, choices(false));
        covered.overlay = Some(overlay);
        out.push((name, covered));
    }
    out
}

fn welcome() -> Body {
    Body::Welcome(WelcomeBody {
        languages: LANGUAGES
            .iter()
            .map(|tag| Language((*tag).to_owned()))
            .collect(),
    })
}

fn search_words() -> Text {
    words("ことばでさがす", "ことばで さがす", "Search by name")
}

/// The life events that ship: their words have to fit.
fn tiles(look: &Look) -> Body {
    let text =
        std::fs::read_to_string(assets("catalogue/events.toml")).expect("the tree's own events");
    let document: guidance::document::Document =
        toml::from_str(&text).expect("they are well formed");
    let tile = |event: &guidance::document::LifeEvent| {
        let title = Text::Words(event.title.clone());
        choice(&format!("event:{}", event.id), title, &event.icon)
            .lead(Text::Words(event.subtitle.clone()))
    };
    let page = match (look.low_reach, look.text_size) {
        (true, _) => 6,
        (false, TextSize::Normal) => 16,
        (false, _) => 8,
    };
    let more = words("ほかのできごと", "ほかの ことを {見|み}る", "Other events");
    let mut extra = vec![choice("search", search_words(), "search")];
    if page < 16 {
        extra.insert(0, choice("more", more, "list"));
    }
    Body::Tiles(TilesBody {
        title: words(
            "どんなことで\nいらっしゃいましたか",
            "きょうは {何|なに}を しに きましたか",
            "What brings you here today?",
        ),
        tiles: document.event.iter().take(page).map(tile).collect(),
        extra,
    })
}

fn search() -> Body {
    let mut found = choice(
        "procedure:kokuho",
        words(
            "国民健康保険の加入",
            "{国民|こくみん}{健康|けんこう}{保険|ほけん}に {入|はい}る",
            "Join National Health Insurance",
        ),
        "insurance",
    );
    found.lead = Some(words(
        "会社の保険をやめたとき",
        "{会社|かいしゃ}の {保険|ほけん}を やめた とき",
        "After leaving work insurance",
    ));
    Body::Search(SearchBody {
        title: words(
            "手続きの名前を入力してください",
            "{手続|てつづ}きの {名前|なまえ}を {書|か}いて ください",
            "Type the name of the procedure",
        ),
        query: "ほけん".to_owned(),
        found: vec![
            found,
            choice(
                "procedure:kaigo",
                words(
                    "介護保険",
                    "{介護|かいご}{保険|ほけん}",
                    "Long-term care insurance",
                ),
                "elderly",
            ),
            choice(
                "procedure:x",
                words(
                    "後期高齢者医療保険",
                    "{後期|こうき}{高齢者|こうれいしゃ}{医療|いりょう}{保険|ほけん}",
                    "Medical care for the late elderly",
                ),
                "no-such-icon",
            ),
        ],
    })
}

fn choices(many: bool) -> Body {
    let mut list = vec![
        choice(
            "self",
            words(
                "わたし（山田 花子）",
                "わたし（{山田|やまだ} {花子|はなこ}）",
                "Me (Hanako Yamada)",
            ),
            "person",
        ),
        choice(
            "spouse",
            words("夫・妻", "おっと・つま", "Husband or wife"),
            "people",
        ),
        choice("child", words("こども", "こども", "Child"), "child"),
        choice(
            "nobody",
            words("だれもいない", "だれも いない", "Nobody"),
            "",
        ),
    ];
    list[0].chosen = many;
    list[2].chosen = many;
    list[1].lead = Some(words(
        "届け出をしていない方は「その他」になります",
        "{届|とど}けを {出|だ}して いない {人|ひと}は ちがいます",
        "Registered marriages only",
    ));
    Body::Choices(ChoicesBody {
        title: words(
            "会社などの健康保険に入っている方はどなたですか",
            "{会社|かいしゃ}の {保険|ほけん}に {入|はい}って いる {人|ひと}は だれですか",
            "Who is covered by health insurance from work?",
        ),
        lead: Some(words(
            "保険証または資格確認書で分かります。",
            "{保険証|ほけんしょう}を {見|み}て ください。",
            "Your insurance card tells you.",
        )),
        picture: Some("insurance"),
        choices: list,
        many,
        why: Some(Why {
            text: words(
                "会社の保険に入っていない方は、14日以内に国民健康保険の届け出が必要だからです。",
                "{会社|かいしゃ}の {保険|ほけん}が ない {人|ひと}は、14{日|にち}の {中|なか}に {国民|こくみん}{健康|けんこう}{保険|ほけん}に {入|はい}ります。",
                "People without insurance from work must join National Health Insurance within 14 days.",
            ),
            procedures: vec![words(
                "国民健康保険の加入",
                "{国民|こくみん}{健康|けんこう}{保険|ほけん}に {入|はい}る",
                "Joining National Health Insurance",
            )],
            open: many,
        }),
    })
}
