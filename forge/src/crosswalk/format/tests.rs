use super::*;

/// The title of the only record of a document that is told by its content, or the rule that it breaks.
fn title(bytes: &[u8], name: &str) -> Result<String, String> {
    let format = detect(bytes, name).ok_or_else(|| unknown(bytes, name))?;
    match read(format, bytes, &Origin::named(name)) {
        Ok(document) => match &document.found[0].read {
            Ok(reading) => Ok(reading.record.title[0].v.clone()),
            Err(problem) => Err(problem.rule.clone()),
        },
        Err(Unread::Faulty(problem)) => Err(problem.rule.clone()),
        Err(Unread::NotBuilt(_)) => Err("not built".into()),
    }
}

fn lom(declaration: &str, title: &str) -> String {
    format!(
        "{declaration}<lom xmlns='http://ltsc.ieee.org/xsd/LOM'><general><identifier><catalog>URI</catalog>\
         <entry>https://e.example/1</entry></identifier><title><string language='fr'>{title}</string></title></general></lom>"
    )
}

/// A text whose characters are bytes, as those bytes.
fn narrow(text: &str) -> Vec<u8> {
    let byte = |c: char| u8::try_from(u32::from(c)).expect("a byte");
    text.chars().map(byte).collect()
}

#[test]
fn encodings_that_exporters_write_are_read_as_what_they_are() {
    let text = "Œuvres complètes à 3 € : été";
    // Latin-9 has the euro and « œ » where Latin-1 has other signs.
    let latin9 = lom("<?xml version='1.0' encoding='ISO-8859-15'?>", text)
        .replace('Œ', "\u{bc}")
        .replace('€', "\u{a4}");
    assert_eq!(title(&narrow(&latin9), "f.xml").as_deref(), Ok(text));
    for (encoding, unit) in [
        ("UTF-16LE", u16::to_le_bytes as fn(u16) -> [u8; 2]),
        ("UTF-16BE", u16::to_be_bytes),
    ] {
        let declared = format!("<?xml version='1.0' encoding='{encoding}'?>");
        let unmarked = lom(&declared, text);
        let unmarked: Vec<u8> = unmarked.encode_utf16().flat_map(unit).collect();
        assert_eq!(title(&unmarked, "f.xml").as_deref(), Ok(text), "{encoding}");
    }
    // Converted by a program that left the declaration as it was.
    let converted = lom("<?xml version='1.0' encoding='UTF-16'?>", text);
    assert_eq!(title(converted.as_bytes(), "f.xml").as_deref(), Ok(text));
    let page = "<html><head><meta charset='ISO-8859-15'><script type='application/ld+json'>\
        {\"@context\":\"https://schema.org\",\"@type\":\"Course\",\"name\":\"\u{e9}t\u{e9} \u{bd}uvre\"}</script></html>";
    assert_eq!(title(&narrow(page), "p.html").as_deref(), Ok("été œuvre"));
}

#[test]
fn a_line_too_much_before_the_declaration_is_no_illegal_character() {
    let late = lom("\n\n <?xml version='1.0'?>\n", "Tard");
    assert_eq!(title(late.as_bytes(), "f.xml").as_deref(), Ok("Tard"));
    let read = lom::read(late.as_bytes(), &Origin::default()).expect("read");
    assert!(read.problems.iter().all(|p| p.rule != "xml-illegal-char"));
}

#[test]
fn what_is_broken_is_told_by_its_reader_and_not_as_unknown() {
    let refused = |bytes: &[u8], name: &str| title(bytes, name).expect_err("refused");
    let doctype = "<?xml version='1.0'?>\n<!-- x --><!DOCTYPE lom [<!ENTITY e \"a>b\">]>\n\
                   <lom xmlns='http://ltsc.ieee.org/xsd/LOM'/>";
    assert_eq!(refused(doctype.as_bytes(), "f.xml"), "xml-doctype");
    assert_eq!(
        refused(&narrow(&lom("", "\u{e9}")), "f.xml"),
        "xml-encoding"
    );
    assert_eq!(
        refused(lom("", "&#0;").as_bytes(), "f.xml"),
        "xml-illegal-char"
    );
    assert_eq!(
        refused(b"name: \xc9t\xe9\n", "metadata.yml"),
        "json-encoding"
    );
    let long = lom("", &"x".repeat(xml::MAX_BYTES));
    assert_eq!(refused(long.as_bytes(), "f.xml"), "xml-too-large");
    let strict = "<?xml version='1.0'?><!DOCTYPE html PUBLIC '-//W3C//DTD XHTML 1.0 Strict//EN' 'x.dtd'><html/>";
    let told = detect(strict.as_bytes(), "p.xhtml");
    assert_eq!(told, Some(Format::SchemaOrg));
}

