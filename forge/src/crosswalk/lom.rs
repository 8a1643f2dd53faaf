//! LOM (IEEE 1484.12.1, XML binding 1484.12.3) and its profiles: LOMFR, SupLOMFR, ScoLOMFR, IMS LRM 1.2 as in SCORM 1.2,
//! the LOM of Common Cartridges.
//!
//! There is one reader, by local names whatever their case and prefix, since real files have every mixture. It takes what
//! exporters write, with a warning by rule; what is against the standard is an error, and that value does not come in.
//! What the model has no field for is kept in the record's `extra`, by its path.
//!
//! There are three writers ([`Profile`]): `lom` holds to the strict binding, `lomfr` adds the elements and words of LOMFR,
//! `suplomfr` those of SupLOMFR and what the profile wants filled in. Each gives the list of what it could not carry.
//!
//! | LOM | the model's field |
//! | --- | --- |
//! | 1.1 | aliases, where it leads somewhere; else identifiers |
//! | 1.2 to 1.8, 1.9 | title, language, description, keywords, coverage, structure, aggregation level, types of document |
//! | 2 | version, status; authors, publishers, contributors with date; created, published |
//! | 3 | record |
//! | 4 | formats, size, links, requirements, installation, other requirements, duration |
//! | 5 | types, audience, levels, ages, difficulty, learning time, usage, activities, credit, languages of users… |
//! | 6 | free, restrictions; licence and statement |
//! | 7, 8 | relations, annotations |
//! | 9 | subject, outcomes, competencies, prerequisites, levels, accessibility, else classifications |

mod classification;
mod dialect;
mod general;
mod identifier;
mod profile;
mod read;
mod strings;
mod teaching;
mod term;
mod time;
mod vcard;
mod words;
mod write;

pub use dialect::profile_of;
pub(crate) use identifier::{runs, target};
pub use read::{element, read};
pub(crate) use vcard::is_mail;
pub use vcard::{Card, read as read_vcard, write as write_vcard};
pub(super) use words::fold;
pub use write::{Place, Profile, write};

/// Namespace of LOM.
pub const NAMESPACE: &str = "http://ltsc.ieee.org/xsd/LOM";
/// Namespace of what LOMFR adds.
pub const NAMESPACE_FR: &str = "http://www.lom-fr.fr/xsd/LOMFR";
/// The schema of LOM.
pub const SCHEMA: &str = "http://ltsc.ieee.org/xsd/lomv1.0/lom.xsd";
/// The schema of LOMFR, which SupLOMFR uses.
pub const SCHEMA_FR: &str = "http://www.lom-fr.fr/xsd/lomfrv1.0/std/lomfr.xsd";
/// The scheme's name in the provenance of values.
pub const SCHEME: &str = "lom";

#[cfg(test)]
mod tests;
