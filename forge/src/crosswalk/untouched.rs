//! Originals that may go out as they came in.
//!
//! A record that was taken in through a standard is given out in that standard untouched, as long as nothing better is
//! known: so nothing is lost that the model has no place for. What is given to others must be right, though: an original
//! that breaks its standard is written anew, mended.

use super::{Origin, Reading, amb, dublin_core, lom, schema_org, xml};
use crate::problem::Severity;

/// Rules that say that a record has little in it or says it in words, not that something in it is wrong.
const SPARSE: [&str; 6] = [
    "no-",
    "rights-beside",
    "lom-dialect",
    "suplomfr-recommended",
    "suplomfr-mandatory",
    "suplomfr-role",
];

/// The same of statements about rights, whose place in LOM and Dublin Core is for words: `license` of JSON is for an address.
const IN_WORDS: [&str; 2] = ["licence-guessed", "licence-limited"];

/// An original that is right in its standard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Untouched<'a> {
    /// Its one element, without what stands before and after: to be put into another document.
    pub element: &'a str,
}

/// The original as a record of `format` (`oai_dc`, `lom`, `lomfr`, `suplomfr`, `amb`, `schemaorg`), where it is exactly that:
/// UTF-8, in the standard's namespace, of that very profile, and without a value that a reader has to mend.
pub fn untouched<'a>(format: &str, bytes: &'a [u8]) -> Option<Untouched<'a>> {
    let text = std::str::from_utf8(bytes).ok()?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let linked = match format {
        "amb" => Some(amb::read(bytes, &Origin::default())),
        "schemaorg" => Some(schema_org::read(bytes, &Origin::default())),
        _ => None,
    };
    if let Some(reading) = linked {
        // Not YAML and no page, which these are read from, too.
        let object = serde_json::from_str::<serde_json::Map<_, _>>(text).is_ok();
        let right = object && reading.is_ok_and(|reading| is_right(&reading, &[]));
        return right.then_some(Untouched { element: text });
    }
    let tree = xml::parse(text).ok()?;
    let root = tree.root_element();
    let (space, local) = match format {
        "oai_dc" => (dublin_core::WRAPPER, "dc"),
        _ => (lom::NAMESPACE, "lom"),
    };
    // Without a namespace of its own an element would take that of the document it is put into.
    let named = |node: roxmltree::Node<'_, '_>| {
        !node.is_element()
            || node
                .tag_name()
                .namespace()
                .is_some_and(|space| !space.is_empty())
    };
    if !root.has_tag_name((space, local)) || !root.descendants().all(named) {
        return None;
    }
    let origin = Origin::default();
    let reading = match format {
        "oai_dc" => dublin_core::read(bytes, &origin),
        _ => lom::read(bytes, &origin),
    };
    let reading = reading.ok()?;
    let profile = lom::Profile::NAMES.iter().find(|(_, name)| *name == format);
    let fits = match profile {
        Some((profile, _)) => lom::profile_of(root) == Some(*profile),
        None => format == "oai_dc",
    };
    (fits && is_right(&reading, &IN_WORDS)).then(|| Untouched {
        element: &text[root.range()],
    })
}

/// Whether nothing in a record has to be mended; `besides`: rules that are no fault in this standard.
fn is_right(reading: &Reading, besides: &[&str]) -> bool {
    reading.problems.iter().all(|problem| {
        problem.severity == Severity::Info
            || besides.contains(&&*problem.rule)
            || SPARSE.iter().any(|rule| problem.rule.starts_with(rule))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const DC: &str = r#"<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title xml:lang="fr">Un</dc:title><dc:identifier>https://a.example/1</dc:identifier></oai_dc:dc>"#;

    fn lom(inside: &str) -> String {
        format!(
            r#"<?xml version="1.0"?><!-- before --><lom xmlns="http://ltsc.ieee.org/xsd/LOM"><general><identifier><catalog>URI</catalog><entry>https://a.example/1</entry></identifier><title><string language="fr">Un</string></title>{inside}</general></lom><!-- after -->"#
        )
    }

    #[test]
    fn only_the_element_is_given_and_only_of_the_very_standard() {
        let given = untouched("oai_dc", DC.as_bytes()).unwrap();
        assert_eq!(given.element, DC);
        assert_eq!(untouched("lom", DC.as_bytes()), None);
        let plain = lom("");
        let given = untouched("lom", plain.as_bytes()).unwrap();
        assert!(given.element.starts_with("<lom xmlns") && given.element.ends_with("</lom>"));
        assert_eq!(untouched("lomfr", plain.as_bytes()), None);
        assert_eq!(untouched("suplomfr", plain.as_bytes()), None);
        let marked = format!("\u{feff}{plain}");
        assert!(untouched("lom", marked.as_bytes()).is_some());
    }

    #[test]
    fn json_is_given_whole_where_it_is_strict() {
        const AMB: &str = r#"{"@context":["https://w3id.org/kim/amb/context.jsonld",{"@language":"fr"}],"id":"https://a.example/1","type":["LearningResource"],"name":"Un","inLanguage":["fr"],"license":{"id":"https://creativecommons.org/licenses/by/4.0/"}}"#;
        assert_eq!(untouched("amb", AMB.as_bytes()).unwrap().element, AMB);
        assert_eq!(untouched("lom", AMB.as_bytes()), None);
        let loose = AMB.replace("[\"LearningResource\"]", "\"LearningResource\"");
        assert_eq!(untouched("amb", loose.as_bytes()), None);
        assert_eq!(untouched("amb", b"name: Un"), None);
        assert_eq!(untouched("amb", b"[1]"), None);
    }

    #[test]
    fn a_licence_in_words_breaks_no_standard_that_has_a_place_for_words() {
        let rights = "<rights><copyrightAndOtherRestrictions><source>LOMv1.0</source><value>yes</value></copyrightAndOtherRestrictions>\
            <description><string language=\"fr\">Ce cours est sous licence Creative Commons BY-SA 4.0, bonne lecture.</string></description></rights></lom>";
        let record = lom("").replace("</lom>", rights);
        let reading = lom::read(record.as_bytes(), &Origin::default()).unwrap();
        let mut guessed = reading.problems.iter();
        assert!(guessed.any(|p| p.rule == "licence-guessed" && p.severity == Severity::Warning));
        assert!(untouched("lom", record.as_bytes()).is_some());
        let amb = r#"{"@context":["https://w3id.org/kim/amb/context.jsonld",{"@language":"fr"}],"id":"https://a.example/1","type":["LearningResource"],"name":"Un","inLanguage":["fr"],"license":"CC BY 4.0"}"#;
        assert_eq!(untouched("amb", amb.as_bytes()), None);
    }

    #[test]
    fn what_breaks_its_standard_is_not_given() {
        let structure = "<structure><source>LOMv1.0</source><value>round</value></structure>";
        for bad in [
            lom(structure),
            lom("").replace("LOM\"", "LOM/other\""),
            lom("<x xmlns=\"\"/>"),
            lom("").replace("<lom ", "<!DOCTYPE lom><lom "),
            lom("").replace("Un<", "\u{1}<"),
        ] {
            assert_eq!(untouched("lom", bad.as_bytes()), None, "{bad}");
        }
        assert_eq!(untouched("lom", &[0xff]), None);
    }
}
