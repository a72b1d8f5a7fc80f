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
