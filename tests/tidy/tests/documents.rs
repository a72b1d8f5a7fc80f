//! Documents name only what exists: files, and names in code.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use tidy::names::Names;

/// Paths that are elsewhere: on a kiosk's disk.
const NOT_HERE: &[&str] = &["provision/", "settings/kiosk.toml"];

/// Every document of the repository, with its text.
fn documents() -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut open = vec![tidy::root()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("a folder entry").path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if path.is_dir() && !["target", "node_modules", ".git"].contains(&&*name) {
                open.push(path);
            } else if name.ends_with(".md") {
                let text = fs::read_to_string(&path).expect("a document is UTF-8");
                found.push((path, text));
            }
        }
    }
    found.sort();
    found
}

/// What stands between back quotes, outside of blocks.
fn quoted(text: &str) -> Vec<&str> {
    let mut in_block = false;
    let mut found = Vec::new();
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            in_block = !in_block;
        } else if !in_block {
            found.extend(line.split('`').skip(1).step_by(2));
        }
    }
    found
}

/// The targets of relative links, without their anchors.
fn linked(text: &str) -> Vec<&str> {
    let targets = text
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next());
    targets
        .filter(|target| !target.contains("://"))
        .filter_map(|target| target.split('#').next())
        .filter(|target| !target.is_empty())
        .collect()
}

/// Whether a quoted text is a path into the repository: not absolute, no address, not made by a build.
fn is_path(quoted: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-*".contains(c);
    let host = |first: &str| first.trim_start_matches('.').contains('.');
    quoted.contains('/')
        && quoted.chars().all(plain)
        && !quoted.starts_with('/')
        && !quoted.starts_with("target/")
        && !quoted.split('/').next().is_some_and(host)
        && !NOT_HERE.contains(&quoted)
}

/// Whether a path is there, seen from the document's folder or one above it. A `*` stands for anything in its folder.
fn is_there(document: &Path, path: &str) -> bool {
    let fixed = match path.split_once('*') {
        Some((before, _)) => before.rsplit_once('/').map_or("", |(folder, _)| folder),
        None => path,
    };
    let root = tidy::root();
    let folders = document.ancestors().skip(1);
    folders
        .take_while(|folder| folder.starts_with(&root))
        .any(|folder| folder.join(fixed).exists())
}

/// Fails with a line for each text of a document that `fault` finds wrong.
fn check(fault: impl Fn(&Path, &str) -> Vec<String>) {
    let mut faults = BTreeSet::new();
    let documents = documents();
    assert!(documents.len() > 10, "only {} documents", documents.len());
    for (path, text) in documents {
        let shown = path.strip_prefix(tidy::root()).unwrap_or(&path).display();
        faults.extend(
            fault(&path, &text)
                .iter()
                .map(|fault| format!("{shown}: {fault}")),
        );
    }
    let faults: Vec<String> = faults.into_iter().collect();
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn every_file_that_a_document_points_to_is_there() {
    check(|document, text| {
        let folder = document.parent().expect("a document has a folder");
        let broken = linked(text)
            .into_iter()
            .filter(|link| !folder.join(link).exists());
        let paths = quoted(text).into_iter().filter(|quoted| is_path(quoted));
        let missing = paths.filter(|path| !is_there(document, path));
        broken.chain(missing).map(str::to_owned).collect()
    });
}

/// Whether a quoted text is a name in code, e.g. `store::Turn`.
fn is_name(quoted: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_:".contains(c);
    quoted.contains("::") && quoted.chars().all(plain)
}

#[test]
fn every_name_that_a_document_puts_in_code_exists() {
    let names = Names::read();
    check(|_, text| {
        let unknown = |quoted: &&str| is_name(quoted) && !names.has(quoted);
        quoted(text)
            .into_iter()
            .filter(unknown)
            .map(str::to_owned)
            .collect()
    });
}

/// "`file.rs`: `function`", as the stops of a walk are written.
fn stops(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.lines().filter_map(|line| {
        let mut parts = line.split('`').skip(1);
        let (file, between, name) = (parts.next()?, parts.next()?, parts.next()?);
        (file.ends_with(".rs") && between == ": ").then_some((file, name))
    })
}

#[test]
fn every_stop_of_a_walk_is_there() {
    check(|document, text| {
        let folder = document.parent().expect("a document has a folder");
        let missing = stops(text).filter(|(file, name)| {
            let code = fs::read_to_string(folder.join(file)).unwrap_or_default();
            !has_word(&code, name)
        });
        missing
            .map(|(file, name)| format!("{file}: {name}"))
            .collect()
    });
}

/// What the glossary's third column quotes that is neither a name in code nor a path: words of data.
fn words_of_data() -> Vec<String> {
    let text = fs::read_to_string(tidy::root().join("GLOSSARY.md")).expect("the glossary");
    let rows = text.lines().filter(|line| line.starts_with("| ")).skip(1);
    let columns = rows.filter_map(|row| row.rsplit('|').nth(1));
    columns
        .flat_map(quoted)
        .filter(|quoted| !is_name(quoted) && !quoted.contains('/'))
        .map(str::to_owned)
        .collect()
}

/// Whether a text has a word with nothing that belongs to a word beside it.
fn has_word(text: &str, word: &str) -> bool {
    let joins = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    text.match_indices(word).any(|(at, _)| {
        let after = &text[at + word.len()..];
        !text[..at].ends_with(joins) && !after.starts_with(joins)
    })
}

#[test]
fn every_word_of_data_in_the_glossary_occurs_in_code_or_data() {
    let mut texts = data();
    for package in tidy::packages().values() {
        let sources = tidy::sources(&package.folder.join("src"));
        texts.extend(sources.iter().map(|(_, text)| tidy::shipped(text)));
    }
    let words = words_of_data();
    assert!(words.len() > 5, "only {words:?}");
    for word in words {
        let occurs = texts.iter().any(|text| has_word(text, &word));
        assert!(
            occurs,
            "`{word}` of GLOSSARY.md is neither in code nor in data"
        );
    }
}

/// The texts of `assets/`: TOML.
fn data() -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![tidy::root().join("assets")];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("a folder entry").path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|ending| ending == "toml") {
                found.push(fs::read_to_string(&path).expect("data is UTF-8"));
            }
        }
    }
    found
}

#[test]
fn the_front_page_of_every_package_has_an_example_or_a_command() {
    let without: Vec<String> = tidy::packages()
        .into_iter()
        .filter(|(_, package)| {
            let lib = fs::read_to_string(package.folder.join("src/lib.rs")).expect("a library");
            !lib.lines().any(|line| line.starts_with("//! ```"))
        })
        .map(|(name, _)| name)
        .collect();
    assert!(without.is_empty(), "{without:?} have none");
}
