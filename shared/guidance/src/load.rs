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

/// The texts that an edition came from, to tell where something stands.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sources(Vec<(String, String)>);

impl Sources {
    pub(crate) fn single(name: &str) -> Self {
        Self(vec![(name.to_owned(), String::new())])
    }

    /// An error about the entry with this id, at the first line from there on that holds `snippet`.
    pub(crate) fn error(
        &self,
        id: &str,
        snippet: &str,
        reason: impl Into<String>,
    ) -> CatalogueError {
        let entry = format!("\"{id}\"");
        for (file, text) in &self.0 {
            let lines = || text.lines().enumerate();
            let keys = ["id =", "fact =", "name ="];
            let is_entry =
                |line: &str| keys.iter().any(|key| line.starts_with(key)) && line.contains(&entry);
            let Some((start, _)) = lines().find(|(_, line)| is_entry(line.trim())) else {
                continue;
            };
            let quoted = format!("\"{snippet}\"");
            let holding =
                |wanted: &str| lines().skip(start).find(|(_, line)| line.contains(wanted));
            let found =
                holding(&quoted).or_else(|| holding(snippet).filter(|_| !snippet.is_empty()));
            let line = found.map_or(start, |(index, _)| index) + 1;
            return CatalogueError {
                file: file.clone(),
                line: Some(line),
                reason: reason.into(),
            };
        }
        let file = self
            .0
            .first()
            .map_or_else(|| "catalogue".to_owned(), |(name, _)| name.clone());
        CatalogueError {
            file,
            line: None,
            reason: format!("{id}: {}", reason.into()),
        }
    }
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
    whole.procedure.extend(part.procedure);
    whole.question.extend(part.question);
    whole.holiday.extend(part.holiday);
    Ok(())
}
