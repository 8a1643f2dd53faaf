//! The sentences about who moved the refs of a repository, one table per language.

mod en;
mod fr;

words! {
    /// The sentences, by what they are for. `{}` is filled in by [`super::fill`].
    ProofWords: en::WORDS, fr::WORDS;
    nav title intro yourself refs_title refs_ref refs_stated refs_git refs_same refs_behind refs_missing history_title history_none
    history_part newer older change_new change_moved change_deleted change_forced change_list waits
    by by_unknown custody_self custody_node where_stands charter not_counted
    signed_verified signed_none signed_absent signed_broken witnesses witnesses_nobody link
    badge_verified badge_unknown badge_bad badge_unsigned badge_not_checked
}
