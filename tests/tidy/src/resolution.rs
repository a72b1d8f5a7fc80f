//! Follows paths through modules, imports and re-exports to the module that defines a name.

use crate::module_tree::{Module, ModuleId};
use crate::tokens::Segments;

/// What a path leads to.
pub(crate) enum Target {
    Module(ModuleId),
    /// A name that a module defines, itself or through a macro.
    Item(ModuleId, String),
}

/// The modules of one crate; the root is the first.
pub(crate) struct Modules(pub(crate) Vec<Module>);

/// Imports that are being followed; a second look at one of them would never end.
type Open = Vec<(ModuleId, String)>;

impl Modules {
    /// What a path in a module leads to; nothing if it leaves the crate or is no path at all. Goes no further than to a type.
    pub(crate) fn resolve(&self, from: ModuleId, path: &Segments) -> Option<Target> {
        self.follow(from, path, &mut Open::new())
    }

    fn follow(&self, from: ModuleId, path: &Segments, open: &mut Open) -> Option<Target> {
        let (first, rest) = path.split_first()?;
        let mut target = match first.as_str() {
            "crate" => Target::Module(0),
            "self" => Target::Module(from),
            "super" => Target::Module(self.0[from].parent?),
            name => self.find(from, name, open)?,
        };
        for segment in rest {
            let Target::Module(module) = target else {
                break;
            };
            target = match segment.as_str() {
                "super" => Target::Module(self.0[module].parent?),
                "self" => target,
                name => self
                    .find(module, name, open)
                    .unwrap_or_else(|| Target::Item(module, name.to_owned())),
            };
        }
        Some(target)
    }

    fn find(&self, id: ModuleId, name: &str, open: &mut Open) -> Option<Target> {
        let step = (id, name.to_owned());
        if open.contains(&step) {
            return None;
        }
        open.push(step);
        let found = self.find_in(&self.0[id], id, name, open);
        open.pop();
        found
    }

    fn find_in(
        &self,
        module: &Module,
        id: ModuleId,
        name: &str,
        open: &mut Open,
    ) -> Option<Target> {
        if let Some(child) = module.children.get(name) {
            return Some(Target::Module(*child));
        }
        if module.defined.contains(name) {
            return Some(Target::Item(id, name.to_owned()));
        }
        if let Some(import) = module.imports.get(name) {
            return self.follow(id, &import.path, open);
        }
        let mut globs = module.globs.iter();
        globs.find_map(|glob| match self.follow(id, glob, open)? {
            Target::Module(of) if of != id => self.find(of, name, open),
            _ => None,
        })
    }
}
