use super::{errors, packed, rules, shown};
use crate::crosswalk::Origin;
use crate::crosswalk::format::Format;
use crate::package::{Package, manifest};
use crate::problem::Problem;

const CP: &str = "http://www.imsglobal.org/xsd/imscp_v1p1";
const ADL: &str = "http://www.adlnet.org/xsd/adlcp_v1p3";

/// A SCORM 2004 manifest of these items, with one page.
pub(super) fn scorm(items: &str) -> String {
    let resources = "<resource identifier='R' type='webcontent' adlcp:scormType='sco' href='page.html'><file href='page.html'/></resource>";
    scorm_of(
        &format!(
            "default='O'><organization identifier='O'><title>Les dunes</title>{items}</organization>"
        ),
        resources,
        "",
    )
}

fn scorm_of(organizations: &str, resources: &str, attributes: &str) -> String {
    format!(
        "<manifest identifier='M' xmlns='{CP}' xmlns:adlcp='{ADL}' {attributes}><metadata><schema>ADL SCORM</schema><schemaversion>2004 4th Edition</schemaversion></metadata><organizations {organizations}</organizations><resources>{resources}</resources></manifest>"
    )
}

fn cartridge(version: &str, items: &str, resources: &str) -> String {
    let minor = version.replace('.', "p");
    format!(
        "<manifest identifier='M' xmlns='http://www.imsglobal.org/xsd/imsccv{minor}/imscp_v1p1' xmlns:lomm='http://ltsc.ieee.org/xsd/imsccv{minor}/LOM/manifest'><metadata><schema>IMS Common Cartridge</schema><schemaversion>{version}.0</schemaversion><lomm:lom><lomm:general><lomm:title><lomm:string language='fr'>Les dunes</lomm:string></lomm:title><lomm:language>fr</lomm:language></lomm:general><lomm:rights><lomm:description><lomm:string>CC BY-SA 4.0</lomm:string></lomm:description></lomm:rights></lomm:lom></metadata><organizations><organization identifier='O' structure='rooted-hierarchy'><item identifier='root'>{items}</item></organization></organizations><resources>{resources}</resources></manifest>"
    )
}

const PAGE: (&str, &[u8]) = ("page.html", b"<p>Le sable</p>");

fn scorm_read(manifest: &str) -> Result<Package, Box<Problem>> {
    packed(&[("imsmanifest.xml", manifest.as_bytes()), PAGE])
}

#[test]
fn scorm_gives_its_title_its_outline_and_where_to_begin() {
    let items = "<item identifier='A'><title>Partie</title><item identifier='B' identifierref='R' parameters='?x=1'><title>Page &lt;b&gt;une&lt;/b&gt;</title></item></item>";
    let package = scorm_read(&scorm(items)).unwrap();
    assert_eq!(package.format, Format::Scorm);
    assert_eq!(package.version, "SCORM 2004 4th Edition");
    assert_eq!(
        shown(&package.outline),
        ["0 Partie -", "1 Page une page.html?x=1"]
    );
    assert_eq!(package.start.as_deref(), Some("page.html"));
    let title = &package.reading.record.title[0];
    assert_eq!(
        (&*title.v, &*title.path),
        ("Les dunes", "organization.title")
    );
    assert_eq!(rules(&package), ["no-licence"]);
}

