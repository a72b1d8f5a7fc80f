//! `kiosk notice --why-file FILE`: the screen of a kiosk that cannot work. It needs no settings, no data and no network, so that a
//! lobby never has a black screen; the image starts it when the kiosk or its data partition fails.

use std::fs;
use std::path::Path;
use std::process::ExitCode;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use session::screen::{Body, Frame, NoticeBody, Screen, Tone};
use session::text::Text;
use session::touch::{Contrast, Language, TextSize, Touch};
use ui::WordBook;

use kiosk::settings;

use super::outcome::{Failure, Outcome};
use super::window::WindowHandle;
use super::{screen, signals};

/// How long each language is shown.
const TURN: Duration = Duration::from_secs(10);
/// Characters of the detail: three lines of the screen.
const MOST_DETAIL: usize = 110;
/// The order of languages, as on the welcome screen of a kiosk without settings of its own.
const LANGUAGES: [&str; 3] = ["ja", "ja-simple", "en"];

pub(super) fn notice(why: &Path, assets: &Path, screen_settings: &settings::Screen) -> Outcome {
    let book = WordBook::from_folder(&assets.join("words")).map_err(Failure::input)?;
    let window = WindowHandle::default();
    signals::close_on_signals(window.clone()).map_err(Failure::work)?;
    let text = fs::read_to_string(why).unwrap_or_default();
    let (why, detail) = (reason(&text), detail(&text));
    tracing::warn!(kind = "out-of-service", why);
    let (touched, turns) = channel();
    let shown = window.clone();
    std::thread::Builder::new()
        .name("languages".into())
        .spawn(move || {
            for language in LANGUAGES.iter().cycle() {
                shown.show(closed(language, why, &detail));
                // A touch turns to the next language at once.
                if turns.recv_timeout(TURN) == Err(RecvTimeoutError::Disconnected) {
                    break;
                }
            }
        })
        .map_err(Failure::work)?;
    let turn = move |touch| {
        if touch != Touch::Activity {
            let _ = touched.send(());
        }
    };
    screen::open(screen_settings, book, turn, move |handle| {
        window.ready(handle)
    })
    .map_err(Failure::work)?;
    Ok(ExitCode::SUCCESS)
}

/// The image's word for the reason, as a key of the word book.
fn reason(code: &str) -> &'static str {
    match code.split_whitespace().next() {
        Some("no-tpm") => "ui.closed-no-tpm",
        Some("sealed") => "ui.closed-sealed",
        Some("foreign") => "ui.closed-foreign",
        Some("no-settings") => "ui.closed-no-settings",
        Some("data") => "ui.closed-data",
        Some("read-only") => "ui.closed-read-only",
        Some("full") => "ui.closed-full",
        Some("settings") => "ui.closed-settings",
        Some("clock") => "ui.closed-clock",
        _ => "ui.closed-start",
    }
}

/// The second line: what a technician asks for on the telephone, not translated.
fn detail(text: &str) -> String {
    let line = text.lines().nth(1).unwrap_or_default();
    match line.char_indices().nth(MOST_DETAIL) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    }
}

fn closed(language: &str, why: &'static str, detail: &str) -> Screen {
    let mut lines = vec![
        Text::key("ui.closed-staff"),
        Text::Key("ui.closed-why", vec![("why", Text::key(why))]),
    ];
    if !detail.is_empty() {
        lines.push(Text::Plain(detail.to_owned()));
    }
    Screen {
        frame: Frame {
            town: Text::Plain(String::new()),
            step: None,
            language: Language(language.to_owned()),
            text_size: TextSize::Normal,
            contrast: Contrast::Normal,
            low_reach: false,
            back: false,
            next: None,
            help: false,
            degraded: None,
        },
        body: Body::Notice(NoticeBody {
            tone: Tone::Problem,
            picture: "staff",
            title: Text::key("ui.closed-title"),
            lines,
            choices: Vec::new(),
            code: None,
        }),
        overlay: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_line_is_shown_as_it_is_and_cut() {
        assert_eq!(
            detail("settings\nkiosk.toml:3:5: no such key\nmore"),
            "kiosk.toml:3:5: no such key"
        );
        assert_eq!(detail("no-tpm\n"), "");
        let cut = format!("{}…", "あ".repeat(MOST_DETAIL));
        assert_eq!(detail(&format!("x\n{}", "あ".repeat(500))), cut);
    }

    #[test]
    fn every_reason_has_its_words_in_every_language() {
        let assets = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/words");
        for code in [
            "no-tpm",
            "sealed",
            "foreign",
            "no-settings",
            "data",
            "read-only",
            "full",
            "settings",
            "clock",
            "",
            "anything else",
        ] {
            let key = reason(code).trim_start_matches("ui.");
            for language in LANGUAGES {
                let words = fs::read_to_string(assets.join(format!("ui/{language}.toml"))).unwrap();
                assert!(
                    words
                        .lines()
                        .any(|line| line.starts_with(&format!("{key} = "))),
                    "{language}: {key}"
                );
            }
        }
    }
}
