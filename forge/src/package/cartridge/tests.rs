//! Cartridges as others see them.

use commun_specs::metadata::View;

use super::*;
use crate::{
    crosswalk::{Origin, xml},
    package::write::Bytes,
};

fn view() -> View {
    View {
        titles: vec![("fr".into(), "Algèbre <linéaire> & co".into())],
        languages: vec!["fr".into()],
        licence: Some("CC-BY-SA-4.0".into()),
        ..View::default()
    }
}

fn file(path: &str) -> Part<()> {
    Part::File {
        title: path.to_owned(),
        path: path.to_owned(),
        bytes: Bytes::Here(path.into()),
    }
}

fn cartridge() -> Cartridge<()> {
    Cartridge {
        identifier: "abc".into(),
        record: lom::write(&view(), lom::Place::default(), lom::Profile::Lom).bytes,
        parts: vec![
            Part::Folder {
                title: "Chapitre \"un\"".into(),
                parts: vec![file("b/é 100%.html"), file("a#1?.pdf")],
            },
            Part::Link {
                title: "Ailleurs".into(),
                url: "https://a.example/?x=1&y=2".into(),
            },
        ],
        aside: vec![Member::here("metadata/x.xml", "<x/>")],
    }
}

#[test]
fn the_manifest_names_every_file_and_every_reference_leads_somewhere() {
    let members = cartridge().members();
    assert_eq!(members, cartridge().members());
    let paths: Vec<&str> = members.iter().map(|m| m.path.as_str()).collect();
    assert_eq!(
        paths,
        [
            MANIFEST,
            "a#1?.pdf",
            "b/é 100%.html",
            "links/0001.xml",
            "metadata/x.xml"
        ]
    );
    let Bytes::Here(manifest) = &members[0].bytes else {
        panic!("the manifest is made here");
    };
    let text = String::from_utf8(manifest.clone()).unwrap();
    let tree = xml::parse(&text).unwrap();
    let root = tree.root_element();
    assert_eq!(root.tag_name().namespace(), Some(NAMESPACE));
    let all = |name: &str| -> Vec<_> {
        root.descendants()
            .filter(|n| n.has_tag_name((NAMESPACE, name)))
            .collect()
    };
    assert_eq!(all("schemaversion")[0].text(), Some("1.3.0"));
    // Each file once, each reference to a resource that there is, no identifier twice.
    let mut named: Vec<_> = all("file")
        .iter()
        .map(|f| f.attribute("href").unwrap())
        .collect();
    named.sort_unstable();
    assert_eq!(
        named,
        [
            "a%231%3F.pdf",
            "b/é 100%25.html",
            "links/0001.xml",
            "metadata/x.xml"
        ]
    );
    let mut ids: Vec<&str> = root
        .descendants()
        .filter_map(|n| n.attribute("identifier"))
        .collect();
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), count);
    let references: Vec<&str> = all("item")
        .iter()
        .filter_map(|i| i.attribute("identifierref"))
        .collect();
    assert_eq!(references.len(), 3);
    for reference in references {
        assert!(
            all("resource")
                .iter()
                .any(|r| r.attribute("identifier") == Some(reference))
        );
    }
    let titles: Vec<&str> = all("title").iter().filter_map(|t| t.text()).collect();
    assert_eq!(
        titles,
        ["Chapitre \"un\"", "b/é 100%.html", "a#1?.pdf", "Ailleurs"]
    );
}

#[test]
fn the_record_of_the_manifest_is_read_as_lom() {
    let members = cartridge().members();
    let Bytes::Here(manifest) = &members[0].bytes else {
        panic!("the manifest is made here");
    };
    let text = String::from_utf8(manifest.clone()).unwrap();
    assert!(text.contains(LOM_NAMESPACE) && !text.contains("schemaLocation"));
    let read = lom::read(manifest, &Origin::default())
        .unwrap()
        .record
        .view();
    assert_eq!(read.titles, view().titles);
    assert_eq!(read.licence, view().licence);
}

#[test]
fn a_web_link_carries_its_address() {
    let members = cartridge().members();
    let link = members.iter().find(|m| m.path == "links/0001.xml").unwrap();
    let Bytes::Here(bytes) = &link.bytes else {
        panic!("a link is made here");
    };
    let text = String::from_utf8(bytes.clone()).unwrap();
    let tree = xml::parse(&text).unwrap();
    let url = tree
        .descendants()
        .find(|n| n.has_tag_name((LINK_NAMESPACE, "url")))
        .unwrap();
    assert_eq!(url.attribute("href"), Some("https://a.example/?x=1&y=2"));
}

#[test]
fn our_own_reader_of_cartridges_finds_everything_again() {
    use crate::package::{
        Target,
        archive::{Archive, Limits},
        read,
        write::{Zip, members},
    };
    let mut zip = Zip::new(Vec::new(), 0);
    members(&cartridge().members(), &mut (), &mut zip).unwrap();
    let bytes = zip.finish("").unwrap();
    let mut archive = Archive::open(std::io::Cursor::new(&bytes), Limits::default()).unwrap();
    let package = read(&mut archive, None, &Origin::default()).unwrap();
    assert_eq!(package.format, crate::crosswalk::format::Format::Imscc);
    assert_eq!(package.version, "1.3");
    let worst = package.reading.worst();
    assert!(
        worst < Some(crate::problem::Severity::Error),
        "{:?}",
        package.reading.problems
    );
    let view = package.reading.record.view();
    assert_eq!(view.titles, self::view().titles);
    assert_eq!(view.licence, self::view().licence);
    let outline: Vec<(&str, usize)> = package
        .outline
        .iter()
        .map(|p| (&*p.title, p.depth))
        .collect();
    assert_eq!(
        outline,
        [
            ("Chapitre \"un\"", 0),
            ("b/é 100%.html", 1),
            ("a#1?.pdf", 1),
            ("Ailleurs", 0)
        ]
    );
    let targets: Vec<&Target> = package
        .outline
        .iter()
        .filter_map(|p| p.target.as_ref())
        .collect();
    let file = |path: &str| Target::File {
        path: path.to_owned(),
        suffix: String::new(),
    };
    assert_eq!(
        targets,
        [
            &file("b/é 100%.html"),
            &file("a#1?.pdf"),
            &Target::Address("https://a.example/?x=1&y=2".to_owned()),
        ]
    );
}
