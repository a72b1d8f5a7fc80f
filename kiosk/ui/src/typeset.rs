//! Breaks words into lines. Slint breaks Japanese anywhere; here lines break between phrases (文節) where possible, never
//! before a closing mark or after an opening one (禁則処理), and furigana stays with its kanji.

mod widths;

use crate::furigana::{self, Stretch};

/// A part of a line: characters, and the reading above them if they have one.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Piece {
    pub(crate) base: String,
    pub(crate) ruby: String,
    /// Ems that the piece takes.
    pub(crate) wide: f32,
}

/// Size of furigana against its kanji; `Label` in ui/parts/label.slint draws with the same.
const RUBY: f32 = 0.45;
/// Room left for rounding and side bearings, in ems.
const SLACK: f32 = 0.05;

/// The smallest thing that is never divided.
#[derive(Clone, Debug)]
struct Cluster {
    base: String,
    ruby: String,
    wide: f32,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Space,
    Newline,
    Latin,
    Hiragana,
    /// Kanji, katakana and everything else that is one em wide.
    Full,
    Opening,
    Closing,
}

/// Lines of `marked` text in a box `ems` wide.
pub(crate) fn rows(marked: &str, ems: f32, bold: bool) -> Vec<Vec<Piece>> {
    if marked.is_empty() {
        return Vec::new();
    }
    let ems = (ems - SLACK).max(1.0);
    let mut lines = vec![Vec::new()];
    let mut used = 0.0;
    for phrase in phrases(clusters(marked, bold)) {
        if phrase.iter().any(|cluster| cluster.kind == Kind::Newline) {
            lines.push(Vec::new());
            used = 0.0;
            continue;
        }
        for part in fitting(phrase, ems) {
            let wide = ink(&part);
            if wide > ems - used && used > 0.0 {
                lines.push(Vec::new());
                used = 0.0;
            }
            used += part.iter().map(|cluster| cluster.wide).sum::<f32>();
            if let Some(line) = lines.last_mut() {
                line.extend(part);
            }
        }
    }
    lines.into_iter().map(pieces).collect()
}

/// Ems that the text takes on one line.
pub(crate) fn one_line(marked: &str, bold: bool) -> f32 {
    ink(&clusters(marked, bold))
}

/// Width without the spaces at the end, which may hang over the edge.
fn ink(clusters: &[Cluster]) -> f32 {
    let end = clusters
        .iter()
        .rposition(|cluster| cluster.kind != Kind::Space)
        .map_or(0, |at| at + 1);
    clusters[..end].iter().map(|cluster| cluster.wide).sum()
}

fn pieces(mut line: Vec<Cluster>) -> Vec<Piece> {
    while line
        .last()
        .is_some_and(|cluster| cluster.kind == Kind::Space)
    {
        line.pop();
    }
    let mut out: Vec<Piece> = Vec::new();
    for cluster in line {
        match out.last_mut() {
            Some(last) if last.ruby.is_empty() && cluster.ruby.is_empty() => {
                last.base.push_str(&cluster.base);
                last.wide += cluster.wide;
            }
            _ => out.push(Piece {
                base: cluster.base,
                ruby: cluster.ruby,
                wide: cluster.wide,
            }),
        }
    }
    out
}

fn clusters(marked: &str, bold: bool) -> Vec<Cluster> {
    let Some(parts) = furigana::stretches(marked) else {
        return plain_clusters(marked, bold);
    };
    let mut out = Vec::new();
    for part in parts {
        match part {
            Stretch::Plain(text) | Stretch::Argument(text) => {
                out.extend(plain_clusters(text, bold))
            }
            Stretch::Ruby(base, ruby) => {
                let wide = width(base, bold).max(width(ruby, false) * RUBY);
                out.push(Cluster {
                    base: base.to_owned(),
                    ruby: ruby.to_owned(),
                    wide,
                    kind: Kind::Full,
                });
            }
        }
    }
    out
}

fn plain_clusters(text: &str, bold: bool) -> Vec<Cluster> {
    let mut out: Vec<Cluster> = Vec::new();
    for letter in text.chars() {
        let kind = kind(letter);
        let wide = advance(letter, bold);
        match out.last_mut() {
            Some(last) if joins_before(letter) => last.base.push(letter),
            Some(last)
                if kind == Kind::Latin && last.kind == Kind::Latin && last.ruby.is_empty() =>
            {
                last.base.push(letter);
                last.wide += wide;
            }
            _ => out.push(Cluster {
                base: letter.to_string(),
                ruby: String::new(),
                wide,
                kind,
            }),
        }
    }
    out
}

