//! Which file of a crate uses which other file, and the circles in that.
//!
//! A file uses another when its code names something that the other defines, however it is reached: by `use`, by a path, through a
//! re-export. These are no use: declaring a module (`mod inbox;`), passing a name on (`pub use inbox::Page;`), naming a module
//! without anything in it (`use crate::store;`), a method of a value, and code behind `#[cfg(test)]`.

use std::collections::{BTreeMap, BTreeSet};

use crate::module_tree;
use crate::resolution::{Modules, Target};

/// The files of one crate and their arrows.
pub struct ModuleGraph {
    /// From file to file, with the names that are used.
    arrows: BTreeMap<(String, String), BTreeSet<String>>,
}

impl ModuleGraph {
    /// Reads a crate from `root` (`lib.rs` or `main.rs`); `files` maps paths below `src/` to their text.
    ///
    /// # Panics
    /// If a file is not Rust, or a declared module has no file.
    #[must_use]
    pub fn read(files: &BTreeMap<String, String>, root: &str) -> Self {
        let modules = Modules(module_tree::read(files, root));
        let mut arrows: BTreeMap<_, BTreeSet<String>> = BTreeMap::new();
        for (id, module) in modules.0.iter().enumerate() {
            let imported = module.imports.values().filter(|import| !import.re_export);
            let paths = imported.map(|import| &import.path).chain(&module.mentioned);
            for path in paths {
                let Some(Target::Item(target, name)) = modules.resolve(id, path) else {
                    continue;
                };
                let target = &modules.0[target].file;
                if *target != module.file {
                    let arrow = (module.file.clone(), target.clone());
                    arrows.entry(arrow).or_default().insert(name);
                }
            }
        }
        Self { arrows }
    }

    /// The names of `to` that `from` uses.
    #[must_use]
    pub fn names(&self, from: &str, to: &str) -> Option<&BTreeSet<String>> {
        self.arrows.get(&(from.to_owned(), to.to_owned()))
    }

    /// Takes an arrow out; whether it was there.
    pub fn remove(&mut self, from: &str, to: &str) -> bool {
        self.arrows
            .remove(&(from.to_owned(), to.to_owned()))
            .is_some()
    }

    /// Sets of files that all reach each other, the largest first.
    #[must_use]
    pub fn circles(&self) -> Vec<BTreeSet<String>> {
        let reached: BTreeMap<&String, BTreeSet<&String>> = self
            .arrows
            .keys()
            .map(|(from, _)| (from, self.reached_from(from)))
            .collect();
        let mut circles: Vec<BTreeSet<String>> = Vec::new();
        for (file, reaches) in &reached {
            let known = circles.iter().any(|circle| circle.contains(*file));
            if !known && reaches.contains(file) {
                let back = |other: &&&String| reached.get(*other).is_some_and(|r| r.contains(file));
                let circle = reaches.iter().filter(back).map(|other| (*other).clone());
                circles.push(circle.collect());
            }
        }
        circles.sort_by_key(|circle| std::cmp::Reverse(circle.len()));
        circles
    }

