use super::{errors, packed, rules, shown};
use crate::crosswalk::format::Format;
use crate::package::Package;
use crate::problem::Problem;

pub(super) const CONTAINER: &str = "<container xmlns='urn:oasis:names:tc:opendocument:xmlns:container'><rootfiles><rootfile full-path='OEBPS/livre.opf' media-type='application/oebps-package+xml'/></rootfiles></container>";

pub(super) const OPF: &str = "<package xmlns='http://www.idpf.org/2007/opf' version='3.0' unique-identifier='uid'><metadata xmlns:dc='http://purl.org/dc/elements/1.1/'><dc:identifier id='uid'>urn:isbn:9782100000005</dc:identifier><dc:title id='t1'>Les dunes</dc:title><meta refines='#t1' property='title-type'>main</meta><dc:title id='t2'>Manuel</dc:title><meta refines='#t2' property='title-type'>subtitle</meta><dc:creator id='c1'>Zoé Lefèvre</dc:creator><meta refines='#c1' property='role' scheme='marc:relators'>aut</meta><dc:contributor id='c2'>Omar Haddad</dc:contributor><meta refines='#c2' property='role'>trl</meta><dc:language>fr</dc:language><dc:subject>sable</dc:subject><dc:rights>https://creativecommons.org/licenses/by/4.0/</dc:rights><dc:date>2024-09-01</dc:date><meta property='dcterms:modified'>2025-02-01T08:00:00Z</meta><meta property='schema:accessMode'>textual</meta><meta property='schema:accessModeSufficient'>textual,visual</meta><meta property='schema:accessibilityFeature'>alternativeText</meta><meta property='schema:accessibilityHazard'>none</meta><meta property='schema:accessibilitySummary'>Lisible au lecteur d’écran.</meta><meta id='k' property='dcterms:conformsTo'>EPUB Accessibility 1.1 - WCAG 2.2 Level AA</meta><meta refines='#k' property='a11y:certifiedBy'>Univ Démo</meta></metadata><manifest><item id='nav' href='nav.xhtml' media-type='application/xhtml+xml' properties='nav'/><item id='a' href='text/un%20.xhtml' media-type='application/xhtml+xml'/><item id='b' href='text/deux.xhtml' media-type='application/xhtml+xml'/><item id='img' href='couv.png' media-type='image/png' properties='cover-image'/></manifest><spine><itemref idref='a'/><itemref idref='b'/></spine></package>";

pub(super) const NAV: &str = "<?xml version='1.0'?><!DOCTYPE html><html xmlns='http://www.w3.org/1999/xhtml' xmlns:epub='http://www.idpf.org/2007/ops'><body><nav epub:type='toc'><ol><li><a href='text/un%20.xhtml#s'>Un <b>bis</b></a><ol><li><a href='text/deux.xhtml'>Deux</a></li></ol></li><li><span>Annexes</span></li></ol></nav></body></html>";

fn book(opf: &str, more: &[(&str, &[u8])]) -> Result<Package, Box<Problem>> {
    let mut files: Vec<(&str, &[u8])> = vec![
        ("mimetype", b"application/epub+zip"),
        ("META-INF/container.xml", CONTAINER.as_bytes()),
        ("OEBPS/livre.opf", opf.as_bytes()),
        ("OEBPS/nav.xhtml", NAV.as_bytes()),
        ("OEBPS/text/un .xhtml", b"<p>Un</p>"),
        ("OEBPS/text/deux.xhtml", b"<p>Deux</p>"),
        ("OEBPS/couv.png", b"x"),
    ];
    files.extend_from_slice(more);
    packed(&files)
}

