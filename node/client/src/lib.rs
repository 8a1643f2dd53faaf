//! The HTTP API of a node as Rust calls: blocking, typed, and small enough for a command line.
//!
//! ```no_run
//! let client = commun_client::Client::new("http://127.0.0.1:8080", None)?;
//! let found = client.search(&commun_client::Query::new("équations différentielles"))?;
//! println!("{} of {}", found.hits.len(), found.total);
//! # Ok::<(), commun_client::Error>(())
//! ```
//!
//! Each file holds one noun of the API: its JSON, and the calls about it. [`Client`] has all calls; an
//! answer comes as a [`Reply`], the typed value beside the JSON as the node sent it. Members that this
//! version does not know are ignored, and members that an older node does not send have a default, so that
//! client and node may be of different versions. [`Error`] says who is at fault and gives the exit code of
//! the command line.
//!
//! The client contacts the node that it was given and nobody else: it follows no redirect to another host
//! and uses no proxy. It sends the token only with the calls that need one. [`Fetcher`] is apart from it: it fetches from
//! sources that are no nodes, and reaches no private network. [`Engine`] keeps an index of another search engine.

mod adapt;
mod adoption;
mod changes;
mod charter;
mod client;
mod correct;
mod duplicates;
mod engine;
mod error;
mod export;
mod fetch;
mod history;
mod import;
mod institution;
mod item;
mod log;
mod person;
mod problem;
mod publish;
mod quality;
mod repository;
mod requests;
mod review;
mod search;
mod status;
mod takedown;
mod threads;
mod token;

pub use adoption::{AdoptedItem, Adoption, Adoptions, NewAdoption};
pub use changes::{Change, Changes};
pub use charter::{Admission, Charter, Draft, Invitation, Member, Request};
pub use client::{Client, Reply};
pub use correct::{
    CorrectHow, Corrected, CorrectedItem, Correction, CorrectionEntry, Corrections, Metadata, Table,
};
pub use duplicates::{AcceptPair, Duplicate, Duplicates, PairItem};
pub use engine::{Action, Credentials, Engine, EngineError, NOTE, Noted, Outcome};
pub use error::Error;
pub use export::{Export, Exported, ExportedItem, Selection};
pub use fetch::{FetchError, Fetched, Fetcher, is_public};
pub use history::{NoProof, Proven};
pub use import::{Imported, NewSource, Report, Source, Sources};
pub use institution::{Institution, Institutions, LogPosition};
pub use item::{Files, Item, ItemRef, Statement, StoredFile, Version, VersionFiles};
pub use log::{Download, TILE};
pub use person::{Enrolled, Person, Persons};
pub use problem::{FieldProblem, Problem};
pub use publish::{LocalFile, Published};
pub use quality::{LinkChecks, Quality, QualityField, QualityLine, QualityRule};
pub use repository::{
    ChangedRepository, CreatedRepository, EditRepository, Maintain, Maintainer, NamedPerson,
    NewRepository, Protection, RefHead, RefState, RepositoryState,
};
pub use requests::{Merge, MergeRequest, MergeRequests, RequestCommit, RequestVersion};
pub use review::{NewReview, Review, Reviews};
pub use search::{Count, Facets, Hit, Query, Search, Sort};
pub use status::{
    CatalogueStatus, CommonsStatus, ContentStatus, IndexStatus, LogStatus, MaintenanceFailure,
    MaintenanceStatus, PeerStatus, SshStatus, Status, UsageStatus,
};
pub use takedown::Why;
pub use threads::{Entry, Filter, Mention, Mentions, Said, Speaker, Thread, Threads, Wording};
pub use token::{Answer, Challenge, Token, TokenInfo, Tokens};