#[test]
fn a_manifest_alone_is_a_record_that_says_so() {
    let manifest = "<manifest xmlns='http://www.imsglobal.org/xsd/imsccv1p3/imscp_v1p1' identifier='m'><metadata>\
        <schema>IMS Common Cartridge</schema><schemaversion>1.3.0</schemaversion>\
        <lom xmlns='http://ltsc.ieee.org/xsd/imsccv1p3/LOM/manifest'><general><title><string language='fr'>Les dunes</string>\
        </title></general></lom></metadata><organizations/><resources/></manifest>";
    assert_eq!(
        title(manifest.as_bytes(), "m.xml").as_deref(),
        Ok("Les dunes")
    );
    let format = detect(manifest.as_bytes(), "m.xml").expect("known");
    let read = read(format, manifest.as_bytes(), &Origin::default()).expect("a document");
    let [found] = &read.found[..] else {
        panic!("{:?}", read.found)
    };
    assert_eq!(found.format, Format::Imscc);
    assert_eq!(media_type(found.format, &found.original), "application/xml");
    let reading = found.read.as_ref().expect("read");
    assert!(reading.problems.iter().any(|p| p.rule == "manifest-alone"));
    // That of an application of a telephone.
    let other = b"<manifest xmlns:android='http://schemas.android.com/apk/res/android'/>";
    assert_eq!(detect(other, "AndroidManifest.xml"), None);
}

#[test]
fn what_is_not_known_is_named() {
    for (bytes, says) in [
        (&b" \n"[..], "empty"),
        (b"<mods xmlns='http://www.loc.gov/mods/v3'/>", "<mods>"),
        (b"\xff\xfe{\0", "UTF-16"),
        (b"%PDF-1.4\n\xe2\xe3", "commun publish"),
        (b"bonjour", "none of the standards"),
    ] {
        assert_eq!(detect(bytes, "x"), None);
        let told = unknown(bytes, "x");
        assert!(told.contains(says), "{says}: {told}");
    }
    let both = b"<html><script>alert(1)</script><!--PK\x03\x04";
    assert_eq!(detect(both, "cours.zip"), None);
    assert!(unknown(both, "cours.ZIP").contains("pack it again"));
}

#[test]
fn the_one_record_of_a_file_is_kept_with_all_of_its_bytes() {
    let amb = b"\n{\"@context\":[\"https://w3id.org/kim/amb/context.jsonld\"],\"id\":\"https://a.example/1\",\"type\":[\"LearningResource\"],\"name\":\"Un\"}\n";
    let read = read(Format::Amb, amb, &Origin::default()).expect("a document");
    assert_eq!(read.found.len(), 1);
    assert_eq!(read.found[0].original, amb);
}

#[test]
fn software_is_known_by_its_sections_whatever_its_file_is_called() {
    let yaml =
        b"name: Pod\nsoftwareType: library\nlegal: {license: MIT}\nmaintenance: {type: none}\n";
    assert_eq!(detect(yaml, "notice.yml"), Some(Format::PublicCode));
    let course = b"name: Dunes\nlicense: https://creativecommons.org/licenses/by/4.0/\n";
    assert_eq!(detect(course, "notice.yml"), Some(Format::Amb));
}

#[test]
fn that_a_source_has_nothing_is_said_and_is_no_fault() {
    let answer = b"<OAI-PMH xmlns='http://www.openarchives.org/OAI/2.0/'><responseDate>2026-01-01T00:00:00Z</responseDate>\
        <request verb='ListRecords'>https://a.example/oai</request><error code='noRecordsMatch'>rien</error></OAI-PMH>";
    let read = read(Format::OaiPmh, answer, &Origin::default());
    let Ok(Document { found, problems }) = read else {
        panic!("an answer");
    };
    assert!(found.is_empty());
    let told: Vec<_> = problems
        .iter()
        .map(|(_, p)| (&*p.rule, p.severity))
        .collect();
    assert_eq!(told, [("source-empty", Severity::Info)]);
}
