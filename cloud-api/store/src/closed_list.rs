//! Closed lists of words: an enum, and the word that columns and the wire have for each of its values.

/// Declares such an enum. A word that this program does not know is `None`: it comes from a newer one.
macro_rules! closed_list {
    ($(#[$outer:meta])* $kind:ident { $($(#[$doc:meta])* $name:ident, $word:literal;)+ }) => {
        $(#[$outer])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum $kind {
            $($(#[$doc])* $name,)+
        }

        impl $kind {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// As stored and on the wire.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)+ }
            }

            /// From the stored word.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$name),)+ _ => None }
            }
        }
    };
}

pub(crate) use closed_list;
