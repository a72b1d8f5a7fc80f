//! The word book: every word that a resident reads, by key and language.
//!
//! Files are TOML, one language each, as many files a language as is convenient; tables nest and their names join with
//! a dot. A word may hold `{name}` (an argument) and `{漢字|かんじ}` (furigana). Every language must have the same keys
//! with the same arguments: a gap is an error at load, never a foreign word on the screen.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use session::text::Text;
use session::touch::Language;

use crate::furigana;

/// The language that every other one is compared with.
pub const FIRST: &str = "ja";

/// Why a word book could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum WordsError {
    /// A file could not be read.
    #[error("{path}: {source}")]
    Read {
        /// The file or folder.
        path: String,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A file is not TOML.
    #[error("words, language {language}: {source}")]
    Toml {
        /// The language of the file.
        language: String,
        /// Where and why, with line and column.
        source: Box<toml::de::Error>,
    },
    /// A value is neither text nor a table.
    #[error("words, language {language}: {key} is not text")]
    NotText {
        /// The language of the file.
        language: String,
        /// The dotted key.
        key: String,
    },
    /// Two files of a language hold the same key.
    #[error("words, language {language}: {key} is given twice")]
    Twice {
        /// The language.
        language: String,
        /// The dotted key.
        key: String,
    },
    /// A brace is never closed, or furigana has an empty side.
    #[error("words, language {language}: {key}: broken braces in {text:?}")]
    Braces {
        /// The language.
        language: String,
        /// The dotted key.
        key: String,
        /// The word as it stands.
        text: String,
    },
    /// No Japanese words at all.
    #[error("words: no {FIRST}")]
    NoFirst,
    /// A language lacks keys that Japanese has, or has keys that Japanese lacks.
    #[error("words, language {language}: missing {missing:?}, unknown {unknown:?}")]
    Keys {
        /// The language.
        language: String,
        /// In Japanese only.
        missing: Vec<String>,
        /// Not in Japanese.
        unknown: Vec<String>,
    },
    /// A word takes other arguments than its Japanese one.
    #[error("words, language {language}: {key} takes {found:?}, in {FIRST} {expected:?}")]
    Arguments {
        /// The language.
        language: String,
        /// The dotted key.
        key: String,
        /// Arguments in this language.
        found: Vec<String>,
        /// Arguments in Japanese.
        expected: Vec<String>,
    },
}

type Entries = BTreeMap<String, String>;

/// All words in all languages.
pub struct WordBook {
    languages: Vec<Language>,
    entries: BTreeMap<String, Entries>,
}

impl WordBook {
    /// Builds the book from (language, TOML text) pairs; the order of first appearance is the order of the languages.
    ///
    /// # Errors
    /// Bad TOML, a value that is not text, a key twice, broken braces, or languages that differ in keys or arguments.
    pub fn from_files<L: Into<String>, T: AsRef<str>>(
        files: impl IntoIterator<Item = (L, T)>,
    ) -> Result<Self, WordsError> {
        let mut book = Self {
            languages: Vec::new(),
            entries: BTreeMap::new(),
        };
        for (language, text) in files {
            book.add(language.into(), text.as_ref())?;
        }
        book.check()?;
        Ok(book)
    }

    /// Reads `<language>.toml` in `folder` and in the folders right below it. Japanese comes first, then やさしい日本語,
    /// then the others by tag.
    ///
    /// # Errors
    /// An unreadable folder or file, and all of [`WordBook::from_files`].
    pub fn from_folder(folder: &Path) -> Result<Self, WordsError> {
        let mut files = Vec::new();
        collect(folder, 1, &mut files)?;
        files.sort_by_key(|(language, _)| {
            (
                language != FIRST,
                !language.starts_with(FIRST),
                language.clone(),
            )
        });
        Self::from_files(files)
    }

    /// The languages, in order.
    #[must_use]
    pub fn languages(&self) -> &[Language] {
        &self.languages
    }

