//! From files to one document: reading, merging, and errors that name file and line.

use thiserror::Error;

use crate::Calendar;
use crate::document::Document;

/// A catalogue that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub struct CatalogueError {
    /// Name of the file.
    pub file: String,
    /// Line in it, from 1, where it is known.
    pub line: Option<usize>,
    /// What is wrong.
    pub reason: String,
}

impl std::fmt::Display for CatalogueError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: {}", self.file, self.reason),
            None => write!(f, "{}: {}", self.file, self.reason),
        }
    }
}

/// Which entry an error is about: the name of its table and its id.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EntryId<'a>(pub(crate) &'static str, pub(crate) &'a str);

/// The texts that an edition came from, to tell where something stands.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sources(Vec<(String, String)>);

impl Sources {
    pub(crate) fn single(name: &str) -> Self {
        Self(vec![(name.to_owned(), String::new())])
    }

    /// An error about an entry, e.g. the `[[question]]` about `event.date`: at the first line of it that holds
    /// `snippet`, else at its beginning. Where several entries have this id, the first that holds `snippet` is meant.
    pub(crate) fn error(
        &self,
        about: EntryId<'_>,
        snippet: &str,
        reason: impl Into<String>,
    ) -> CatalogueError {
        let entries: Vec<Entry<'_>> = self
            .0
            .iter()
            .flat_map(|(file, text)| Entry::all(file, text, about))
            .collect();
        let holding = entries
            .iter()
            .find_map(|entry| Some((entry.file, entry.line_with(snippet)?)));
        let first = || entries.first().map(|entry| (entry.file, entry.first + 1));
        match holding.or_else(first) {
            Some((file, line)) => CatalogueError {
                file: file.to_owned(),
                line: Some(line),
                reason: reason.into(),
            },
            None => self.unplaced(about.1, reason.into()),
        }
    }

    /// An error about the edition as a whole, or about an entry that stands in no file.
    pub(crate) fn unplaced(&self, id: &str, reason: String) -> CatalogueError {
        let first = self.0.first();
        CatalogueError {
            file: first.map_or_else(|| "catalogue".to_owned(), |(name, _)| name.clone()),
            line: None,
            reason: format!("{id}: {reason}"),
        }
    }
}

/// An entry of a table (`[[table]]` and what follows, tables inside it included) as it stands in its file.
struct Entry<'a> {
    file: &'a str,
    /// Index of the line that names it.
    first: usize,
    /// Its lines from there on.
    lines: Vec<&'a str>,
}

impl<'a> Entry<'a> {
    /// The entries of the table with this id, in the order of the file.
    fn all(file: &'a str, text: &'a str, EntryId(table, id): EntryId<'_>) -> Vec<Entry<'a>> {
        let lines: Vec<&str> = text.lines().collect();
        let is_heading = |line: &str| line.starts_with("[[") && !line.contains('.');
        let headings: Vec<usize> = (0..lines.len())
            .filter(|index| is_heading(lines[*index]))
            .collect();
        let heading = format!("[[{table}]]");
        let mut found = Vec::new();
        for (at, start) in headings.iter().enumerate() {
            let end = headings.get(at + 1).copied().unwrap_or(lines.len());
            let naming = (*start..end).find(|index| names(lines[*index], id));
            if let Some(first) = naming.filter(|_| lines[*start].trim_end() == heading) {
                found.push(Entry {
                    file,
                    first,
                    lines: lines[first..end].to_vec(),
                });
            }
        }
        found
    }

    /// The line, from 1, that holds `snippet`: in quotes if there is such a line.
    fn line_with(&self, snippet: &str) -> Option<usize> {
        let quoted = format!("\"{snippet}\"");
        let holding = |text: &str| self.lines.iter().position(|line| line.contains(text));
        let found = holding(&quoted).or_else(|| holding(snippet).filter(|_| !snippet.is_empty()));
        found.map(|index| self.first + index + 1)
    }
}

/// Whether the line gives an entry this id.
fn names(line: &str, id: &str) -> bool {
    let key = ["id =", "fact ="]
        .iter()
        .find_map(|key| line.trim().strip_prefix(key));
    key.is_some_and(|value| value.trim_start().starts_with(&format!("\"{id}\"")))
}

/// Reads and merges the files of an edition, in the order of their names.
pub(crate) fn read_files(
    files: impl IntoIterator<Item = (String, String)>,
) -> Result<(Document, Sources), CatalogueError> {
    let mut files: Vec<(String, String)> = files.into_iter().collect();
    files.sort();
    let mut whole = Document::default();
    for (name, text) in &files {
        if name.ends_with(".csv") {
            read_holidays(&mut whole, name, text)?;
        } else {
            merge(&mut whole, read_toml(name, text)?, name)?;
        }
    }
    Ok((whole, Sources(files)))
}

fn read_holidays(whole: &mut Document, name: &str, text: &str) -> Result<(), CatalogueError> {
    let calendar = Calendar::from_csv(text).map_err(|error| CatalogueError {
        file: name.to_owned(),
        line: Some(error.line),
        reason: error.reason,
    })?;
    whole.holiday.extend(
        calendar
            .holidays()
            .map(|(day, name)| (day, name.to_owned())),
    );
    Ok(())
}

fn read_toml(name: &str, text: &str) -> Result<Document, CatalogueError> {
    toml::from_str(text).map_err(|error| CatalogueError {
        file: name.to_owned(),
        line: error.span().map(|span| line_of(text, span.start)),
        reason: error.message().to_owned(),
    })
}

fn line_of(text: &str, offset: usize) -> usize {
    text.bytes()
        .take(offset)
        .filter(|byte| *byte == b'\n')
        .count()
        + 1
}

fn merge(whole: &mut Document, part: Document, file: &str) -> Result<(), CatalogueError> {
    if part.edition.is_some() && whole.edition.is_some() {
        let reason = "a second [edition]".to_owned();
        return Err(CatalogueError {
            file: file.to_owned(),
            line: None,
            reason,
        });
    }
    whole.edition = whole.edition.take().or(part.edition);
    whole.event.extend(part.event);
    whole.counter.extend(part.counter);
    whole.parameter.extend(part.parameter);
    whole.item.extend(part.item);
    whole.reason.extend(part.reason);
    whole.fact.extend(part.fact);
    whole.procedure.extend(part.procedure);
    whole.question.extend(part.question);
    whole.holiday.extend(part.holiday);
    Ok(())
}
