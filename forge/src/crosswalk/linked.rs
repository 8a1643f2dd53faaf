//! The vocabulary of schema.org, as AMB, `metadata.yml`, pages and JSON-LD files use it: what the crosswalks of those
//! standards share.
//!
//! A document is plain JSON with names that are known: no context is fetched or expanded. There is one reader and one
//! writer. The reader takes every spelling that is met (`id` and `@id`, a text where an object should stand, one value
//! where a list should); what a standard says about spelling is checked beside it. The writer has two [`Dialect`]s.
//!
//! | property | the model's field |
//! | --- | --- |
//! | `type` | kind (course, collection, component), types of document; other types are classifications |
//! | `id`, `url`, `sameAs`, `identifier` | aliases and links of kind `location`; identifiers that lead nowhere |
//! | `name`, `abstract`, `description`, `keywords` | title, summary, description, keywords |
//! | `creator`, `author`; `contributor`, `editor`, `translator`; `publisher`, `provider`, `producer`; `funder`, `sponsor`; `copyrightHolder` | creators, contributors with role, publishers, funders, holders of rights |
//! | `license`, `usageInfo`, `copyrightNotice`, `acquireLicensePage` | licence, statement about rights, links |
//! | `isAccessibleForFree`, `conditionsOfAccess` | free, access |
//! | `learningResourceType`, `educationalLevel`, `audience`, `interactivityType`, `educationalUse` | types, levels, audience, interactivity, activities and usage |
//! | `about`, `teaches`, `assesses`, `competencyRequired`, `educationalAlignment` | subject, outcomes, assesses, prerequisites; competencies and other classifications by `alignmentType` |
//! | `timeRequired`, `duration`, `typicalAgeRange` | learning time, duration, ages |
//! | `encoding`, `caption`, `trailer`, `image` | files, links, pictures |
//! | `isBasedOn`, `isPartOf`, `hasPart`, `translationOfWork`, `citation`… | relations |
//! | `accessibilityFeature` and its like | accessibility |
//! | `review`, `mainEntityOfPage` | annotations, records |

mod concept;
mod facts;
mod graph;
mod licence;
mod media;
mod names;
mod people;
mod read;
mod relations;
mod rest;
mod rights;
mod write;

pub(super) use concept::dewey_number;
pub(super) use graph::{INCLUDED, MAX_FOLLOWED_BYTES, Referred, Resolved, alone, is_of};
pub(super) use licence::{is_allowed, is_guess, parse as stated_licence};
pub(crate) use people::{is_contact, is_personal};
pub(crate) use read::Reader;
pub(super) use read::{get, types};
pub(super) use write::{is_amb_language, media_type, write, written};

/// The address that AMB's schema takes for a licence.
pub(super) fn amb_licence(licence: &str) -> Option<String> {
    licence::address(licence).map(|(address, _)| address)
}

/// How the vocabulary is spelt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    /// As AMB wants it: `id`, `type`, concepts of SKOS, texts in one language.
    Amb,
    /// As schema.org and search engines know it: `@id`, `@type`, texts in many languages.
    SchemaOrg,
}

/// What a record does not say of itself: where the item is, and whose it is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Place<'a> {
    /// The address of the item's page.
    pub url: Option<&'a str>,
    /// The name of the institution, where the record names no publisher.
    pub institution: Option<&'a str>,
    /// The address that the paths of the item's files follow, with its final slash.
    pub files: Option<&'a str>,
}

#[cfg(test)]
pub(super) mod tests;