    /// All keys, in order.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.entries
            .get(FIRST)
            .into_iter()
            .flat_map(|entries| entries.keys().map(String::as_str))
    }

    /// The words of `text` in `language`, with furigana still marked.
    ///
    /// A key or argument that is not there is logged and stands between ⟦ and ⟧, so that it is seen at once.
    #[must_use]
    pub fn resolve(&self, text: &Text, language: &Language) -> String {
        match text {
            Text::Key(key, arguments) => {
                self.filled(&self.word(key, language), arguments, language)
            }
            Text::Words(words) => self.filled(
                &translated(words.exact(&language.0), words.get(FIRST), language),
                &[],
                language,
            ),
            Text::WordsWith(words, arguments) => self.filled(
                &translated(words.exact(&language.0), words.get(FIRST), language),
                arguments,
                language,
            ),
            // A brace in a name is no markup.
            Text::Plain(plain) => plain.replace('{', "｛").replace('}', "｝"),
            Text::Date(date) => {
                let weekday = date.weekday().to_monday_one_offset();
                self.date(
                    [date.year().into(), date.month().into(), date.day().into()],
                    weekday,
                    language,
                )
            }
            Text::List(items) => {
                let mark = self.word("ui.list-mark", language);
                items
                    .iter()
                    .map(|item| self.resolve(item, language))
                    .collect::<Vec<_>>()
                    .join(&mark)
            }
        }
    }

    /// The same without furigana: for accessible names and logs of the technician's tools.
    #[must_use]
    pub fn plain(&self, text: &Text, language: &Language) -> String {
        furigana::plain(&self.resolve(text, language))
    }

    /// A word of the screen's own, with its one number.
    #[must_use]
    pub fn own(&self, key: &str, number: i32, language: &Language) -> String {
        let arguments = [("n", Text::Plain(number.to_string()))];
        self.filled(&self.word(key, language), &arguments, language)
    }

    fn date(&self, [year, month, day]: [i32; 3], weekday: i8, language: &Language) -> String {
        let number = |value: i32| Text::Plain(value.to_string());
        let arguments = [
            ("year", number(year)),
            ("month", number(month)),
            ("day", number(day)),
        ];
        let pattern = self
            .word("ui.date", language)
            .replace(
                "{weekday}",
                &self.word(&format!("ui.weekday-{weekday}"), language),
            )
            .replace(
                "{month-name}",
                &self.word(&format!("ui.month-{month}"), language),
            );
        self.filled(&pattern, &arguments, language)
    }

    fn word(&self, key: &str, language: &Language) -> String {
        let found = self
            .entries
            .get(&language.0)
            .and_then(|entries| entries.get(key));
        found.cloned().unwrap_or_else(|| {
            tracing::error!(key, language = language.0, "no such word");
            format!("⟦{key}⟧")
        })
    }

    fn filled(
        &self,
        pattern: &str,
        arguments: &[(&'static str, Text)],
        language: &Language,
    ) -> String {
        furigana::filled(pattern, |name| {
            let argument = arguments.iter().find(|(key, _)| *key == name);
            argument.map_or_else(
                || {
                    tracing::error!(argument = name, language = language.0, "no such argument");
                    format!("⟦{name}⟧")
                },
                |(_, text)| self.resolve(text, language),
            )
        })
    }

    fn add(&mut self, language: String, text: &str) -> Result<(), WordsError> {
        let table: toml::Table = toml::from_str(text).map_err(|source| WordsError::Toml {
            language: language.clone(),
            source: Box::new(source),
        })?;
        if !self.languages.iter().any(|known| known.0 == language) {
            self.languages.push(Language(language.clone()));
        }
        let entries = self.entries.entry(language.clone()).or_default();
        flatten("", &table, &language, entries)
    }

    fn check(&self) -> Result<(), WordsError> {
        let first = self.entries.get(FIRST).ok_or(WordsError::NoFirst)?;
        for (language, entries) in &self.entries {
            same_keys(language, first, entries)?;
            for (key, text) in entries {
                same_arguments(language, key, text, &first[key])?;
            }
        }
        Ok(())
    }
}

fn translated(exact: Option<&str>, first: &str, language: &Language) -> String {
    if exact.is_none() && language.0 != FIRST {
        tracing::warn!(
            language = language.0,
            "catalogue text not translated; shown in Japanese"
        );
    }
    exact.unwrap_or(first).to_owned()
}

fn collect(
    folder: &Path,
    depth: usize,
    files: &mut Vec<(String, String)>,
) -> Result<(), WordsError> {
    let failed = |path: &Path, source| WordsError::Read {
        path: path.display().to_string(),
        source,
    };
    let entries = std::fs::read_dir(folder).map_err(|source| failed(folder, source))?;
    let mut paths = Vec::new();
    for entry in entries {
        paths.push(entry.map_err(|source| failed(folder, source))?.path());
    }
    paths.sort();
    for path in paths {
        let stem = path
            .file_stem()
            .and_then(|stem| stem.to_str())
            .unwrap_or_default()
            .to_owned();
        if path.is_dir() && depth > 0 {
            collect(&path, depth - 1, files)?;
        } else if path
            .extension()
            .is_some_and(|extension| extension == "toml")
        {
            files.push((
                stem,
                std::fs::read_to_string(&path).map_err(|source| failed(&path, source))?,
            ));
        }
    }
    Ok(())
}

fn flatten(
    before: &str,
    table: &toml::Table,
    language: &str,
    entries: &mut Entries,
) -> Result<(), WordsError> {
    for (name, value) in table {
        let key = if before.is_empty() {
            name.clone()
        } else {
            format!("{before}.{name}")
        };
        match value {
            toml::Value::Table(inner) => flatten(&key, inner, language, entries)?,
            toml::Value::String(text) => {
                if entries.insert(key.clone(), text.clone()).is_some() {
                    return Err(WordsError::Twice {
                        language: language.to_owned(),
                        key,
                    });
                }
            }
            _ => {
                return Err(WordsError::NotText {
                    language: language.to_owned(),
                    key,
                });
            }
        }
    }
    Ok(())
}

fn same_keys(language: &str, first: &Entries, entries: &Entries) -> Result<(), WordsError> {
    let lacking = |from: &Entries, other: &Entries| -> Vec<String> {
        from.keys()
            .filter(|key| !other.contains_key(*key))
            .cloned()
            .collect()
    };
    let (missing, unknown) = (lacking(first, entries), lacking(entries, first));
    if missing.is_empty() && unknown.is_empty() {
        return Ok(());
    }
    Err(WordsError::Keys {
        language: language.to_owned(),
        missing,
        unknown,
    })
}

fn same_arguments(language: &str, key: &str, text: &str, first: &str) -> Result<(), WordsError> {
    let names = |text: &str| -> Result<BTreeSet<String>, WordsError> {
        furigana::arguments(text).ok_or_else(|| WordsError::Braces {
            language: language.to_owned(),
            key: key.to_owned(),
            text: text.to_owned(),
        })
    };
    let (found, expected) = (names(text)?, names(first)?);
    // A date is said in other parts from language to language.
    if found == expected || key == "ui.date" {
        return Ok(());
    }
    Err(WordsError::Arguments {
        language: language.to_owned(),
        key: key.to_owned(),
        found: found.into_iter().collect(),
        expected: expected.into_iter().collect(),
    })
}
