//! Rust's tokens, one after the other.

use std::iter::Peekable;
use std::vec::IntoIter;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// A path as written, e.g. `crate`, `store`, `Turn`.
pub(crate) type Segments = Vec<String>;

/// Tokens that are still to be read.
pub(crate) type Tokens = Peekable<IntoIter<TokenTree>>;

/// The segments that follow a first one; stops before `::<` and `::{`.
pub(crate) fn path_from(first: String, rest: &mut Tokens) -> Segments {
    let mut path = vec![first];
    loop {
        let mut ahead = rest.clone();
        let colons = is_mark(ahead.next().as_ref(), ':') && is_mark(ahead.next().as_ref(), ':');
        let Some(TokenTree::Ident(segment)) = ahead.next().filter(|_| colons) else {
            return path;
        };
        path.push(segment.to_string());
        *rest = ahead;
    }
}

pub(crate) fn tokens_of(stream: TokenStream) -> Tokens {
    stream
        .into_iter()
        .collect::<Vec<_>>()
        .into_iter()
        .peekable()
}

pub(crate) fn word(token: &TokenTree) -> String {
    match token {
        TokenTree::Ident(word) => word.to_string(),
        _ => String::new(),
    }
}

pub(crate) fn is_mark(token: Option<&TokenTree>, mark: char) -> bool {
    matches!(token, Some(TokenTree::Punct(found)) if found.as_char() == mark)
}

pub(crate) fn is_group(token: &TokenTree, delimiter: Delimiter) -> bool {
    matches!(token, TokenTree::Group(group) if group.delimiter() == delimiter)
}