#[test]
fn a_cartridge_gives_its_lom_and_the_addresses_of_its_links() {
    let items = "<item identifier='A' identifierref='P'><title>Page</title></item><item identifier='B' identifierref='L'><title>Lien</title></item><item identifier='C' identifierref='T'><title>Outil</title></item><item identifier='D' identifierref='Q'><title>Quiz</title></item>";
    let resources = "<resource identifier='P' type='webcontent'><file href='page.html'/><dependency identifierref='Q'/></resource><resource identifier='L' type='imswl_xmlv1p3'><file href='l.xml'/></resource><resource identifier='T' type='imsbasiclti_xmlv1p0'><file href='t.xml'/></resource><resource identifier='Q' type='imsqti_xmlv1p2/imscc_xmlv1p3/assessment'><file href='q.xml'/></resource>";
    let manifest = cartridge("1.3", items, resources);
    let link =
        b"<webLink xmlns='x'><title>Dunes</title><url href='https://dunes.example/'/></webLink>";
    let tool = b"<t:link xmlns:t='x' xmlns:b='y'><b:launch_url>https://outil.example/lti</b:launch_url></t:link>";
    let package = packed(&[
        ("imsmanifest.xml", manifest.as_bytes()),
        PAGE,
        ("l.xml", link),
        ("t.xml", tool),
        ("q.xml", b"<questestinterop/>"),
    ])
    .unwrap();
    assert_eq!((package.format, &*package.version), (Format::Imscc, "1.3"));
    assert_eq!(
        shown(&package.outline),
        [
            "0 Page page.html",
            "0 Lien https://dunes.example/",
            "0 Outil https://outil.example/lti",
            "0 Quiz -"
        ]
    );
    let view = package.reading.record.view();
    assert_eq!(view.titles, [("fr".to_owned(), "Les dunes".to_owned())]);
    assert_eq!(view.licence.as_deref(), Some("CC-BY-SA-4.0"));
    assert!(rules(&package).is_empty(), "{:?}", package.reading.problems);
}

#[test]
fn each_version_of_a_cartridge_is_told() {
    for version in ["1.1", "1.2", "1.3", "1.4"] {
        let package =
            packed(&[("imsmanifest.xml", cartridge(version, "", "").as_bytes())]).unwrap();
        assert_eq!(
            (package.format, &*package.version),
            (Format::Imscc, version)
        );
        assert!(rules(&package).is_empty(), "{:?}", package.reading.problems);
    }
    let old = cartridge("1.0", "", "").replace("imsccv1p0", "imscc");
    let package = packed(&[("imsmanifest.xml", old.as_bytes())]).unwrap();
    assert_eq!((package.format, &*package.version), (Format::Imscc, "1.0"));
    let next = packed(&[("imsmanifest.xml", cartridge("1.9", "", "").as_bytes())]).unwrap();
    assert_eq!(rules(&next), ["package-version"]);
    let both = cartridge("1.2", "", "").replace("1.2.0", "1.3.0");
    let package = packed(&[("imsmanifest.xml", both.as_bytes())]).unwrap();
    assert_eq!(rules(&package), ["package-version-differs"]);
}

#[test]
fn a_thin_cartridge_holds_links_and_tools_only() {
    let resources = "<resource identifier='P' type='webcontent' href='page.html'><file href='page.html'/></resource>";
    let thin = cartridge("1.3", "", resources).replace("IMS Common", "IMS Thin Common");
    let package = scorm_read(&thin).unwrap();
    assert_eq!(package.format, Format::ThinCc);
    assert_eq!(errors(&package), ["package-thin"]);
}

#[test]
fn editions_of_scorm_are_told_by_what_they_declare_else_by_their_namespaces() {
    let items = "<item identifier='A' identifierref='R'><title>Un</title></item>";
    let now = scorm(items);
    for (declared, version) in [
        ("1.2", "SCORM 1.2"),
        ("CAM 1.3", "SCORM 2004 (CAM 1.3)"),
        ("2004 2nd Edition", "SCORM 2004 2nd Edition"),
        ("2004 3rd Edition", "SCORM 2004 3rd Edition"),
    ] {
        let package = scorm_read(&now.replace("2004 4th Edition", declared)).unwrap();
        assert_eq!(package.version, version);
        assert_eq!(rules(&package), ["no-licence"]);
    }
    let begin = now.find("<metadata>").unwrap();
    let end = now.find("</metadata>").unwrap() + "</metadata>".len();
    let bare = format!("{}{}", &now[..begin], &now[end..]);
    let package = scorm_read(&bare).unwrap();
    assert_eq!(package.version, "SCORM 2004");
    assert!(errors(&package).is_empty());
    let old = bare.replace("adlcp_v1p3", "adlcp_rootv1p2");
    assert_eq!(scorm_read(&old).unwrap().version, "SCORM 1.2");
    let plain = bare.replace(ADL, "https://autre.example/ns");
    let package = scorm_read(&plain).unwrap();
    assert_eq!(package.version, "IMS Content Packaging");
}