/// Phrases: between them a line may break without hurting. Spaces stay at the end of their phrase.
fn phrases(clusters: Vec<Cluster>) -> Vec<Vec<Cluster>> {
    let begins: Vec<bool> = (0..clusters.len())
        .map(|at| at == 0 || phrase_begins(&clusters, at))
        .collect();
    let mut out: Vec<Vec<Cluster>> = Vec::new();
    for (cluster, begins) in clusters.into_iter().zip(begins) {
        match out.last_mut() {
            Some(phrase) if !begins => phrase.push(cluster),
            _ => out.push(vec![cluster]),
        }
    }
    out
}

/// Verbs joined to verbs: the kana between their kanji ends no phrase.
const JOINED: [&str; 22] = [
    "届け出",
    "引っ越",
    "読み取",
    "受け付",
    "受け取",
    "取り扱",
    "取り消",
    "払い戻",
    "申し込",
    "申し出",
    "書き直",
    "問い合",
    "呼び出",
    "持ち物",
    "切り替",
    "引き継",
    "立ち会",
    "組み合",
    "入り口",
    "見つか",
    "落ち着",
    "打ち切",
];

fn phrase_begins(clusters: &[Cluster], at: usize) -> bool {
    let (before, after) = (&clusters[at - 1], &clusters[at]);
    let honorific = |cluster: &Cluster| matches!(cluster.base.as_str(), "お" | "ご");
    let next_is_kanji = clusters
        .get(at + 1)
        .is_some_and(|next| next.kind == Kind::Full && !next.base.starts_with(is_katakana));
    match (before.kind, after.kind) {
        (Kind::Hiragana, Kind::Hiragana) if honorific(after) && next_is_kanji => true,
        (Kind::Hiragana, Kind::Full) => {
            let around = clusters[at.saturating_sub(2)..=at]
                .iter()
                .map(|cluster| cluster.base.as_str());
            let around: String = around.collect();
            !honorific(before) && !JOINED.contains(&around.as_str())
        }
        _ => phrase_between(before, after),
    }
}

fn is_katakana(letter: char) -> bool {
    ('ァ'..='ー').contains(&letter)
}

fn phrase_between(before: &Cluster, after: &Cluster) -> bool {
    match (before.kind, after.kind) {
        (Kind::Newline, _) | (_, Kind::Newline) => true,
        (_, Kind::Space | Kind::Closing) | (Kind::Opening, _) => false,
        (Kind::Space, _) => true,
        (Kind::Closing, _) => before.base != ")" || after.kind == Kind::Opening,
        (Kind::Hiragana, Kind::Latin | Kind::Opening) => true,
        _ => false,
    }
}

/// Parts of a phrase that fit on a line: itself; else divided after a particle; else so that no part is tiny.
fn fitting(mut phrase: Vec<Cluster>, ems: f32) -> Vec<Vec<Cluster>> {
    let mut out = Vec::new();
    while ink(&phrase) > ems {
        let Some(at) = division(&phrase, ems) else {
            break;
        };
        let rest = phrase.split_off(at);
        out.push(std::mem::replace(&mut phrase, rest));
    }
    out.push(phrase);
    out
}

/// Where to divide a phrase wider than `ems`: at least one cluster before, as many as fit.
fn division(phrase: &[Cluster], ems: f32) -> Option<usize> {
    const PARTICLES: &str = "でにをはがともへの";
    let allowed = |at: usize| {
        let (before, after) = (&phrase[at - 1], &phrase[at]);
        before.kind != Kind::Opening
            && !matches!(after.kind, Kind::Closing | Kind::Space)
            && !never_begins(after)
    };
    let fits = |at: usize| ink(&phrase[..at]) <= ems;
    let candidates: Vec<usize> = (1..phrase.len())
        .filter(|at| allowed(*at) && fits(*at))
        .collect();
    let balanced = |at: &&usize| **at >= 3 && phrase.len() - **at >= 3;
    let particle = |at: &&usize| PARTICLES.contains(phrase[**at - 1].base.as_str());
    let latest = candidates.iter().rev();
    let found = latest.clone().filter(balanced).find(particle);
    found
        .or_else(|| latest.clone().find(balanced))
        .or_else(|| candidates.last())
        .copied()
        .or_else(|| (1..phrase.len()).find(|at| allowed(*at)))
}

