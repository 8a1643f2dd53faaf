//! Simple Dublin Core as OAI-PMH carries it (`oai_dc`): fifteen elements, all optional, all repeatable, text only.
//! <https://www.openarchives.org/OAI/openarchivesprotocol.html#dublincore>, <https://www.dublincore.org/specifications/dublin-core/dces/>
//!
//! | element | the model's field |
//! | --- | --- |
//! | `title`, `description`, `coverage` | of the same name, with `xml:lang` |
//! | `creator`, `contributor`, `publisher` | creators, contributors, publishers |
//! | `subject` | keywords; `info:eu-repo/classification/ddc/…`, `xsi:type="dcterms:DDC"` and addresses of concepts are subjects |
//! | `date` | published; the end of an embargo is kept aside |
//! | `type` | types of learning material (HCRT), types of document (DCMI); other words are kept as a classification |
//! | `format` | formats |
//! | `identifier` | links and aliases; what no address leads to is an identifier |
//! | `source`, `relation` | relations `isBasedOn`, `isRelatedTo` |
//! | `language` | language |
//! | `rights` | licence where it is the address or name of one; access where it is `info:eu-repo/semantics/…Access`; else the statement about rights |
//!
//! Lost on the way out: version, status, levels, outcomes, prerequisites, audience, ages, difficulty, times, activities,
//! requirements, pictures, kinds of relations, accessibility, remarks; each is told as a loss.

mod read;
mod write;

pub use read::read;
pub use write::{Place, write};

/// Namespace of the wrapper.
pub const WRAPPER: &str = "http://www.openarchives.org/OAI/2.0/oai_dc/";
/// Namespace of the elements.
pub const ELEMENTS: &str = "http://purl.org/dc/elements/1.1/";
/// Namespace of the terms that refine the elements.
const DCTERMS: &str = "http://purl.org/dc/terms/";
/// The schema of the wrapper.
pub const SCHEMA: &str = "http://www.openarchives.org/OAI/2.0/oai_dc.xsd";
/// The scheme's name in the provenance of values.
pub const SCHEME: &str = "oai_dc";

/// Where the ids of the European repositories' vocabularies begin.
const EU_REPO: &str = "info:eu-repo/";
/// The same for Dewey numbers.
const EU_DDC: &str = "info:eu-repo/classification/ddc/";
/// The same for the day on which an embargo ends (OpenAIRE's guidelines for literature repositories).
const EU_EMBARGO: &str = "info:eu-repo/date/embargoEnd/";

#[cfg(test)]
mod tests;