#[test]
fn a_book_says_all_that_its_package_document_says() {
    let package = book(OPF, &[]).unwrap();
    assert_eq!((package.format, &*package.version), (Format::Epub, "3.0"));
    assert!(rules(&package).is_empty(), "{:?}", package.reading.problems);
    assert_eq!(
        package.reading.id.as_deref(),
        Some("urn:isbn:9782100000005")
    );
    assert_eq!(
        shown(&package.outline),
        [
            "0 Un bis OEBPS/text/un .xhtml#s",
            "1 Deux OEBPS/text/deux.xhtml",
            "0 Annexes -"
        ]
    );
    assert_eq!(package.start.as_deref(), Some("OEBPS/text/un .xhtml"));
    let view = package.reading.record.view();
    assert_eq!(view.titles, [("fr".to_owned(), "Les dunes".to_owned())]);
    assert_eq!(view.creators[0].name, "Zoé Lefèvre");
    assert_eq!(view.contributors[0].role.as_deref(), Some("translator"));
    assert_eq!(view.licence.as_deref(), Some("CC-BY-4.0"));
    assert_eq!(view.published.as_deref(), Some("2024-09-01"));
    assert_eq!(view.accessibility_modes, ["textual"]);
    assert_eq!(view.accessibility_sufficient, [["textual", "visual"]]);
    assert_eq!(view.accessibility_features, ["alternativeText"]);
    assert_eq!(view.accessibility_hazards, ["none"]);
    assert_eq!(
        view.accessibility_checks[0].by.as_deref(),
        Some("Univ Démo")
    );
    assert_eq!(view.images[0].url, "OEBPS/couv.png");
}

#[test]
fn what_a_book_says_that_no_field_has_is_kept_aside_and_told() {
    let more = "<meta property='belongs-to-collection' id='s'>Sables</meta><meta refines='#s' property='group-position'>2</meta>\
        <meta refines='#c1' property='file-as'>Lefèvre, Zoé</meta><meta property='schema:isbn'>9782100000005</meta>\
        <meta property='rendition:layout'>reflowable</meta><meta name='calibre:rating' content='8'/><meta name='cover' content='img'/></metadata>";
    let package = book(&OPF.replace("</metadata>", more), &[]).unwrap();
    let told = package.reading.problems.iter();
    let told = told.filter(|p| p.rule == "kept-aside" && p.path != "dc:title");
    let told: Vec<_> = told.map(|p| (p.path.as_str(), p.given.as_str())).collect();
    assert_eq!(
        told,
        [
            ("group-position", "2"),
            ("schema:isbn", "9782100000005"),
            ("calibre:rating", "8")
        ]
    );
    let relations = &package.reading.record.view().relations;
    assert_eq!(relations[0].title.as_deref(), Some("Sables"));
}

#[test]
fn the_licence_of_a_part_of_a_book_is_not_that_of_the_book() {
    let cc = "https://creativecommons.org/licenses/";
    let licence = |opf: &str| {
        let package = book(opf, &[]).unwrap();
        package.reading.record.view().licence
    };
    let bare = OPF.replace(&format!("<dc:rights>{cc}by/4.0/</dc:rights>"), "");
    assert_eq!(licence(&bare), None);
    for part in [
        format!("<link refines='#c1' rel='dcterms:license' href='{cc}by/4.0/'/></metadata>"),
        format!(
            "</metadata><collection role='preview'><metadata xmlns:dc='http://purl.org/dc/elements/1.1/'><dc:rights>{cc}by/4.0/</dc:rights><link rel='cc:license' href='{cc}by/4.0/'/></metadata></collection>"
        ),
    ] {
        assert_eq!(licence(&bare.replace("</metadata>", &part)), None, "{part}");
    }
    for more in [
        format!("<link rel='dcterms:rights' href='{cc}by-nc-nd/4.0/'/></metadata>"),
        format!("<meta property='schema:license'>{cc}by-nc-nd/4.0/</meta></metadata>"),
        format!("<meta name='dcterms.license' content='{cc}by-nc-nd/4.0/'/></metadata>"),
    ] {
        let both = licence(&OPF.replace("</metadata>", &more));
        assert_eq!(
            both.as_deref(),
            Some("CC-BY-4.0 AND CC-BY-NC-ND-4.0"),
            "{more}"
        );
    }
}

