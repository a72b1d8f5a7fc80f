//! Whether a password is made of what people often choose: common words (also with 0 for o), names of months and towns, digits,
//! rows of the keyboard, repetitions. It is measured by how few choices it takes to write it down.

use unicode_normalization::UnicodeNormalization as _;
use zeroize::Zeroizing;

/// Common words, in small letters.
const WORDS: &str = include_str!("../../../assets/passwords/common.txt");
/// What lies side by side: letters, digits, the keyboard's rows and columns.
const ROWS: [&str; 6] = [
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
];
/// Shortest piece of a row, or of one character over and over, that is one choice.
const SHORTEST_RUN: usize = 3;
/// Fewest choices that are enough, in halves.
const ENOUGH: usize = 14;

/// Whether it takes fewer than seven choices.
pub(super) fn is_common(password: &str, login: &str) -> bool {
    // Letters of full width are the same keys.
    let letters = password.nfkc().flat_map(char::to_lowercase);
    let letters: Zeroizing<Vec<char>> = Zeroizing::new(letters.collect());
    let words = WORDS.lines().filter(|line| !line.starts_with('#'));
    let words = words.chain((!login.is_empty()).then_some(login));
    let words: Vec<Vec<char>> = words.map(|word| word.chars().collect()).collect();
    let (mut at, mut halves) = (0, 0);
    while at < letters.len() && halves < ENOUGH {
        let (length, cost) = next_choice(&letters[at..], &words);
        at += length;
        halves += cost;
    }
    halves < ENOUGH
}

/// How many characters the next choice covers, and what it costs in halves of a choice.
fn next_choice(rest: &[char], words: &[Vec<char>]) -> (usize, usize) {
    let word = words.iter().filter(|word| begins(rest, word));
    let word = word.map(Vec::len).max().unwrap_or(0);
    let run = repetition(rest).max(in_a_row(rest));
    let digits = rest.iter().take_while(|one| one.is_ascii_digit()).count();
    if word.max(run) >= SHORTEST_RUN.max(digits) || word > 0 {
        (word.max(run), 2)
    } else if digits > 0 {
        // A day, a year, a number.
        (digits, 4)
    } else {
        (1, if rest[0].is_alphanumeric() { 2 } else { 1 })
    }
}

fn begins(rest: &[char], word: &[char]) -> bool {
    let same =
        |(typed, meant): (&char, &char)| typed == meant || looks_like(*typed) == Some(*meant);
    rest.len() >= word.len() && rest.iter().zip(word).all(same)
}

/// The letter that a sign stands for.
fn looks_like(sign: char) -> Option<char> {
    Some(match sign {
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' | '+' => 't',
        _ => return None,
    })
}

fn repetition(rest: &[char]) -> usize {
    rest.iter().take_while(|one| **one == rest[0]).count()
}

/// The longest piece of a row, forwards or backwards.
fn in_a_row(rest: &[char]) -> usize {
    let forwards = ROWS.iter().map(|row| row.chars().collect::<Vec<_>>());
    let both = forwards.flat_map(|row| [row.iter().rev().copied().collect(), row]);
    both.map(|row: Vec<char>| common_prefix(rest, &row))
        .max()
        .unwrap_or(0)
}

fn common_prefix(rest: &[char], row: &[char]) -> usize {
    let starts = (0..row.len()).filter(|start| row[*start] == rest[0]);
    let length = |start: usize| {
        let pairs = rest.iter().zip(&row[start..]);
        pairs.take_while(|(one, other)| one == other).count()
    };
    starts.map(length).max().unwrap_or(0)
}
