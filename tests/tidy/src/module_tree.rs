//! Reads a crate's files into modules: what each defines, imports and mentions. Works on tokens, so that paths inside macro calls count
//! and those in comments do not.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

use crate::members::{self, Members};
use crate::tokens::{Segments, Tokens, is_group, is_mark, path_from, tokens_of, word};
use crate::use_tree;

/// The number of a module in its crate.
pub(crate) type ModuleId = usize;

/// What a `use` brings into a module under one name.
pub(crate) struct Import {
    pub(crate) path: Segments,
    /// With `pub`: the name is here for others to find, which is no use of it.
    pub(crate) re_export: bool,
}

/// One module: a file, or a `mod` block inside one.
#[derive(Default)]
pub(crate) struct Module {
    /// Below `src/`.
    pub(crate) file: String,
    pub(crate) parent: Option<ModuleId>,
    pub(crate) children: BTreeMap<String, ModuleId>,
    pub(crate) defined: BTreeSet<String>,
    pub(crate) imports: BTreeMap<String, Import>,
    pub(crate) globs: Vec<Segments>,
    /// Fields, variants and functions by the type that has them.
    pub(crate) members: Members,
    /// Every path in the code, single names among them; `use` items left out.
    pub(crate) mentioned: BTreeSet<Segments>,
}

/// Reads the modules below one root file (`lib.rs` or `main.rs`), the root first. `files` maps paths below `src/` to their text;
/// `#[cfg(test)]` items are left out.
///
/// # Panics
/// If a file is not Rust, or a declared module has no file.
pub(crate) fn read(files: &BTreeMap<String, String>, root: &str) -> Vec<Module> {
    let mut reader = Reader {
        files,
        modules: Vec::new(),
    };
    reader.file(root, "", None);
    reader.modules
}

struct Reader<'a> {
    files: &'a BTreeMap<String, String>,
    modules: Vec<Module>,
}

impl Reader<'_> {
    fn file(&mut self, file: &str, folder: &str, parent: Option<ModuleId>) -> ModuleId {
        let tokens: TokenStream = self.files[file]
            .parse()
            .unwrap_or_else(|e| panic!("{file}: {e}"));
        self.module(file, folder, parent, tokens)
    }

    /// `folder` is where the files of the module's children are.
    fn module(
        &mut self,
        file: &str,
        folder: &str,
        parent: Option<ModuleId>,
        tokens: TokenStream,
    ) -> ModuleId {
        let id = self.modules.len();
        self.modules.push(Module {
            file: file.to_owned(),
            parent,
            ..Module::default()
        });
        self.items(id, folder, tokens);
        id
    }

    /// The items of a file or of a `mod` block.
    fn items(&mut self, id: ModuleId, folder: &str, tokens: TokenStream) {
        let mut rest = tokens_of(tokens);
        let mut code = Vec::new();
        let mut public = false;
        while let Some(token) = rest.next() {
            if is_mark(Some(&token), '#') {
                self.modules[id].attribute(&mut rest, &[';']);
                continue;
            }
            match word(&token).as_str() {
                "pub" => {
                    public = true;
                    rest.next_if(|next| is_group(next, Delimiter::Parenthesis));
                    continue;
                }
                "use" if !is_mark(rest.peek(), '<') => self.modules[id].imports(&mut rest, public),
                "mod" => self.child(id, folder, &mut rest),
                keyword => {
                    self.modules[id].definition(keyword, &mut rest);
                    code.push(token);
                }
            }
            public = false;
        }
        members::collect(&code, &mut self.modules[id].members);
        self.modules[id].code(code.into_iter().peekable());
    }

    /// After `mod`: a block, or a file of its own.
    fn child(&mut self, id: ModuleId, folder: &str, rest: &mut Tokens) {
        let name = rest.next().expect("a module has a name").to_string();
        let inside = format!("{folder}{name}/");
        let child = match rest.next() {
            Some(TokenTree::Group(block)) => {
                let file = self.modules[id].file.clone();
                self.module(&file, &inside, Some(id), block.stream())
            }
            _ => {
                let files = [format!("{folder}{name}.rs"), format!("{inside}mod.rs")];
                let file = files.iter().find(|file| self.files.contains_key(*file));
                let file = file.unwrap_or_else(|| panic!("none of {files:?} is there"));
                self.file(file, &inside, Some(id))
            }
        };
        self.modules[id].children.insert(name, child);
    }
}

