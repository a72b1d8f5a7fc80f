//! The plan slip (受付案内票): the plan of a receipt on A4, by counter, for whoever has many ways to go.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::error::PaperError;
use crate::fonts::FontSet;
use crate::receipt::{Counter, Receipt, ReceiptLine, ReceiptWords, When};

/// What `plan_slip.typ` is given as `/form.json`; the first fields are those that every sheet has.
#[derive(Serialize)]
pub(crate) struct SlipData {
    form: &'static str,
    title: String,
    town: String,
    application: String,
    reception: String,
    year: i16,
    month: i8,
    day: i8,
    foot: String,
    fonts: Vec<&'static str>,
    code_svg: String,
    persons: [(); 0],
    time: String,
    language: String,
    event: Both,
    who: Vec<Vec<Piece>>,
    words: BTreeMap<&'static str, Both>,
    counters: Vec<CounterData>,
    bring: Vec<Both>,
    next: Vec<Both>,
}

/// A text in Japanese and, where the resident reads another language, in that.
#[derive(Serialize)]
struct Both {
    ja: Vec<Ruby>,
    second: Vec<Ruby>,
}

/// A run of text with its reading, which is empty for most.
type Ruby = (String, String);

/// A character of a name, its font, its width in em, and whether a line may begin with it.
type Piece = (String, &'static str, f64, bool);

#[derive(Serialize)]
struct CounterData {
    number: u32,
    title: Both,
    place: Both,
    lines: Vec<LineData>,
}

#[derive(Serialize)]
struct LineData {
    number: usize,
    title: Both,
    who: Vec<Vec<Piece>>,
    when: Option<Both>,
    overdue: bool,
    here: bool,
    fee: Option<Both>,
    statute: String,
}

impl SlipData {
    /// # Errors
    /// A missing glyph in a name, or a code that holds too much.
    pub(crate) fn new(
        receipt: &Receipt,
        words: &ReceiptWords,
        fonts: &FontSet,
    ) -> Result<Self, PaperError> {
        let date = receipt.at.date();
        let translate = Translate {
            words,
            second: receipt.second(),
        };
        let fixed = [
            "slip", "whom", "when", "made", "here", "bring", "next", "code",
        ];
        Ok(Self {
            form: "plan_slip",
            title: words.get("slip", "ja"),
            town: receipt.town.clone(),
            application: receipt.code.application.clone(),
            reception: receipt.code.reception.clone(),
            year: date.year(),
            month: date.month(),
            day: date.day(),
            foot: format!("{}　{}", receipt.town, receipt.kiosk),
            fonts: fonts.value_families().collect(),
            code_svg: receipt.code.svg()?,
            persons: [],
            time: receipt.at.strftime("%-H:%M").to_string(),
            language: receipt.second().unwrap_or("ja").to_owned(),
            event: translate.of(|language| receipt.event.get(language).to_owned()),
            who: names(&receipt.who, fonts)?,
            words: fixed
                .into_iter()
                .map(|key| (key, translate.of(|language| words.raw(key, language))))
                .collect(),
            counters: counters(receipt, &translate, fonts)?,
            bring: receipt
                .bring
                .iter()
                .map(|item| translate.of(|language| item.get(language).to_owned()))
                .collect(),
            next: translate.each(|language| words.next(receipt, language)),
        })
    }
}

struct Translate<'a> {
    words: &'a ReceiptWords,
    second: Option<&'a str>,
}

impl Translate<'_> {
    fn of(&self, text: impl Fn(&str) -> String) -> Both {
        Both {
            ja: ruby(&text("ja")),
            second: self
                .second
                .map_or_else(Vec::new, |language| ruby(&text(language))),
        }
    }

    fn each(&self, texts: impl Fn(&str) -> Vec<String>) -> Vec<Both> {
        let second = self.second.map_or_else(Vec::new, &texts);
        let pairs = texts("ja").into_iter().enumerate();
        pairs
            .map(|(index, ja)| Both {
                ja: ruby(&ja),
                second: second.get(index).map_or_else(Vec::new, |text| ruby(text)),
            })
            .collect()
    }
}

/// Lines under their counters: counters as they first come up, lines in the plan's order and with its numbers.
fn counters(
    receipt: &Receipt,
    translate: &Translate<'_>,
    fonts: &FontSet,
) -> Result<Vec<CounterData>, PaperError> {
    let mut order: Vec<&Counter> = Vec::new();
    for line in &receipt.lines {
        if !order.contains(&&line.counter) {
            order.push(&line.counter);
        }
    }
    let numbered = || receipt.lines.iter().enumerate();
    order
        .into_iter()
        .map(|counter| {
            let lines = numbered().filter(|(_, line)| line.counter == *counter);
            Ok(CounterData {
                number: counter.number,
                title: translate.of(|language| counter.title.get(language).to_owned()),
                place: translate.of(|language| counter.place.get(language).to_owned()),
                lines: lines
                    .map(|(index, line)| line_data(index + 1, line, translate, fonts))
                    .collect::<Result<_, PaperError>>()?,
            })
        })
        .collect()
}

fn line_data(
    number: usize,
    line: &ReceiptLine,
    translate: &Translate<'_>,
    fonts: &FontSet,
) -> Result<LineData, PaperError> {
    let words = translate.words;
    let when = |language: &str| words.when(&line.when, language).unwrap_or_default();
    let fee = |language: &str| words.raw_with("fee", language, "yen", &line.fee_yen.to_string());
    Ok(LineData {
        number,
        title: translate.of(|language| line.title.get(language).to_owned()),
        who: names(&line.who, fonts)?,
        when: (line.when != When::Any).then(|| translate.of(when)),
        overdue: matches!(line.when, When::Overdue(_)),
        here: line.here,
        fee: (line.fee_yen > 0).then(|| translate.of(fee)),
        statute: line.statute.clone(),
    })
}

fn names(names: &[String], fonts: &FontSet) -> Result<Vec<Vec<Piece>>, PaperError> {
    let pieces = |name: &String| {
        let clusters = fonts.value_clusters("who", name)?;
        Ok(clusters
            .into_iter()
            .map(|cluster| {
                (
                    cluster.text.to_owned(),
                    cluster.family,
                    cluster.advance,
                    cluster.starts,
                )
            })
            .collect())
    };
    names.iter().map(pieces).collect()
}

/// `{漢字|かんじ}です` → (漢字, かんじ), (です, ).
fn ruby(text: &str) -> Vec<Ruby> {
    let mut runs = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((inside, tail)) = after.split_once('}') else {
            break;
        };
        if !before.is_empty() {
            runs.push((before.to_owned(), String::new()));
        }
        let (base, reading) = inside.split_once('|').unwrap_or((inside, ""));
        runs.push((base.to_owned(), reading.to_owned()));
        rest = tail;
    }
    if !rest.is_empty() {
        runs.push((rest.to_owned(), String::new()));
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::ruby;

    #[test]
    fn readings_are_taken_apart() {
        let run = |base: &str, reading: &str| (base.to_owned(), reading.to_owned());
        assert_eq!(
            ruby("この {紙|かみ}です"),
            [run("この ", ""), run("紙", "かみ"), run("です", "")]
        );
        assert_eq!(ruby("a { b"), [run("a { b", "")]);
        assert!(ruby("").is_empty());
    }
}
