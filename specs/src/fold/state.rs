//! What became of an entry.

/// The state of a log's entry. A closed set: its names are part of the catalogue root.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// Malformed, in the wrong log, against its kind's schema, or before the log's first marker.
    Void,
    /// A second occurrence of a statement of this log.
    Duplicate,
    /// Of a kind or version that this fold does not know: kept, passed on, not interpreted.
    Unknown,
    /// What it depends on (a charter, a policy, a list) is not here yet.
    Pending,
    /// Well-formed, but the rules do not let it count.
    Refused(Reason),
    /// It counts.
    InForce,
    /// It counted until a statement in force replaced it.
    Superseded,
}

impl State {
    /// The state's name in a row of the catalogue. Reasons are not part of it.
    pub fn as_str(self) -> &'static str {
        match self {
            State::Void => "void",
            State::Duplicate => "duplicate",
            State::Unknown => "unknown",
            State::Pending => "pending",
            State::Refused(_) => "refused",
            State::InForce => "in-force",
            State::Superseded => "superseded",
        }
    }

    /// Whether it counts or once did: what a history shows.
    pub fn counted(self) -> bool {
        matches!(self, State::InForce | State::Superseded)
    }
}

/// Why a well-formed statement is not in force. Each message says what would have been right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
pub enum Reason {
    /// A marker that the chain does not bear out.
    #[error(
        "R-04-06: a charter marker names a charter of the commons that lists the institution, with a number above the marker before"
    )]
    Marker,
    /// Behind the end that the charter set.
    #[error(
        "R-04-08: the charter ended this log, or the keys it was kept under, before this entry"
    )]
    CharterCut,
    /// Nobody that the institution vouches for.
    #[error("R-04-10: the author is not enrolled by this institution, or was revoked")]
    NotEnrolled,
    /// `for` names nobody, or somebody else than the author.
    #[error("R-04-11: the statement is made for a person who is not enrolled here, or by another")]
    NotThatPerson,
    /// The institution's keys are needed.
    #[error("R-04-12: the institution's keys must sign this, as many as the charter asks for")]
    NotTheInstitution,
    /// A node's enrolment without the node's own signature.
    #[error("R-04-13: a node signs its own enrolment, together with the institution")]
    NodeDidNotSign,
    /// The key stands for somebody already, or was revoked.
    #[error("R-04-14: the key is enrolled for somebody else, or was revoked; use a new key")]
    KeyTaken,
    /// Not a person or enrolment of this log.
    #[error("R-04-15: the enrolment that the statement names is not in force in this log")]
    NoSuchEnrolment,
    /// The role is missing.
    #[error("R-04-16: this needs another role: {0}")]
    Role(Needed),
    /// The item is not of this log, or of another kind.
    #[error(
        "R-04-17: the item is not one of this institution, or it is of another kind; only its owner may do this"
    )]
    NotOwner,
    /// The slug stands for another item.
    #[error("R-04-18: the institution uses this slug for another item; choose another slug")]
    SlugTaken,
    /// A slug that the item does not have.
    #[error("R-04-19: the slug to be released is not one of this item")]
    NotItsSlug,
    /// The charter does not accept the licence.
    #[error("R-04-20: the charter of the commons does not accept this licence")]
    Licence,
    /// The statement that it is about is not an earlier one of the same log and item.
    #[error("R-04-21: the statement that this is about must stand earlier in the same log")]
    NotEarlier,
    /// A push to what is here and is no repository.
    #[error("R-05-02: what is pushed to is not a repository")]
    NoRepository,
    /// The policy is no repository statement of the item in its owner's log.
    #[error("R-05-04: the policy is not a repository statement of this item in its owner's log")]
    Policy,
    /// The policy is older than one named before.
    #[error("R-05-05: a log never names an older policy than it named before")]
    OlderPolicy,
    /// What it is about is here, and is no item, or none of the kind that it needs.
    #[error("R-04-34: this is not about an item, or not about one of the kind that it needs")]
    NoItem,
    /// The thread or merge request is none of the item, or the statement does not fit it.
    #[error("R-04-35: the thread or merge request that it names is not one of this item")]
    NoThread,
    /// Another person's merge request.
    #[error("R-04-36: only the person who opened a merge request makes new versions of it")]
    NotYours,
    /// A state or labels from elsewhere than the owner.
    #[error("R-04-37: the institution that owns the item opens, closes and labels; no other does")]
    NotOwners,
    /// What was looked at is no version.
    #[error("R-04-38: what is reviewed is not a version of this item, nor a merge request to it")]
    NoVersion,
    /// The list of a collection is none.
    #[error("R-04-46: the list that the collection names is not one of members")]
    NoMembers,
    /// Not the owner's, or not the first.
    #[error("R-04-42: the owner hands an item on, once; this is not the owner's first transfer")]
    NotToHand,
    /// To nobody.
    #[error("R-04-42: an item is handed to another institution that the charter lists")]
    NoReceiver,
    /// Nothing was handed here.
    #[error("R-04-43: no transfer hands this item to this institution, or it was accepted before")]
    NoTransfer,
    /// Not among the pushers.
    #[error("R-05-06: the policy does not let this institution, or this person, push")]
    NotPusher,
    /// The owner ended the grant.
    #[error("R-05-07: the owner ended this institution's right to push before this entry")]
    Cut,
    /// A tag moved without `forced`.
    #[error("R-05-10: a tag is replaced only by a forced change")]
    TagMoved,
}

/// Who may do what somebody else tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
pub enum Needed {
    /// An administrator.
    #[error("administrator")]
    Admin,
    /// For a profile.
    #[error("administrator, or the person themselves")]
    AdminOrSelf,
    /// For a slug.
    #[error("administrator, to release a slug")]
    AdminForSlug,
    /// For an erasure.
    #[error("administrator, or who made the statement")]
    AdminOrMaker,
    /// For a component.
    #[error("developer")]
    Developer,
    /// For the use of an item.
    #[error("developer or librarian")]
    DeveloperOrLibrarian,
    /// For a resource or collection.
    #[error("publisher or librarian")]
    PublisherOrLibrarian,
    /// For a withdrawal.
    #[error("librarian, or who created the item")]
    LibrarianOrCreator,
    /// For what another created.
    #[error("librarian, to change what somebody else published")]
    LibrarianForOthers,
    /// For a description.
    #[error("an enrolled node")]
    Node,
    /// For a push.
    #[error("an enrolled node, for the person who pushed")]
    NodeForPerson,
}
