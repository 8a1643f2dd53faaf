//! Whose signature it is under a commit or tag.

use commun_forge::git::signature::Signed;
use commun_specs::{id::StatementId, key::PublicKey, name::Handle};

use crate::core::Core;

/// What a signature under a commit or tag is worth to a reader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signature {
    /// A person whom an institution of the commons vouches for made it, with the key that is enrolled for them now.
    Verified {
        /// The institution.
        institution: Handle,
        /// The person (their first enrolment).
        person: StatementId,
        /// Their name, if their profile says one.
        name: Option<String>,
    },
    /// It holds, and nobody in the commons has this key (any more).
    UnknownKey(PublicKey),
    /// It does not hold.
    Bad,
    /// There is none.
    Unsigned,
    /// OpenPGP, X.509, another SSH key: not checked.
    NotChecked(&'static str),
}

/// Looks up whose signature it is, among the people enrolled in all institutions. What a commit says about its author
/// plays no part: names and mail addresses are anybody's to write.
pub fn signature(core: &Core, signed: &Signed) -> Signature {
    let key = match signed {
        Signed::By(key) => key,
        Signed::Bad(_) => return Signature::Bad,
        Signed::Unsigned => return Signature::Unsigned,
        Signed::OtherFormat(name) => return Signature::NotChecked(name),
    };
    let found = core.state().catalogue().person_of_key(key);
    match found {
        Some((institution, person)) => Signature::Verified {
            name: core.name_of(Some(&person.first), &institution),
            person: person.first,
            institution,
        },
        None => Signature::UnknownKey(*key),
    }
}
