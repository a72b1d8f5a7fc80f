//! No package has a circle of modules: whoever changes a file sees which others can feel it.

use std::path::Path;

use tidy::module_graph::ModuleGraph;

/// An arrow that closes a circle and may stay.
struct Harmless {
    package: &'static str,
    from: &'static str,
    to: &'static str,
    #[expect(dead_code, reason = "for the reader")]
    reason: &'static str,
}

const HARMLESS: &[Harmless] = &[];

/// The graphs of a package's library and of its program.
fn graphs(src: &Path) -> Vec<ModuleGraph> {
    let files = tidy::files_below(src);
    let roots = ["lib.rs", "main.rs"].into_iter();
    roots
        .filter(|root| files.contains_key(*root))
        .map(|root| ModuleGraph::read(&files, root))
        .collect()
}

/// Takes the package's harmless arrows out; each must be there and close a circle by itself.
fn without_harmless(package: &str, mut graphs: Vec<ModuleGraph>) -> Vec<ModuleGraph> {
    for Harmless { from, to, .. } in HARMLESS.iter().filter(|one| one.package == package) {
        let in_circle = |graph: &&mut ModuleGraph| {
            let mut circles = graph.circles().into_iter();
            circles.any(|circle| circle.contains(*from) && circle.contains(*to))
        };
        let graph = graphs.iter_mut().find(in_circle);
        let removed = graph.is_some_and(|graph| graph.remove(from, to));
        assert!(
            removed,
            "{package}: {from} → {to} closes no circle any more: take it off the list"
        );
    }
    graphs
}

#[test]
fn no_modules_use_each_other_in_a_circle() {
    let packages = tidy::packages();
    for Harmless { package, .. } in HARMLESS {
        let known = packages.contains_key(*package);
        assert!(known, "there is no package {package}");
    }
    let mut described = String::new();
    for (name, package) in &packages {
        for graph in without_harmless(name, graphs(&package.folder.join("src"))) {
            for circle in graph.circles() {
                let files = circle.len();
                described += &format!("{name}, {files} files:\n{}", graph.describe(&circle));
            }
        }
    }
    assert!(described.is_empty(), "\n{described}");
}
