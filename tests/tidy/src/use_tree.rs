//! Takes a `use` item apart.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use crate::tokens::{Segments, Tokens, tokens_of};

/// One name that a `use` item brings in; the name is `*` for a glob.
pub(crate) struct Leaf {
    pub(crate) path: Segments,
    pub(crate) name: String,
}

/// The leaves of a tree, e.g. of `crate::store::{self, Turn as Lease}`. A leading `::` becomes an empty first segment.
pub(crate) fn leaves(tree: TokenStream) -> Vec<Leaf> {
    let mut found = Vec::new();
    collect(&[], tree, &mut found);
    found
}

fn collect(prefix: &[String], trees: TokenStream, found: &mut Vec<Leaf>) {
    let mut rest = tokens_of(trees);
    while rest.peek().is_some() {
        branch(prefix, &mut rest, found);
    }
}

/// One tree of a list, up to and with its comma.
fn branch(prefix: &[String], rest: &mut Tokens, found: &mut Vec<Leaf>) {
    let mut path = prefix.to_vec();
    let mut alias = None;
    let mut is_leaf = false;
    let mut colons = 0;
    for token in rest.by_ref() {
        match token {
            TokenTree::Ident(word) if word == "as" => alias = Some(String::new()),
            TokenTree::Ident(word) if alias.is_some() => alias = Some(word.to_string()),
            TokenTree::Ident(word) => {
                path.push(word.to_string());
                is_leaf = true;
            }
            TokenTree::Punct(mark) if mark.as_char() == ',' => break,
            TokenTree::Punct(mark) if mark.as_char() == '*' => {
                let name = "*".to_owned();
                found.push(Leaf {
                    path: path.clone(),
                    name,
                });
                is_leaf = false;
            }
            TokenTree::Punct(_) => {
                colons += 1;
                if colons == 2 && path.is_empty() {
                    path.push(String::new());
                }
            }
            TokenTree::Group(list) if list.delimiter() == Delimiter::Brace => {
                collect(&path, list.stream(), found);
                is_leaf = false;
            }
            _ => {}
        }
    }
    if is_leaf {
        found.push(leaf(path, alias));
    }
}

fn leaf(mut path: Segments, alias: Option<String>) -> Leaf {
    if path.len() > 1 && path.last().is_some_and(|last| last == "self") {
        path.pop();
    }
    let name = match alias {
        // Several traits may be imported without a name.
        Some(alias) if alias == "_" => format!("_ {}", path.join("::")),
        Some(alias) => alias,
        None => path.last().cloned().unwrap_or_default(),
    };
    Leaf { path, name }
}

#[cfg(test)]
mod tests {
    use super::leaves;

    #[test]
    fn nested_trees_self_aliases_and_globs_are_taken_apart() {
        let tree = "crate::store::{self, jobs::{Turn as Lease, *}, Trait as _, Realm,}";
        let found: Vec<String> = leaves(tree.parse().expect("tokens"))
            .into_iter()
            .map(|leaf| format!("{} = {}", leaf.name, leaf.path.join("::")))
            .collect();
        assert_eq!(
            found,
            [
                "store = crate::store",
                "Lease = crate::store::jobs::Turn",
                "* = crate::store::jobs",
                "_ crate::store::Trait = crate::store::Trait",
                "Realm = crate::store::Realm",
            ]
        );
    }

    #[test]
    fn a_leading_double_colon_is_kept_as_an_empty_segment() {
        let found = leaves("::guidance::Plan".parse().expect("tokens"));
        assert_eq!(found[0].path, ["", "guidance", "Plan"]);
    }
}