#[test]
fn references_that_lead_to_nothing_are_errors_each_by_its_rule() {
    let one = "<item identifier='A' identifierref='R'><title>Un</title></item>";
    let good = scorm(one);
    let cases: &[(&str, &str, &str)] = &[
        (
            "identifierref='R'",
            "identifierref='X'",
            "package-identifierref",
        ),
        ("default='O'", "default='X'", "package-default-organization"),
        (
            "<organization identifier='O'>",
            "<organization>",
            "package-no-identifier",
        ),
        (
            "<title>Les dunes</title>",
            "",
            "package-no-organization-title",
        ),
        ("<item identifier='A'", "<item", "package-no-identifier"),
        (
            "<item identifier='A'",
            "<item identifier='R'",
            "package-identifier-twice",
        ),
        ("type='webcontent' ", "", "package-no-type"),
        (" href='page.html'><file", "><file", "package-no-launch"),
        (
            " href='page.html'><file",
            " href=''><file",
            "package-href-empty",
        ),
        (
            "href='page.html'><file",
            "href='autre.html'><file",
            "package-file-missing",
        ),
        (
            "<file href='page.html'/>",
            "<file href='autre.css'/>",
            "package-file-missing",
        ),
        (
            "<file href='page.html'/>",
            "<dependency identifierref='X'/>",
            "package-dependency",
        ),
        (
            "<file href='page.html'/>",
            "<file href='mailto:a@b.example'/>",
            "bad-address",
        ),
        (
            "href='page.html'><file",
            "href='http://127.0.0.1:9/'><file",
            "package-local-address",
        ),
        (
            "<organizations ",
            "<organizations/><organizations ",
            "package-section",
        ),
    ];
    for (from, to, rule) in cases {
        let manifest = good.replacen(from, to, 1);
        assert_ne!(manifest, good, "{from}");
        let package = scorm_read(&manifest).unwrap();
        let found = errors(&package);
        assert!(found.contains(rule), "{to}: {found:?}");
    }
}

#[test]
fn what_leads_out_of_the_package_or_would_run_refuses_it() {
    let one = "<item identifier='A' identifierref='R'><title>Un</title></item>";
    let good = scorm(one);
    for href in [
        "/etc/passwd",
        "../x.html",
        "%2e%2e/x.html",
        "a/%2e%2e%2f%2e%2e/x",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "C:\\x.html",
        "\\\\serveur\\x",
    ] {
        let manifest = good.replace("page.html", href);
        assert_eq!(
            scorm_read(&manifest).unwrap_err().rule,
            "package-href",
            "{href}"
        );
    }
    for base in ["../../", "/", "file:///"] {
        let manifest = good.replacen(
            "identifier='M'",
            &format!("identifier='M' xml:base='{base}'"),
            1,
        );
        assert_eq!(
            scorm_read(&manifest).unwrap_err().rule,
            "package-href",
            "{base}"
        );
    }
}

#[test]
fn bases_add_up_and_names_may_be_spelt_as_on_windows() {
    let items = "default='O'><organization identifier='O'><title>Un</title><item identifier='A' identifierref='R'><title>Un</title></item></organization>";
    let resources = "<resource identifier='R' type='webcontent' href='PAGE%20un.html' xml:base='unite/'><file href='PAGE%20un.html'/><file href='img\\a%20b.png'/></resource>";
    let manifest = scorm_of(items, resources, "xml:base='cours/'");
    let package = packed(&[
        ("imsmanifest.xml", manifest.as_bytes()),
        ("cours/unite/page un.html", b"<p>"),
        ("cours/unite/img/a b.png", b"x"),
    ])
    .unwrap();
    assert_eq!(package.start.as_deref(), Some("cours/unite/page un.html"));
    assert_eq!(
        rules(&package),
        [
            "package-href-spelling",
            "package-href-spelling",
            "no-licence"
        ]
    );
}

