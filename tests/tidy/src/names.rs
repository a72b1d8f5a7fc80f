//! Looks names up that documents put in code: `guidance::Plan`, `store::scope`, `Masters::closed`.

use crate::module_tree::{self, ModuleId};
use crate::resolution::{Modules, Target};
use crate::tokens::Segments;

/// The modules and types of the workspace.
pub struct Names {
    /// By crate name, e.g. `cloud_api`; a program's own modules stand beside its library's.
    crates: Vec<(String, Modules)>,
}

impl Names {
    /// Reads every package.
    ///
    /// # Panics
    /// If a source file cannot be read or is not Rust.
    #[must_use]
    pub fn read() -> Self {
        let mut crates = Vec::new();
        for (name, package) in crate::packages() {
            let files = crate::files_below(&package.folder.join("src"));
            for root in ["lib.rs", "main.rs"] {
                if files.contains_key(root) {
                    let modules = Modules(module_tree::read(&files, root));
                    crates.push((name.replace('-', "_"), modules));
                }
            }
        }
        Self { crates }
    }

    /// Whether a path exists. It begins with a package, or with a module or type of any package; after a type comes one of its
    /// fields, variants or functions.
    #[must_use]
    pub fn has(&self, path: &str) -> bool {
        let path: Segments = path.split("::").map(str::to_owned).collect();
        self.crates
            .iter()
            .any(|(name, modules)| has(name, modules, &path))
    }
}

fn has(crate_name: &str, modules: &Modules, path: &Segments) -> bool {
    let (first, rest) = path.split_first().expect("a path has a first name");
    let below_root = first == crate_name && leads(modules, 0, rest);
    below_root
        || modules.0.iter().enumerate().any(|(id, module)| {
            let child = module.children.get(first);
            child.is_some_and(|child| leads(modules, *child, rest))
                || (module.has_type(first) && leads(modules, id, path))
        })
}

/// Whether a path leads from a module to something that is there.
fn leads(modules: &Modules, from: ModuleId, path: &[String]) -> bool {
    let mut module = from;
    for (at, segment) in path.iter().enumerate() {
        let here = vec!["self".to_owned(), segment.clone()];
        match modules.resolve(module, &here) {
            Some(Target::Module(inner)) => module = inner,
            Some(Target::Item(id, item)) => {
                let (module, rest) = (&modules.0[id], &path[at + 1..]);
                return module.knows(&item)
                    && (is_member(modules, &item, rest) || module.made_by_macro(&item, rest));
            }
            None => return false,
        }
    }
    true
}

fn is_member(modules: &Modules, of: &str, rest: &[String]) -> bool {
    match rest {
        [] => true,
        [member] => modules.0.iter().any(|module| {
            let members = module.members.get(of);
            members.is_some_and(|members| members.contains(member))
        }),
        _ => false,
    }
}
