//! What is wrong with a push, before anybody decides about it: as a value, so that whoever answers says it in the
//! pusher's language.

use super::{PackError, RefName, RefNameError};

/// Why something of a push is not taken. The texts are English, for people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// No branch or tag may have this name.
    #[error(transparent)]
    Name(#[from] RefNameError),
    /// The objects go over a limit, or are no pack.
    #[error(transparent)]
    Pack(#[from] PackError),
    /// More refs at once than the limit.
    #[error("{count} refs in one push are over the limit of {limit}; push fewer at once")]
    TooManyRefs {
        /// Refs named.
        count: usize,
        /// Refs allowed.
        limit: usize,
    },
    /// More bytes than the limit.
    #[error(
        "the push is over the limit of {limit} bytes; push older commits first: git push origin COMMIT:refs/heads/BRANCH"
    )]
    TooLarge {
        /// Bytes allowed.
        limit: u64,
    },
    /// Two commands for one ref.
    #[error("named twice in one push")]
    Twice,
    /// A deletion of what is not there.
    #[error("there is nothing to delete")]
    NothingToDelete,
    /// The ref is not what the pusher saw.
    #[error("it has changed meanwhile; fetch first")]
    Changed,
    /// A branch where a folder of branches is, or the other way round.
    #[error("it cannot stand beside {0}, which is a folder or file of its name")]
    Beside(RefName),
    /// What a ref shall point at is neither here nor in the pack.
    #[error("the object did not arrive")]
    Missing,
    /// A branch shall point at something else than a commit.
    #[error("a branch must point at a commit")]
    BranchOfOther,
    /// A tag shall point at a file or folder.
    #[error("a tag must point at a commit or a tag object")]
    TagOfOther,
    /// The client sends options of a push (`git push -o`), which nobody offered to read.
    #[error("this node takes no push options; push again without -o")]
    Options,
    /// Said of a ref without fault, beside others.
    #[error("another ref of this push is refused")]
    Another,
    /// Said of each ref where the objects are refused.
    #[error("the push was refused")]
    Whole,
}
