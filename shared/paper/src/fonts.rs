//! The fonts that paper is set in. Loading them from folders is this crate's only input.
//!
//! Noto Serif CJK JP for values, Noto Sans CJK JP for labels and receipts, and IPAmj Mincho for what Noto lacks. A
//! character that none of them has is an error: a box or a blank in a name is worse than no form.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use memmap2::Mmap;
use typst::foundations::Bytes;
use typst::layout::Abs;
use typst::text::{Font, FontInstance, FontVariant, FontVariations};
use unicode_linebreak::linebreaks;

use crate::error::PaperError;

/// Family of labels and receipts.
pub const GOTHIC: &str = "Noto Sans CJK JP";
/// Family of values.
pub const MINCHO: &str = "Noto Serif CJK JP";
/// Family of characters that Noto lacks (MJ文字).
pub const RARE: &str = "IPAmjMincho";

/// File names by which distributions install the fonts.
const FILES: [&[&str]; 4] = [
    &["NotoSansCJK-Regular.ttc"],
    &["NotoSansCJK-Bold.ttc"],
    &["NotoSerifCJK-Regular.ttc"],
    &["ipamjm.ttf", "fonts-japanese-mincho.ttf"],
];

/// Why fonts could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum FontError {
    /// A file is there but can't be read.
    #[error("{path}: {source}", path = path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the file system said.
        source: io::Error,
    },
    /// A family that's always needed is not there.
    #[error("font family {0:?} is missing (Debian: fonts-noto-cjk)")]
    Missing(&'static str),
}

/// A fixed list of fonts.
#[derive(Clone)]
pub struct FontSet {
    pub(crate) fonts: Vec<Font>,
    pub(crate) files: Vec<Bytes>,
    gothic: Vec<Face>,
    mincho: Vec<Face>,
}

#[derive(Clone)]
struct Face {
    family: &'static str,
    font: Font,
    /// Made at the first look: it costs a hash of the whole file, which the start of a kiosk need not wait for.
    instance: Arc<OnceLock<FontInstance>>,
}

impl Face {
    fn instance(&self) -> &FontInstance {
        self.instance.get_or_init(|| {
            self.font.clone().instantiate(
                FontVariant::default(),
                Abs::pt(10.0),
                &FontVariations::default(),
            )
        })
    }
}

/// A character with its variation selector, the family that has it, how wide it is, and whether a line may begin with it.
#[derive(Clone, PartialEq, Debug)]
pub struct Cluster<'a> {
    /// One character and its selector.
    pub text: &'a str,
    /// The family that has the glyph.
    pub family: &'static str,
    /// Advance in em.
    pub advance: f64,
    /// A line may begin here (UAX #14): after a space, between kanji, but not within "MARIA" or before 「、」.
    pub starts: bool,
}

impl FontSet {
    /// Loads the fonts from the first folder that has each (folders are searched two levels deep).
    ///
    /// # Errors
    /// When a file can't be read, or Noto Sans CJK JP or Noto Serif CJK JP is not there.
    pub fn load(folders: &[PathBuf]) -> Result<Self, FontError> {
        let mut files = Vec::new();
        for names in FILES {
            if let Some(path) = find(folders, names) {
                let file = map(&path).map_err(|source| FontError::Read { path, source })?;
                files.push(Bytes::new(file));
            }
        }
        Self::of(files)
    }

    /// Takes fonts from the bytes of their files; of a collection only the Japanese faces.
    ///
    /// # Errors
    /// [`FontError::Missing`] when Noto Sans CJK JP or Noto Serif CJK JP is not among them.
    pub fn from_bytes(files: Vec<Vec<u8>>) -> Result<Self, FontError> {
        Self::of(files.into_iter().map(Bytes::new).collect())
    }

    fn of(files: Vec<Bytes>) -> Result<Self, FontError> {
        let fonts: Vec<Font> = files.iter().flat_map(japanese).collect();
        let face = |family: &'static str| {
            let font = fonts.iter().find(|font| font.info().family == family)?;
            Some(Face {
                family,
                font: font.clone(),
                instance: Arc::default(),
            })
        };
        let rare = face(RARE);
        let gothic = face(GOTHIC).ok_or(FontError::Missing(GOTHIC))?;
        let mincho = face(MINCHO).ok_or(FontError::Missing(MINCHO))?;
        Ok(Self {
            gothic: [Some(gothic.clone()), rare.clone()]
                .into_iter()
                .flatten()
                .collect(),
            mincho: [Some(mincho), rare, Some(gothic)]
                .into_iter()
                .flatten()
                .collect(),
            fonts,
            files,
        })
    }

    /// Families in which values are set, first choice first.
    pub fn value_families(&self) -> impl Iterator<Item = &'static str> {
        self.mincho.iter().map(|face| face.family)
    }

    /// Splits a value into clusters and finds for each the family that has it, variation selector included.
    ///
    /// # Errors
    /// [`PaperError::MissingGlyph`] with the field's name and the code points.
    pub fn value_clusters<'a>(
        &self,
        field: &str,
        text: &'a str,
    ) -> Result<Vec<Cluster<'a>>, PaperError> {
        clusters(&self.mincho, field, text)
    }

    /// The same for receipts.
    ///
    /// # Errors
    /// As [`FontSet::value_clusters`].
    pub fn receipt_clusters<'a>(
        &self,
        field: &str,
        text: &'a str,
    ) -> Result<Vec<Cluster<'a>>, PaperError> {
        clusters(&self.gothic, field, text)
    }
}