#[test]
fn a_name_in_latin_1_is_found_and_one_that_no_file_can_have_is_an_error() {
    let one = scorm("<item identifier='A' identifierref='R'><title>Un</title></item>");
    let latin = one.replace("page.html", "le%E7on.html");
    let package = packed(&[
        ("imsmanifest.xml", latin.as_bytes()),
        ("leçon.html", b"<p>"),
    ])
    .unwrap();
    assert_eq!(package.start.as_deref(), Some("leçon.html"));
    let hidden = one.replace("<file href='page.html'/>", "<file href='a%00.html'/>");
    assert_eq!(errors(&scorm_read(&hidden).unwrap()), ["bad-address"]);
}

#[test]
fn metadata_in_a_file_of_their_own_come_in() {
    let one = scorm("<item identifier='A' identifierref='R'><title>Un</title></item>");
    let named = one.replace(
        "</schemaversion>",
        "</schemaversion><adlcp:location>meta/lom.xml</adlcp:location>",
    );
    let lom = "<lom xmlns='http://ltsc.ieee.org/xsd/LOM'><general><title><string language='fr'>Le sable</string></title></general></lom>";
    let package = packed(&[
        ("imsmanifest.xml", named.as_bytes()),
        PAGE,
        ("meta/lom.xml", lom.as_bytes()),
    ])
    .unwrap();
    let title = &package.reading.record.title;
    assert_eq!(title.len(), 1);
    assert_eq!((&*title[0].v, &*title[0].src.scheme), ("Le sable", "lom"));
    assert_eq!(
        errors(&scorm_read(&named).unwrap()),
        ["package-file-missing"]
    );
}

#[test]
fn items_in_items_are_bounded_and_titles_are_text() {
    let deep = "<item identifier='A'><title>t</title>".repeat(3000) + &"</item>".repeat(3000);
    assert_eq!(scorm_read(&scorm(&deep)).unwrap_err().rule, "xml-too-deep");
    let many = "<item><title>t</title></item>".repeat(6000);
    let package = scorm_read(&scorm(&many)).unwrap();
    assert_eq!(package.outline.len(), 5000);
    let hostile = "<item identifier='A' identifierref='R'><title>&lt;img src=x onerror=alert(1)&gt;</title></item>";
    let package = scorm_read(&scorm(hostile)).unwrap();
    assert_eq!(package.outline[0].title, "<img src=x onerror=alert(1)>");
}

#[test]
fn a_manifest_alone_is_judged_by_itself() {
    let one = scorm("<item identifier='A' identifierref='R'><title>Un</title></item>");
    let package = manifest(one.as_bytes(), &Origin::default()).unwrap();
    assert_eq!(package.start.as_deref(), Some("page.html"));
    assert!(errors(&package).is_empty());
    let other = manifest(b"<html/>", &Origin::default()).unwrap_err();
    assert_eq!(other.rule, "not-this-format");
}

#[test]
fn a_course_structure_of_cmi5_is_read() {
    let good = "<courseStructure xmlns='https://w3id.org/xapi/profiles/cmi5/v1/CourseStructure.xsd'><course id='https://cours.example/dunes'><title><langstring lang='fr'>Les dunes</langstring></title></course><block id='https://cours.example/b'><title><langstring>Bloc</langstring></title><au id='https://cours.example/a'><title><langstring>Page</langstring></title><url>page.html?x=1</url></au></block></courseStructure>";
    let package = packed(&[("cmi5.xml", good.as_bytes()), PAGE]).unwrap();
    assert_eq!((package.format, &*package.version), (Format::Scorm, "cmi5"));
    assert_eq!(
        shown(&package.outline),
        ["0 Bloc -", "1 Page page.html?x=1"]
    );
    assert_eq!(
        package.reading.id.as_deref(),
        Some("https://cours.example/dunes")
    );
    let alone = manifest(good.as_bytes(), &Origin::default()).unwrap();
    assert!(errors(&alone).is_empty());
    let twice = good
        .replace("dunes/b'", "x'")
        .replace("cours.example/b", "cours.example/a");
    let package = manifest(twice.as_bytes(), &Origin::default()).unwrap();
    assert_eq!(errors(&package), ["package-identifier-twice"]);
}
