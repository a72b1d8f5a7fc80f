//! Why something could not be printed.

/// Why something could not be printed. Names the field, never its text.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PaperError {
    /// No font has this character; printing a box instead would change a name.
    #[error("{field}: no glyph for {character}")]
    MissingGlyph {
        /// Key of the value, or the part of the template.
        field: String,
        /// Code points, `U+8FBB U+E0100`.
        character: String,
    },
    /// There is no template for this form.
    #[error("no template {0:?}")]
    NoTemplate(String),
    /// The template is wrong.
    #[error("{file}:{line}: {reason}")]
    Template {
        /// Its name.
        file: String,
        /// Line, from 1; 0 when it isn't known.
        line: usize,
        /// What Typst says.
        reason: String,
    },
    /// The page can't be written as PDF/A-2a and PDF/UA-1.
    #[error("PDF: {0}")]
    Pdf(String),
    /// A page's picture can't be written.
    #[error("PNG: {0}")]
    Picture(String),
    /// There is no such page.
    #[error("no page {0}")]
    NoPage(usize),
    /// The code does not hold that much.
    #[error("the two-dimensional code does not hold its text")]
    Code,
    /// Two words of the receipt are missing.
    #[error("receipt words: {0}")]
    Words(String),
}

impl PaperError {
    /// What a log may say: the kind and the place, and nothing of what a person entered, which glyphs and a template's own
    /// message may repeat.
    #[must_use]
    pub fn for_log(&self) -> String {
        match self {
            Self::MissingGlyph { .. } => "a glyph is missing".to_owned(),
            Self::NoTemplate(_) => "no such template".to_owned(),
            Self::Template { file, line, .. } => format!("{file}:{line}: template"),
            Self::Pdf(_) => "the PDF cannot be written".to_owned(),
            Self::Picture(_) => "a page's picture cannot be written".to_owned(),
            Self::NoPage(page) => format!("no page {page}"),
            Self::Code => "the two-dimensional code does not hold its text".to_owned(),
            Self::Words(_) => "words of the receipt are missing".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::PaperError;

    #[test]
    fn a_log_gets_nothing_that_a_person_entered() {
        let errors = [
            PaperError::MissingGlyph {
                field: "persons[A].name".to_owned(),
                character: "U+8FBB".to_owned(),
            },
            PaperError::Template {
                file: "pension.typ".to_owned(),
                line: 7,
                reason: "cannot add 見本 and 1".to_owned(),
            },
            PaperError::Pdf("見本".to_owned()),
        ];
        for error in errors {
            let text = error.for_log();
            assert!(!text.contains("見本") && !text.contains("8FBB"), "{text}");
        }
    }
}
