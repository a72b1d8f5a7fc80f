//! What types have: fields, variants, functions.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Delimiter, TokenTree};

use crate::tokens::{is_group, is_mark, word};

/// Members by the name of their type.
pub(crate) type Members = BTreeMap<String, BTreeSet<String>>;

/// Adds the members of every type and `impl` block among the items of a module.
pub(crate) fn collect(items: &[TokenTree], members: &mut Members) {
    let mut kind = String::new();
    let mut header: Vec<String> = Vec::new();
    for token in items {
        match token {
            TokenTree::Group(body) if body.delimiter() == Delimiter::Brace => {
                let body: Vec<TokenTree> = body.stream().into_iter().collect();
                let found = members_of(&kind, &body);
                for name in header.drain(..) {
                    members.entry(name).or_default().extend(found.clone());
                }
                kind.clear();
            }
            TokenTree::Ident(name) => match name.to_string() {
                keyword
                    if ["struct", "enum", "union", "trait", "impl"].contains(&keyword.as_str()) =>
                {
                    kind = keyword;
                    header.clear();
                }
                name if !kind.is_empty() => header.push(name),
                _ => {}
            },
            _ if is_mark(Some(token), ';') => kind.clear(),
            _ => {}
        }
    }
}

fn members_of(kind: &str, body: &[TokenTree]) -> BTreeSet<String> {
    let is_member = |at: &usize| match kind {
        "struct" | "union" => is_mark(body.get(at + 1), ':') && !is_mark(body.get(at + 2), ':'),
        // A variant comes first, or after a comma or an attribute.
        "enum" => {
            *at == 0
                || is_mark(body.get(at - 1), ',')
                || is_group(&body[at - 1], Delimiter::Bracket)
        }
        "trait" | "impl" => {
            *at > 0 && ["fn", "const", "type"].contains(&word(&body[at - 1]).as_str())
        }
        _ => false,
    };
    let names = (0..body.len()).filter(is_member).map(|at| word(&body[at]));
    names.filter(|name| !name.is_empty()).collect()
}
