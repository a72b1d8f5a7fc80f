//! Review, preview, signature, the end.

use std::sync::Arc;

use application::Source;
use session::screen::{
    Body, DoneBody, LeaveBody, PageImage, PreviewBody, ReviewBody, ReviewGroup, ReviewRow, Screen,
    SignBody, Step,
};

use super::{Look, choice, screen, words};

pub(super) fn screens(look: &Look) -> Vec<(&'static str, Screen)> {
    vec![
        ("review", screen(look, Some(Step::Forms), true, review())),
        (
            "preview",
            screen(look, Some(Step::Paper), true, preview(true)),
        ),
        (
            "preview-wait",
            screen(look, Some(Step::Paper), false, preview(false)),
        ),
        ("sign", screen(look, Some(Step::Paper), true, sign())),
        ("done", screen(look, Some(Step::Paper), true, done())),
        ("leave", screen(look, None, false, leave())),
    ]
}

fn review() -> Body {
    let row = |id: &str, label, value: &str, source: Option<Source>| ReviewRow {
        id: super::id(&format!("field:{id}")),
        label,
        value: value.to_owned(),
        source,
        missing: value.is_empty(),
        staff: None,
        editable: source != Some(Source::Card),
    };
    let mut name = row(
        "name",
        words("氏名", "{名前|なまえ}", "Name"),
        "渡邉󠄂 髙志",
        Some(Source::Card),
    );
    name.staff = Some(words(
        "職員が文字を確認します",
        "{人|ひと}が {字|じ}を {見|み}ます",
        "Staff will check the characters",
    ));
    Body::Review(ReviewBody {
        title: words(
            "書類に書く内容を確かめてください",
            "{書類|しょるい}を {見|み}て ください",
            "Please check what goes on your papers",
        ),
        papers: vec![choice(
            "paper:0",
            words(
                "住民異動届",
                "{住民|じゅうみん}{異動届|いどうとどけ}",
                "Notice of change of address",
            ),
            "paper",
        )],
        groups: vec![ReviewGroup {
            title: words(
                "届け出をする方",
                "{届|とど}けを {出|だ}す {人|ひと}",
                "Person filing",
            ),
            rows: vec![
                name,
                row(
                    "address",
                    words(
                        "新しい住所",
                        "{新|あたら}しい {住所|じゅうしょ}",
                        "New address",
                    ),
                    "見本県土間郡玄関町式台一丁目１番１号 グランドメゾン玄関１２０３号室",
                    Some(Source::Resident),
                ),
                row(
                    "before",
                    words("前の住所", "{前|まえ}の {住所|じゅうしょ}", "Old address"),
                    "見本県土間郡隣町２番地",
                    Some(Source::Core),
                ),
                row(
                    "phone",
                    words("電話番号", "{電話|でんわ}", "Telephone"),
                    "",
                    None,
                ),
            ],
        }],
    })
}

fn preview(ready: bool) -> Body {
    let (width, height) = (420_u32, 594_u32);
    let grey = (0..width * height)
        .map(|at| {
            if (at / width) % 54 < 2 || at % width % 140 < 2 {
                90
            } else {
                255
            }
        })
        .collect();
    Body::Preview(PreviewBody {
        title: words(
            "住民異動届の見本",
            "{住民|じゅうみん}{異動届|いどうとどけ}を {見|み}て ください",
            "Your notice of change of address",
        ),
        page: (1, 2),
        image: ready.then(|| {
            Arc::new(PageImage {
                width,
                height,
                grey,
            })
        }),
    })
}

fn sign() -> Body {
    let stroke = (0..60_u16)
        .map(|at| {
            (
                100 + at * 12,
                500 + if at % 20 < 10 {
                    at % 10 * 25
                } else {
                    250 - at % 10 * 25
                },
            )
        })
        .collect();
    Body::Sign(SignBody {
        title: words(
            "署名をしてください",
            "{名前|なまえ}を {書|か}いて ください",
            "Please sign",
        ),
        lead: words(
            "住民異動届に印刷します。",
            "{紙|かみ}に {印刷|いんさつ}します。",
            "It is printed on your notice.",
        ),
        strokes: vec![stroke, vec![(850, 300)]],
        choices: vec![
            choice(
                "clear",
                words("書き直す", "もう{一度|いちど} {書|か}く", "Clear"),
                "restart",
            ),
            choice(
                "paper",
                words("紙に書く", "{紙|かみ}に {書|か}く", "Sign on paper"),
                "edit",
            ),
        ],
    })
}

fn done() -> Body {
    Body::Done(DoneBody {
        title: words(
            "受け付けました",
            "{終|お}わりました",
            "We have received your application",
        ),
        reception: "A-0427".to_owned(),
        lines: vec![
            words(
                "印刷した紙を持って、2番の窓口へお越しください。",
                "{紙|かみ}を {持|も}って、2{番|ばん}に {来|き}て ください。",
                "Please take your papers to counter 2.",
            ),
            words(
                "番号が呼ばれるまで、いすに掛けてお待ちください。",
                "{番号|ばんごう}を {呼|よ}ぶまで {待|ま}って ください。",
                "Have a seat until your number is called.",
            ),
        ],
        choices: vec![choice(
            "again",
            words(
                "もう一度印刷する",
                "もう{一度|いちど} {印刷|いんさつ}する",
                "Print again",
            ),
            "print",
        )],
    })
}

fn leave() -> Body {
    Body::Leave(LeaveBody {
        title: words(
            "お忘れもののないようにお願いします",
            "{忘|わす}れものは ありませんか",
            "Please take everything with you",
        ),
        card_here: true,
        papers: true,
    })
}
