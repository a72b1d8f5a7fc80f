//! Another process's memory, searched page by page (proc(5): maps, mem).

use std::fs::{self, File};
use std::io::BufRead as _;
use std::os::unix::fs::FileExt as _;

/// Words to look for in a process.
pub(crate) struct Memory {
    process: u32,
    needles: Vec<Needle>,
}

struct Needle {
    what: String,
    forms: Vec<Vec<u8>>,
}

/// How often a word was found.
pub(crate) struct Found {
    pub(crate) what: String,
    pub(crate) count: usize,
}

/// Read at once, with as much of the next part as the longest word needs.
const PART: usize = 4 * 1024 * 1024;
const OVERLAP: usize = 512;

impl Memory {
    /// Every word is looked for as UTF-8, as UTF-16 and as UTF-32, as text buffers keep it.
    pub(crate) fn of<'a>(process: u32, words: impl Iterator<Item = &'a str>) -> Self {
        let needle = |word: &str| Needle {
            what: word.to_owned(),
            forms: vec![
                word.as_bytes().to_vec(),
                word.encode_utf16().flat_map(u16::to_le_bytes).collect(),
                word.chars()
                    .flat_map(|letter| u32::from(letter).to_le_bytes())
                    .collect(),
            ],
        };
        Self {
            process,
            needles: words.map(needle).collect(),
        }
    }

    /// Counts the words in everything that can be written to.
    pub(crate) fn search(&self) -> Vec<Found> {
        let mut counts = vec![0; self.needles.len()];
        let memory = File::open(format!("/proc/{}/mem", self.process)).unwrap();
        for (from, until) in self.writable() {
            let mut at = from;
            while at < until {
                let length = (until - at).min((PART + OVERLAP) as u64) as usize;
                let mut bytes = vec![0; length];
                // What cannot be read (a guard page) holds nothing.
                if memory.read_exact_at(&mut bytes, at).is_ok() {
                    self.count(&bytes, &mut counts);
                }
                at += PART as u64;
            }
        }
        let found = |(needle, count): (&Needle, usize)| Found {
            what: needle.what.clone(),
            count,
        };
        self.needles.iter().zip(counts).map(found).collect()
    }

    fn writable(&self) -> Vec<(u64, u64)> {
        let maps = fs::read_to_string(format!("/proc/{}/maps", self.process)).unwrap();
        let region = |line: &str| {
            let mut parts = line.split(' ');
            let (from, until) = parts.next()?.split_once('-')?;
            let writable = parts.next()?.starts_with("rw");
            let place = |text| u64::from_str_radix(text, 16).ok();
            writable.then_some((place(from)?, place(until)?))
        };
        maps.lines().filter_map(region).collect()
    }

    fn count(&self, bytes: &[u8], counts: &mut [usize]) {
        let own = bytes.len().min(PART);
        for (needle, count) in self.needles.iter().zip(counts) {
            for form in &needle.forms {
                *count += occurrences(bytes, form).filter(|at| *at < own).count();
            }
        }
    }
}

/// Where the form begins. Its last byte that is not zero is looked for with `memchr`, which reads memory as fast as it comes; a loop
/// of our own would take minutes where nothing is optimised.
fn occurrences<'a>(bytes: &'a [u8], form: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
    let offset = form.iter().rposition(|byte| *byte != 0).unwrap_or(0);
    let (mut rest, mut at) = (bytes, 0);
    std::iter::from_fn(move || {
        loop {
            let skipped = rest.skip_until(form[offset]).unwrap_or(0);
            if skipped == 0 {
                return None;
            }
            at += skipped;
            let begin = (at - 1).checked_sub(offset);
            if let Some(begin) = begin.filter(|begin| bytes[*begin..].starts_with(form)) {
                return Some(begin);
            }
        }
    })
}