/// The faces of a file that paper is set in. A collection has up to ten, and [`Font::new`] goes through the whole
/// character table of each: what is not ours is left out by its name before.
fn japanese(file: &Bytes) -> Vec<Font> {
    let ours = |name: &str| [GOTHIC, MINCHO, RARE].contains(&name);
    let faces = ttf_parser::fonts_in_collection(file).unwrap_or(1);
    (0..faces)
        .filter(|index| families(file, *index).iter().any(|name| ours(name)))
        .filter_map(|index| Font::new(file.clone(), index))
        .filter(|font| ours(&font.info().family))
        .collect()
}

/// Every family name that a face has in its own table.
fn families(file: &Bytes, index: u32) -> Vec<String> {
    use ttf_parser::name_id::{FAMILY, TYPOGRAPHIC_FAMILY};
    let Ok(face) = ttf_parser::RawFace::parse(file, index) else {
        return Vec::new();
    };
    let table = face.table(ttf_parser::Tag::from_bytes(b"name"));
    let table = table.and_then(ttf_parser::name::Table::parse);
    let names = table.into_iter().flat_map(|table| table.names);
    names
        .filter(|name| [FAMILY, TYPOGRAPHIC_FAMILY].contains(&name.name_id))
        .filter_map(|name| name.to_string())
        .collect()
}

/// A file's content without a copy in memory: the fonts are some 110 MB, of which a visit looks at a few pages.
fn map(path: &Path) -> io::Result<Mmap> {
    let file = File::open(path)?;
    #[expect(
        unsafe_code,
        reason = "sound while nobody writes into the file: font packages replace their files by rename, and the kiosk's image is read-only"
    )]
    unsafe {
        Mmap::map(&file)
    }
}

fn find(folders: &[PathBuf], names: &[&str]) -> Option<PathBuf> {
    let below = |folder: &PathBuf| -> Vec<PathBuf> {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        let mut found: Vec<PathBuf> = entries
            .map(|entry| entry.path())
            .filter(|path| path.is_dir())
            .collect();
        found.sort();
        found
    };
    for folder in folders {
        let deeper = below(folder);
        let deepest = deeper.iter().flat_map(below);
        let all = std::iter::once(folder.clone())
            .chain(deeper.iter().cloned())
            .chain(deepest.collect::<Vec<_>>());
        for folder in all {
            if let Some(path) = names
                .iter()
                .map(|name| folder.join(name))
                .find(|path| path.is_file())
            {
                return Some(path);
            }
        }
    }
    None
}

fn clusters<'a>(
    faces: &[Face],
    field: &str,
    text: &'a str,
) -> Result<Vec<Cluster<'a>>, PaperError> {
    let mut found = Vec::new();
    let breaks: BTreeSet<usize> = linebreaks(text).map(|(at, _)| at).collect();
    let mut chars = text.char_indices().peekable();
    while let Some((start, base)) = chars.next() {
        let selector = chars
            .next_if(|(_, c)| application::characters::is_variation_selector(*c))
            .map(|(_, c)| c);
        let end = chars.peek().map_or(text.len(), |(at, _)| *at);
        let text = &text[start..end];
        let hit = faces
            .iter()
            .find_map(|face| Some((face.family, advance(face.instance(), base, selector)?)));
        let (family, advance) = hit.ok_or_else(|| missing(field, text))?;
        found.push(Cluster {
            text,
            family,
            advance,
            starts: start == 0 || breaks.contains(&start),
        });
    }
    Ok(found)
}

/// Advance in em of a character this font really has; the default glyph of a sequence counts as having it only if the
/// font lists the sequence (cmap format 14).
fn advance(font: &FontInstance, base: char, selector: Option<char>) -> Option<f64> {
    let face = font.ttf();
    let glyph = match selector {
        Some(selector) => face.glyph_variation_index(base, selector),
        None => face.glyph_index(base),
    };
    let glyph = glyph.filter(|glyph| glyph.0 != 0)?;
    font.x_advance(glyph.0).map(|em| em.get())
}

fn missing(field: &str, text: &str) -> PaperError {
    let codes: Vec<String> = text
        .chars()
        .map(|c| format!("U+{:04X}", c as u32))
        .collect();
    PaperError::MissingGlyph {
        field: field.to_owned(),
        character: codes.join(" "),
    }
}