#[test]
fn a_book_of_epub_2_is_read_by_its_own_ways() {
    let opf = "<package xmlns='http://www.idpf.org/2007/opf' version='2.0' unique-identifier='uid'><metadata xmlns:dc='http://purl.org/dc/elements/1.1/' xmlns:opf='http://www.idpf.org/2007/opf'><dc:identifier id='uid' opf:scheme='ISBN'>978-2-10-000000-5</dc:identifier><dc:title>Les dunes</dc:title><dc:language>fr</dc:language><dc:creator opf:role='ill'>Ana</dc:creator><dc:date opf:event='modification'>2024</dc:date><meta name='cover' content='img'/></metadata><manifest><item id='ncx' href='toc.ncx' media-type='application/x-dtbncx+xml'/><item id='a' href='text/deux.xhtml' media-type='application/xhtml+xml'/><item id='img' href='couv.png' media-type='image/png'/></manifest><spine toc='ncx'><itemref idref='a'/></spine></package>";
    let ncx = b"<?xml version='1.0'?><!DOCTYPE ncx PUBLIC '-//NISO//DTD ncx 2005-1//EN' 'http://www.daisy.org/z3986/2005/ncx-2005-1.dtd'><ncx xmlns='http://www.daisy.org/z3986/2005/ncx/'><navMap><navPoint><navLabel><text>Deux</text></navLabel><content src='text/deux.xhtml'/></navPoint></navMap></ncx>";
    let package = book(opf, &[("OEBPS/toc.ncx", ncx)]).unwrap();
    assert_eq!(package.version, "2.0");
    assert_eq!(shown(&package.outline), ["0 Deux OEBPS/text/deux.xhtml"]);
    let view = package.reading.record.view();
    assert_eq!(view.aliases, ["urn:isbn:9782100000005"]);
    assert_eq!(
        view.contributors[0].role.as_deref(),
        Some("graphical-designer")
    );
    assert_eq!(view.modified.as_deref(), Some("2024"));
    assert_eq!(view.images.len(), 1);
    assert_eq!(rules(&package), ["no-licence"]);
}

#[test]
fn what_a_book_lacks_is_an_error_by_its_rule() {
    let cases: &[(&str, &str, &str)] = &[
        ("<dc:language>fr</dc:language>", "", "epub-required"),
        (
            "<dc:identifier id='uid'>urn:isbn:9782100000005</dc:identifier>",
            "",
            "epub-required",
        ),
        (
            "text/deux.xhtml' media",
            "text/trois.xhtml' media",
            "package-file-missing",
        ),
        ("<itemref idref='b'/>", "<itemref idref='c'/>", "epub-spine"),
        ("<item id='b'", "<item id='a'", "package-identifier-twice"),
    ];
    for (from, to, rule) in cases {
        let opf = OPF.replacen(from, to, 1);
        assert_ne!(opf, OPF, "{from}");
        let package = book(&opf, &[]).unwrap();
        assert!(
            errors(&package).contains(rule),
            "{to}: {:?}",
            errors(&package)
        );
    }
    let out = OPF.replace("text/deux.xhtml", "../../etc/passwd");
    assert_eq!(book(&out, &[]).unwrap_err().rule, "package-href");
    let none = packed(&[("META-INF/container.xml", CONTAINER.as_bytes())]).unwrap_err();
    assert_eq!(none.rule, "epub-container");
}

#[test]
fn encrypted_chapters_are_told_and_hidden_fonts_are_not() {
    let with = |algorithm: &str| {
        let text = format!(
            "<encryption xmlns='urn:oasis:names:tc:opendocument:xmlns:container'><EncryptedData xmlns='http://www.w3.org/2001/04/xmlenc#'><EncryptionMethod Algorithm='{algorithm}'/></EncryptedData></encryption>"
        );
        let package = book(OPF, &[("META-INF/encryption.xml", text.as_bytes())]).unwrap();
        rules(&package).contains(&"epub-encrypted")
    };
    assert!(with("http://www.w3.org/2001/04/xmlenc#aes128-cbc"));
    assert!(!with("http://www.idpf.org/2008/embedding"));
}