/// Small kana and the marks that lengthen or repeat what stands before them.
fn never_begins(cluster: &Cluster) -> bool {
    const MARKS: &str = "ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶー々ゝゞ";
    cluster
        .base
        .chars()
        .next()
        .is_some_and(|letter| MARKS.contains(letter))
}

fn kind(letter: char) -> Kind {
    match letter {
        '\n' => Kind::Newline,
        ' ' | '　' => Kind::Space,
        '「' | '『' | '（' | '【' | '〔' | '［' | '(' | '[' | '“' => Kind::Opening,
        '」' | '』' | '）' | '】' | '〕' | '］' | ')' | ']' | '”' | '、' | '。' | '，' | '．'
        | '！' | '？' | '・' | '：' | '；' | '…' | '～' | '〜' | '―' => Kind::Closing,
        'ぁ'..='ゖ' => Kind::Hiragana,
        _ if (letter as u32) < 0x1100 || ('\u{1E00}'..='\u{2000}').contains(&letter) => Kind::Latin,
        '–' | '—' | '’' => Kind::Latin,
        _ => Kind::Full,
    }
}

/// Variation selectors and combining marks belong to the character before.
fn joins_before(letter: char) -> bool {
    matches!(letter, '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}' | '\u{3099}' | '\u{309A}' | '\u{300}'..='\u{36F}' | '\u{200D}')
}

fn width(text: &str, bold: bool) -> f32 {
    text.chars().map(|letter| advance(letter, bold)).sum()
}

fn advance(letter: char, bold: bool) -> f32 {
    if joins_before(letter) {
        return 0.0;
    }
    let code = letter as u32;
    let table = if bold {
        &widths::BOLD
    } else {
        &widths::REGULAR
    };
    let thousandths = match code {
        0x20..=0x7E => table[(code - 0x20) as usize],
        0x7F..0x1100 | 0x1E00..0x2000 => widths::OTHER_LATIN,
        0xFF61..=0xFF9F => 500,
        _ if matches!(letter, '–' | '“' | '”') => widths::OTHER_LATIN,
        0x0A => 0,
        _ => 1000,
    };
    f32::from(thousandths) / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str, ems: f32) -> Vec<String> {
        rows(text, ems, false)
            .into_iter()
            .map(|line| line.into_iter().map(|piece| piece.base).collect())
            .collect()
    }

    #[test]
    fn lines_break_between_phrases() {
        assert_eq!(lines("どんなことでいらっしゃいましたか", 30.0).len(), 1);
        assert_eq!(
            lines("お引っ越しの日を教えてください", 10.0),
            ["お引っ越しの日を", "教えてください"]
        );
        assert_eq!(
            lines("どんなことでいらっしゃいましたか", 15.0),
            ["どんなことで", "いらっしゃいましたか"]
        );
        assert_eq!(
            lines("今日届け出ができます", 6.2),
            ["今日届け出が", "できます"]
        );
        assert_eq!(
            lines("ないようにお願いします", 8.0),
            ["ないように", "お願いします"]
        );
        assert_eq!(lines("When did you move?", 5.6), ["When did", "you move?"]);
    }

    #[test]
    fn marks_never_begin_a_line() {
        for ems in 3..20 {
            for line in lines(
                "「転入届」、「国民健康保険」、そして（児童手当）です。ちょっとまって。",
                ems as f32,
            ) {
                let first = line.chars().next().unwrap();
                let last = line.chars().last().unwrap();
                assert_ne!(kind(first), Kind::Closing, "{line}");
                assert!(!"っょゃー".contains(first), "{line}");
                assert_ne!(kind(last), Kind::Opening, "{line}");
            }
        }
    }

    #[test]
    fn nothing_is_lost_and_nothing_is_too_wide() {
        let text = "{引|ひ}っ{越|こ}しの {届|とど}けを {出|だ}して ください Genkan 2026";
        for ems in 6..24 {
            let rows = rows(text, ems as f32, true);
            let joined: String = rows
                .iter()
                .flatten()
                .map(|piece| piece.base.as_str())
                .collect();
            assert_eq!(
                joined.replace(' ', ""),
                furigana::plain(text).replace(' ', "")
            );
            for row in &rows {
                assert!(
                    row.iter().map(|piece| piece.wide).sum::<f32>() <= ems as f32,
                    "{row:?}"
                );
            }
        }
    }

    #[test]
    fn variation_selectors_stay_with_their_character() {
        let name = "渡邉\u{E0102}";
        let rows = rows(name, 1.2, false);
        assert!(
            rows.iter()
                .flatten()
                .all(|piece| !piece.base.starts_with('\u{E0102}'))
        );
    }
}