    fn reached_from<'a>(&'a self, file: &str) -> BTreeSet<&'a String> {
        let mut reached = BTreeSet::new();
        let mut open = vec![file];
        while let Some(file) = open.pop() {
            for (from, to) in self.arrows.keys() {
                if from == file && reached.insert(to) {
                    open.push(to);
                }
            }
        }
        reached
    }

    /// The arrows inside a circle, one a line, with the names that tie it.
    #[must_use]
    pub fn describe(&self, circle: &BTreeSet<String>) -> String {
        let inside =
            |arrow: &&(String, String)| circle.contains(&arrow.0) && circle.contains(&arrow.1);
        let line = |arrow: &(String, String)| {
            let names: Vec<&str> = self.arrows[arrow].iter().map(String::as_str).collect();
            format!("  {} → {}: {}\n", arrow.0, arrow.1, names.join(", "))
        };
        self.arrows.keys().filter(inside).map(line).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A made-up crate: a visit and a page use each other, the page through a re-export.
    const CRATE: &[(&str, &str)] = &[
        (
            "lib.rs",
            "mod flow; mod pages; mod visit; mod words; pub use visit::Visit;",
        ),
        (
            "flow.rs",
            "use crate::{pages::{self, Entry}, Visit};
             fn step(visit: &Visit) { pages::draw(Entry); }",
        ),
        (
            "visit.rs",
            "use super::words::{self as texts};
             pub struct Visit;
             fn hold() { let page = vec![crate::pages::Entry]; texts::say!(page); }
             #[cfg(test)] mod tests { use crate::flow::step; }",
        ),
        (
            "pages/mod.rs",
            "mod entry; mod paint; pub use entry::Entry; pub(crate) use self::paint::draw;",
        ),
        (
            "pages/entry.rs",
            "// crate::flow\npub struct Entry; fn touch(visit: &mut crate::Visit) { visit.draw(); }",
        ),
        ("pages/paint.rs", "pub fn draw(entry: super::Entry) {}"),
        (
            "words.rs",
            "macro_rules! say { () => {} } pub(crate) use say;",
        ),
    ];

    fn graph(files: &[(&str, &str)]) -> ModuleGraph {
        let files = files
            .iter()
            .map(|(file, text)| ((*file).to_owned(), (*text).to_owned()));
        ModuleGraph::read(&files.collect(), "lib.rs")
    }

    fn used(graph: &ModuleGraph, from: &str, to: &str) -> Vec<String> {
        graph
            .names(from, to)
            .into_iter()
            .flatten()
            .cloned()
            .collect()
    }

    #[test]
    fn the_known_circle_is_found_with_the_names_that_tie_it() {
        let graph = graph(CRATE);
        let circles = graph.circles();
        assert_eq!(circles.len(), 1);
        assert_eq!(
            graph.describe(&circles[0]),
            "  pages/entry.rs → visit.rs: Visit\n  visit.rs → pages/entry.rs: Entry\n"
        );
    }

    #[test]
    fn a_name_counts_for_the_file_that_defines_it() {
        let graph = graph(CRATE);
        assert_eq!(used(&graph, "flow.rs", "visit.rs"), ["Visit"]);
        assert_eq!(used(&graph, "flow.rs", "pages/entry.rs"), ["Entry"]);
        assert_eq!(used(&graph, "flow.rs", "pages/paint.rs"), ["draw"]);
        assert_eq!(used(&graph, "pages/paint.rs", "pages/entry.rs"), ["Entry"]);
        assert_eq!(used(&graph, "visit.rs", "words.rs"), ["say"]);
    }

    #[test]
    fn declaring_passing_on_testing_and_calling_a_method_are_no_use() {
        let graph = graph(CRATE);
        let from = |file: &str| graph.arrows.keys().filter(|(from, _)| from == file).count();
        assert_eq!(from("lib.rs"), 0);
        assert_eq!(from("pages/mod.rs"), 0);
        assert_eq!(used(&graph, "visit.rs", "flow.rs"), [""; 0]);
        assert_eq!(used(&graph, "pages/entry.rs", "pages/paint.rs"), [""; 0]);
    }

    #[test]
    fn a_parent_that_uses_a_child_which_uses_it_is_a_circle() {
        let graph = graph(&[
            ("lib.rs", "mod console;"),
            (
                "console.rs",
                "mod inbox; pub struct Page; fn routes() { inbox::get(); }",
            ),
            (
                "console/inbox.rs",
                "use super::*; pub fn get() -> Page { Page }",
            ),
        ]);
        assert_eq!(graph.circles().len(), 1);
        assert_eq!(used(&graph, "console/inbox.rs", "console.rs"), ["Page"]);
    }

    #[test]
    fn a_circle_is_open_without_one_of_its_arrows() {
        let mut graph = graph(CRATE);
        assert!(graph.remove("visit.rs", "pages/entry.rs"));
        assert!(!graph.remove("visit.rs", "pages/entry.rs"));
        assert!(graph.circles().is_empty());
    }
}
