//! OAI-PMH 2.0 as a value: what a request asks, what an answer says, and how one harvests, without a network and
//! without a clock. <https://www.openarchives.org/OAI/openarchivesprotocol.html>
//!
//! A data provider reads requests with [`request`] and writes answers with [`Answer`]. A harvester reads answers with
//! [`page`] and decides with [`Harvest`] what to ask next.

mod answer;
mod date;
mod harvest;
mod page;
mod request;

pub use answer::{Answer, Header, ResumptionToken};
pub use date::{Granularity, Stamp};
pub use harvest::{Harvest, Heard, Progress, Source, Step};
pub use page::{Entry, Identity, Page, identity, is_answer, page};
pub use request::{List, Request, is_set, request};

/// The protocol's namespace.
pub const NAMESPACE: &str = "http://www.openarchives.org/OAI/2.0/";
/// The protocol's schema.
pub const SCHEMA: &str = "http://www.openarchives.org/OAI/2.0/OAI-PMH.xsd";

/// What can be wrong with a request (protocol, section 3.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// Missing, repeated, unknown or ill-formed arguments.
    BadArgument,
    /// A resumption token that is not one of ours.
    BadResumptionToken,
    /// A verb that is missing, repeated or unknown.
    BadVerb,
    /// A format that the repository, or this record, does not have.
    CannotDisseminateFormat,
    /// No such record.
    IdDoesNotExist,
    /// Nothing fits the arguments: not a fault.
    NoRecordsMatch,
    /// The record has no format at all.
    NoMetadataFormats,
    /// The repository has no sets.
    NoSetHierarchy,
}

impl Code {
    const NAMES: [(Code, &'static str); 8] = [
        (Code::BadArgument, "badArgument"),
        (Code::BadResumptionToken, "badResumptionToken"),
        (Code::BadVerb, "badVerb"),
        (Code::CannotDisseminateFormat, "cannotDisseminateFormat"),
        (Code::IdDoesNotExist, "idDoesNotExist"),
        (Code::NoRecordsMatch, "noRecordsMatch"),
        (Code::NoMetadataFormats, "noMetadataFormats"),
        (Code::NoSetHierarchy, "noSetHierarchy"),
    ];

    /// The code in answers.
    pub fn as_str(self) -> &'static str {
        Self::NAMES[self as usize].1
    }

    /// The code of an answer.
    pub fn parse(name: &str) -> Option<Code> {
        let known = Self::NAMES.iter().find(|(_, n)| *n == name.trim());
        known.map(|(code, _)| *code)
    }

    /// Whether the answer must not repeat the arguments: they were not understood.
    pub fn hides_arguments(self) -> bool {
        matches!(self, Code::BadVerb | Code::BadArgument)
    }
}

/// An error of the protocol, with a sentence for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// The code.
    pub code: Code,
    /// The sentence.
    pub what: String,
}

impl Error {
    /// An error with a sentence.
    pub fn new(code: Code, what: impl Into<String>) -> Error {
        Error {
            code,
            what: what.into(),
        }
    }
}

/// What is asked (protocol, section 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// Who is this?
    Identify,
    /// In which formats?
    ListMetadataFormats,
    /// In which sets?
    ListSets,
    /// Which records, by their headers?
    ListIdentifiers,
    /// Which records?
    ListRecords,
    /// This record.
    GetRecord,
}

impl Verb {
    /// All of them.
    pub const ALL: [Verb; 6] = [
        Verb::Identify,
        Verb::ListMetadataFormats,
        Verb::ListSets,
        Verb::ListIdentifiers,
        Verb::ListRecords,
        Verb::GetRecord,
    ];

    /// The verb in requests, and the element in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Verb::Identify => "Identify",
            Verb::ListMetadataFormats => "ListMetadataFormats",
            Verb::ListSets => "ListSets",
            Verb::ListIdentifiers => "ListIdentifiers",
            Verb::ListRecords => "ListRecords",
            Verb::GetRecord => "GetRecord",
        }
    }

    /// The verb of a name, exactly as the protocol writes it.
    pub fn parse(name: &str) -> Option<Verb> {
        Verb::ALL.into_iter().find(|verb| verb.as_str() == name)
    }
}

#[cfg(test)]
mod tests;
