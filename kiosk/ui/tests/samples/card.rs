//! Card, PIN, work under way, notices.

use session::screen::{
    Body, CardPlaceBody, NoticeBody, PinPadBody, Screen, Stage, StageState, Step, Tone, WorkingBody,
};

use session::text::Text;

use super::{Look, choice, screen, words};

pub(super) fn screens(look: &Look) -> Vec<(&'static str, Screen)> {
    vec![
        ("card-place", screen(look, Some(Step::Card), false, place())),
        (
            "pin-pad",
            screen(look, Some(Step::Card), false, pin(3, false)),
        ),
        (
            "pin-pad-wrong",
            screen(look, Some(Step::Card), true, pin(1, true)),
        ),
        ("working", screen(look, Some(Step::Card), false, working())),
        (
            "closed",
            screen(
                look,
                None,
                false,
                closed(&["closed.called", "closed.take"], false),
            ),
        ),
        (
            "closed-staff",
            screen(
                look,
                None,
                false,
                closed(&["closed.called", "closed.take"], true),
            ),
        ),
        (
            "closed-not-yet",
            screen(look, None, false, closed(&["closed.not.later"], true)),
        ),
        ("closed-number", screen(look, None, true, staff_number())),
        (
            "notice-problem",
            screen(
                look,
                Some(Step::Paper),
                false,
                notice(Tone::Problem, "printer"),
            ),
        ),
        (
            "notice-success",
            screen(look, Some(Step::Card), true, notice(Tone::Success, "card")),
        ),
    ]
}

fn place() -> Body {
    Body::CardPlace(CardPlaceBody {
        title: words(
            "カードを読み取り機に置いてください",
            "カードを ここに {置|お}いて ください",
            "Place your card on the reader",
        ),
        lead: words(
            "終わるまで動かさないでください。",
            "{終|お}わるまで {動|うご}かさないで ください。",
            "Please leave it there until we are done.",
        ),
        choices: vec![choice(
            "without",
            words(
                "カードを使わずに進む",
                "カードを {使|つか}わない",
                "Go on without a card",
            ),
            "",
        )],
    })
}

fn pin(tries_left: u8, wrong: bool) -> Body {
    let problem = words(
        "暗証番号が違います。落ち着いてもう一度入力してください。",
        "{番号|ばんごう}が ちがいます。 もう{一度|いちど} {入|い}れて ください。",
        "That PIN was not right. Please try again.",
    );
    Body::PinPad(PinPadBody {
        title: words(
            "4けたの暗証番号を入力してください",
            "4つの {数字|すうじ}を {入|い}れて ください",
            "Enter your 4-digit PIN",
        ),
        lead: words(
            "利用者証明用の暗証番号です。カードを受け取ったときに決めました。",
            "カードを もらった ときに {決|き}めた {番号|ばんごう}です。",
            "The user authentication PIN that you chose when you received the card.",
        ),
        tries_left: Some(tries_left),
        digits: 4,
        typed: 2,
        keys: [1, 2, 3, 4, 5, 6, 7, 8, 9, 0],
        problem: wrong.then_some(problem),
        choices: vec![choice(
            "shuffle",
            words(
                "数字の並びを変える",
                "{数字|すうじ}の {順番|じゅんばん}を {変|か}える",
                "Shuffle the keys",
            ),
            "shuffle",
        )],
    })
}

fn working() -> Body {
    let stage = |ja, simple, en, state| Stage {
        title: words(ja, simple, en),
        state,
    };
    Body::Working(WorkingBody {
        title: words(
            "カードを確認しています",
            "カードを {見|み}て います",
            "Checking your card",
        ),
        lead: Some(words(
            "カードをそのままにしてお待ちください。",
            "カードを {動|うご}かさないで ください。",
            "Please leave the card where it is.",
        )),
        stages: vec![
            stage(
                "カードを読む",
                "カードを {読|よ}む",
                "Read the card",
                StageState::Done,
            ),
            stage(
                "有効なカードか確かめる",
                "{使|つか}える カードか {見|み}る",
                "Check that the card is valid",
                StageState::Now,
            ),
            stage(
                "世帯の情報を受け取る",
                "{家族|かぞく}の {情報|じょうほう}を もらう",
                "Receive your household's facts",
                StageState::Next,
            ),
        ],
        choices: vec![choice("without", words("やめる", "やめる", "Cancel"), "")],
    })
}

fn notice(tone: Tone, picture: &'static str) -> Body {
    Body::Notice(NoticeBody {
        tone,
        picture,
        title: words(
            "紙がなくなりました",
            "{紙|かみ}が ありません",
            "The printer is out of paper",
        ),
        lines: vec![
            words(
                "入力した内容は消えていません。",
                "{書|か}いた ものは {消|き}えて いません。",
                "Nothing you entered is lost.",
            ),
            words(
                "職員が紙を入れると、続きから印刷します。",
                "{人|ひと}が {紙|かみ}を {入|い}れます。 {待|ま}って ください。",
                "Printing goes on as soon as staff have put paper in.",
            ),
        ],
        choices: vec![
            choice(
                "retry",
                words("職員を呼ぶ", "{人|ひと}を {呼|よ}ぶ", "Call staff"),
                "staff",
            ),
            choice(
                "skip",
                words(
                    "紙を受け取らずに進む",
                    "{紙|かみ}は いらない",
                    "Go on without paper",
                ),
                "skip",
            ),
        ],
        code: (tone == Tone::Problem).then_some("P-02"),
    })
}

/// The kiosk whose housing was opened; `shut` again, it offers staff to open the kiosk.
fn closed(lines: &[&'static str], shut: bool) -> Body {
    Body::Notice(NoticeBody {
        tone: Tone::Problem,
        picture: "lock",
        title: Text::key("closed.title"),
        lines: lines.iter().copied().map(Text::key).collect(),
        choices: shut
            .then(|| choice("staff", Text::key("closed.staff"), ""))
            .into_iter()
            .collect(),
        code: Some("T-50"),
    })
}

fn staff_number() -> Body {
    Body::PinPad(PinPadBody {
        title: Text::key("closed.number.title"),
        lead: Text::key("closed.number.lead"),
        tries_left: Some(2),
        digits: 8,
        typed: 3,
        keys: [1, 2, 3, 4, 5, 6, 7, 8, 9, 0],
        problem: Some(Text::key("closed.number.wrong")),
        choices: vec![choice("shuffle", Text::key("card.pin.shuffle"), "shuffle")],
    })
}
