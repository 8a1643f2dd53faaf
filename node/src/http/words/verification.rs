//! The sentences about who moved the refs of a repository, one table per language.

mod en;
mod fr;

use crate::http::lang::Lang;

macro_rules! words {
    ($($name:ident)*) => {
        /// The sentences, by what they are for. `{}` is filled in by [`super::fill`].
        #[allow(missing_docs)]
        pub struct ProofWords { $(pub $name: &'static str,)* }

        #[cfg(test)]
        impl ProofWords {
            pub(super) fn all(&self) -> Vec<(&'static str, &'static str)> {
                vec![$((stringify!($name), self.$name)),*]
            }
        }
    };
}

words! {
    nav title intro yourself refs_title refs_ref refs_stated refs_git refs_same refs_behind refs_missing history_title history_none
    history_part newer older change_new change_moved change_deleted change_forced change_list waits
    by by_unknown custody_self custody_node where_stands charter not_counted
    signed_verified signed_none signed_absent signed_broken witnesses witnesses_nobody link
    badge_verified badge_unknown badge_bad badge_unsigned badge_not_checked
}

impl ProofWords {
    /// The table of a language.
    pub fn of(lang: Lang) -> &'static ProofWords {
        match lang {
            Lang::Fr => &fr::WORDS,
            Lang::En => &en::WORDS,
        }
    }
}