/// Keywords that a defined name follows.
const DEFINING: &[&str] = &[
    "struct", "enum", "union", "trait", "type", "const", "static", "fn",
];

impl Module {
    /// Whether a type is defined here, or a macro makes it and code gives it functions.
    pub(crate) fn has_type(&self, name: &str) -> bool {
        self.defined.contains(name) || self.members.contains_key(name)
    }

    /// Whether a macro makes a type of this name, perhaps with this member: both were handed to it.
    pub(crate) fn made_by_macro(&self, name: &str, member: &[String]) -> bool {
        !self.defined.contains(name)
            && (member.is_empty() || (member.len() == 1 && self.mentioned.contains(member)))
    }

    /// Whether a name is defined or imported here, or handed to a macro that may define it.
    pub(crate) fn knows(&self, name: &str) -> bool {
        self.defined.contains(name)
            || self.imports.contains_key(name)
            || self.mentioned.contains(&vec![name.to_owned()])
    }

    /// After a keyword that defines something: the name, which stays to be read.
    fn definition(&mut self, keyword: &str, rest: &mut Tokens) {
        if keyword == "macro_rules" {
            rest.next_if(|next| is_mark(Some(next), '!'));
        } else if !DEFINING.contains(&keyword) {
            return;
        }
        if let Some(TokenTree::Ident(name)) = rest.peek() {
            self.defined.insert(name.to_string());
        }
    }

    /// After `use`: the tree up to its semicolon.
    fn imports(&mut self, rest: &mut Tokens, re_export: bool) {
        let tree = rest
            .by_ref()
            .take_while(|token| !is_mark(Some(token), ';'))
            .collect();
        for use_tree::Leaf { path, name } in use_tree::leaves(tree) {
            if name == "*" {
                self.globs.push(path);
            } else {
                self.imports.insert(name, Import { path, re_export });
            }
        }
    }

    /// After `#`: takes the attribute; if it is `#[cfg(test)]`, the item behind it, too, up to a block or one of `ends`.
    fn attribute(&mut self, rest: &mut Tokens, ends: &[char]) {
        rest.next_if(|next| is_mark(Some(next), '!'));
        let Some(TokenTree::Group(attribute)) = rest.next() else {
            return;
        };
        if is_cfg_test(&attribute) {
            for token in rest.by_ref() {
                let ended = ends.iter().any(|end| is_mark(Some(&token), *end));
                if ended || is_group(&token, Delimiter::Brace) {
                    break;
                }
            }
        }
        self.paths_in_strings(attribute.stream());
    }

    /// As in `#[serde(with = "crate::day")]`.
    fn paths_in_strings(&mut self, tokens: TokenStream) {
        for token in tokens {
            match token {
                TokenTree::Group(group) => self.paths_in_strings(group.stream()),
                TokenTree::Literal(text) => {
                    let text = text.to_string();
                    let path = text.trim_matches('"');
                    if path.contains("::") && !path.contains(char::is_whitespace) {
                        let path = path.split("::").map(str::to_owned).collect();
                        self.mentioned.insert(path);
                    }
                }
                _ => {}
            }
        }
    }

    /// Every path in code, at any depth. A `use` inside a function counts as the module's.
    fn code(&mut self, mut rest: Tokens) {
        // The marks right before a token: after `.` comes a field or method, after `::` the rest of a path that began elsewhere.
        let mut marks = String::new();
        while let Some(token) = rest.next() {
            match token {
                TokenTree::Punct(mark) if mark.as_char() == '#' => {
                    self.attribute(&mut rest, &[';', ',']);
                }
                TokenTree::Punct(mark) => {
                    marks.push(mark.as_char());
                    continue;
                }
                TokenTree::Ident(first) if first == "use" && !is_mark(rest.peek(), '<') => {
                    self.imports(&mut rest, false);
                }
                TokenTree::Ident(first) => {
                    let path = path_from(first.to_string(), &mut rest);
                    let of_value = marks.ends_with('.') && !marks.ends_with("..");
                    if !of_value && !marks.ends_with("::") {
                        self.mentioned.insert(path);
                    }
                }
                TokenTree::Group(group) => self.code(tokens_of(group.stream())),
                TokenTree::Literal(_) => {}
            }
            marks.clear();
        }
    }
}

fn is_cfg_test(attribute: &Group) -> bool {
    attribute.stream().to_string().replace(' ', "") == "cfg(test)"
}
