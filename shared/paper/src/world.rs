//! The world a template sees: its own sources, the values, a fixed list of fonts, a given day. No files, no packages.

use std::collections::HashMap;

use typst::diag::{FileError, FileResult};
use typst::foundations::{Binding, Bytes, Datetime, Duration, Value};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};

/// Typst's elements through which a template could bring a citation style of its own, for whose parser (quick-xml 0.38) two denials of service are
/// known. No form cites anything; deny.toml relies on it.
const LEFT_OUT: [&str; 2] = ["bibliography", "cite"];

/// Typst's standard library without [`LEFT_OUT`].
pub(crate) fn library() -> Library {
    let mut library = Library::default();
    let scope = library.global.scope_mut();
    for name in LEFT_OUT {
        scope.bind(name.into(), Binding::detached(Value::None));
    }
    // A template reaches the same names as `std.bibliography`.
    library.std = Binding::detached(library.global.clone());
    library
}

/// What stays the same from form to form.
pub(crate) struct Shop {
    pub(crate) library: LazyHash<Library>,
    pub(crate) book: LazyHash<FontBook>,
    pub(crate) fonts: Vec<Font>,
    pub(crate) sources: HashMap<FileId, Source>,
}

/// One form's world.
pub(crate) struct SheetWorld<'a> {
    pub(crate) shop: &'a Shop,
    pub(crate) main: FileId,
    pub(crate) values_id: FileId,
    pub(crate) values: Bytes,
    pub(crate) today: Option<Datetime>,
}

/// The id of a file of the edition; `None` for names that aren't paths.
pub(crate) fn file_id(name: &str) -> Option<FileId> {
    let path = VirtualPath::new(format!("/{name}")).ok()?;
    Some(FileId::new(RootedPath::new(VirtualRoot::Project, path)))
}

impl World for SheetWorld<'_> {
    fn library(&self) -> &LazyHash<Library> {
        &self.shop.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.shop.book
    }

    fn main(&self) -> FileId {
        self.main
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        self.shop
            .sources
            .get(&id)
            .cloned()
            .ok_or(FileError::AccessDenied)
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        if id == self.values_id {
            Ok(self.values.clone())
        } else {
            Err(FileError::AccessDenied)
        }
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.shop.fonts.get(index).cloned()
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        self.today
    }
}
