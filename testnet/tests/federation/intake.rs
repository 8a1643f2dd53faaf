//! `commun import` of what teachers have: packages, folders, courses in Git; hostile ones; and a node that is killed meanwhile.

use std::{fs, io::Write as _, path::Path, process::Stdio, thread, time::Duration};

use anyhow::{Context, Result, ensure};
use commun_testnet::{
    commun::Typist,
    content::git,
    federation::{Federation, wait_until},
    http,
    process::Node,
};
use flate2::Crc;
use serde_json::Value;

use super::{kills::sound, turn::turn};

/// A ZIP file of these files, stored.
pub(super) fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut out, mut list) = (Vec::new(), Vec::new());
    for (name, bytes) in files {
        let mut crc = Crc::new();
        crc.update(bytes);
        let at = out.len() as u32;
        let size = (bytes.len() as u32).to_le_bytes();
        // Version, flags (UTF-8 names), method, time, date, checksum, sizes, lengths of name and extra.
        let mut about = Vec::from([20, 0, 0, 8, 0, 0, 0, 0, 0x21, 0x5a]);
        about.extend(crc.sum().to_le_bytes());
        about.extend(size);
        about.extend(size);
        about.extend((name.len() as u16).to_le_bytes());
        about.extend([0, 0]);
        out.extend(b"PK\x03\x04");
        out.extend(&about);
        out.extend(name.as_bytes());
        out.extend(*bytes);
        list.extend(b"PK\x01\x02\x14\x00");
        list.extend(&about);
        // Comment, disk, attributes.
        list.extend([0; 10]);
        list.extend(at.to_le_bytes());
        list.extend(name.as_bytes());
    }
    let (at, count) = (out.len() as u32, (files.len() as u16).to_le_bytes());
    out.extend(&list);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend(count);
    out.extend(count);
    out.extend((list.len() as u32).to_le_bytes());
    out.extend(at.to_le_bytes());
    out.extend([0, 0]);
    out
}

fn h5p(title: &str, more: &[(&str, &[u8])]) -> Vec<u8> {
    let about = format!(
        r#"{{"title": "{title}", "language": "fr", "mainLibrary": "H5P.MultiChoice", "embedTypes": ["div"], "license": "CC BY-SA",
            "licenseVersion": "4.0", "authors": [{{"name": "Anne Essai", "role": "Author"}}],
            "preloadedDependencies": [{{"machineName": "H5P.MultiChoice", "majorVersion": "1", "minorVersion": "16"}}]}}"#
    );
    let content = br#"{"question": "<p>Combien de p\u00e9tales ?</p>", "answers": [{"text": "Cinq", "correct": true}]}"#;
    let mut files: Vec<(&str, &[u8])> = vec![
        ("h5p.json", about.as_bytes()),
        ("content/content.json", content),
    ];
    files.extend(more);
    zip(&files)
}

fn cartridge(title: &str) -> Vec<u8> {
    let manifest = format!(
        "<?xml version='1.0' encoding='UTF-8'?><manifest identifier='cours-mousses' xmlns='http://www.imsglobal.org/xsd/imsccv1p3/imscp_v1p1'
           xmlns:lom='http://ltsc.ieee.org/xsd/imsccv1p3/LOM/manifest'>
         <metadata><schema>IMS Common Cartridge</schema><schemaversion>1.3.0</schemaversion><lom:lom><lom:general>
           <lom:identifier><lom:catalog>URI</lom:catalog><lom:entry>https://cours.example/mousses</lom:entry></lom:identifier>
           <lom:title><lom:string language='fr'>{title}</lom:string></lom:title><lom:language>fr</lom:language></lom:general>
           <lom:rights><lom:description><lom:string language='fr'>https://creativecommons.org/licenses/by/4.0/</lom:string></lom:description></lom:rights></lom:lom></metadata>
         <organizations><organization identifier='o' structure='rooted-hierarchy'><item identifier='root'>
           <item identifier='i1' identifierref='r1'><title>Les sporophytes</title></item></item></organization></organizations>
         <resources><resource identifier='r1' type='webcontent' href='page.html'><file href='page.html'/></resource></resources></manifest>"
    );
    let page = "<html><head><title>Page</title></head><body><p>La capsule des bryophytes.</p></body></html>";
    zip(&[
        ("imsmanifest.xml", manifest.as_bytes()),
        ("page.html", page.as_bytes()),
    ])
}

fn scorm(title: &str) -> Vec<u8> {
    let manifest = format!(
        "<?xml version='1.0' encoding='UTF-8'?><manifest identifier='scorm-lichens' version='1.0' xmlns='http://www.imsproject.org/xsd/imscp_rootv1p1p2'
           xmlns:adlcp='http://www.adlnet.org/xsd/adlcp_rootv1p2'>
         <metadata><schema>ADL SCORM</schema><schemaversion>1.2</schemaversion></metadata>
         <organizations default='o'><organization identifier='o'><title>{title}</title>
           <item identifier='i1' identifierref='r1'><title>Les thalles</title></item></organization></organizations>
         <resources><resource identifier='r1' type='webcontent' adlcp:scormtype='sco' href='index.html'><file href='index.html'/></resource></resources></manifest>"
    );
    zip(&[
        ("imsmanifest.xml", manifest.as_bytes()),
        (
            "index.html",
            b"<html><body>Un lichen crustace.</body></html>",
        ),
    ])
}

fn epub(title: &str) -> Vec<u8> {
    let package = format!(
        "<?xml version='1.0'?><package xmlns='http://www.idpf.org/2007/opf' version='3.0' unique-identifier='id'>
         <metadata xmlns:dc='http://purl.org/dc/elements/1.1/'><dc:identifier id='id'>urn:isbn:9782100547333</dc:identifier>
           <dc:title>{title}</dc:title><dc:language>fr</dc:language><dc:creator>Anne Essai</dc:creator>
           <dc:rights>https://creativecommons.org/licenses/by/4.0/</dc:rights><meta property='dcterms:modified'>2026-01-01T00:00:00Z</meta></metadata>
         <manifest><item id='nav' href='nav.xhtml' media-type='application/xhtml+xml' properties='nav'/><item id='c1' href='c1.xhtml' media-type='application/xhtml+xml'/></manifest>
         <spine><itemref idref='c1'/></spine></package>"
    );
    let nav = "<html xmlns='http://www.w3.org/1999/xhtml' xmlns:epub='http://www.idpf.org/2007/ops'><head><title>n</title></head><body><nav epub:type='toc'><ol><li><a href='c1.xhtml'>Le premier herbier</a></li></ol></nav></body></html>";
    let chapter = "<html xmlns='http://www.w3.org/1999/xhtml'><head><title>c</title></head><body><h1>Le premier herbier</h1></body></html>";
    let container = "<?xml version='1.0'?><container version='1.0' xmlns='urn:oasis:names:tc:opendocument:xmlns:container'><rootfiles><rootfile full-path='OEBPS/content.opf' media-type='application/oebps-package+xml'/></rootfiles></container>";
    zip(&[
        ("mimetype", b"application/epub+zip"),
        ("META-INF/container.xml", container.as_bytes()),
        ("OEBPS/content.opf", package.as_bytes()),
        ("OEBPS/nav.xhtml", nav.as_bytes()),
        ("OEBPS/c1.xhtml", chapter.as_bytes()),
    ])
}

/// A course's backup, with somebody's name in it.
fn backup(title: &str) -> Vec<u8> {
    let about = format!(
        "<?xml version='1.0' encoding='UTF-8'?><moodle_backup><information><name>sauvegarde.mbz</name><moodle_version>2024042200</moodle_version>
         <moodle_release>4.4</moodle_release><backup_version>2024042200</backup_version><original_wwwroot>https://moodle.example</original_wwwroot>
         <original_site_identifier_hash>0123456789abcdef</original_site_identifier_hash>
         <original_course_id>7</original_course_id><original_course_fullname>{title}</original_course_fullname><original_course_shortname>ALG</original_course_shortname>
         <contents><activities></activities><sections></sections><course><courseid>7</courseid><title>ALG</title><directory>course</directory></course></contents>
         <settings><setting><level>root</level><name>users</name><value>1</value></setting></settings></information></moodle_backup>"
    );
    let course = format!(
        "<?xml version='1.0' encoding='UTF-8'?><course id='7' contextid='70'><shortname>ALG</shortname><fullname>{title}</fullname><idnumber></idnumber><summary></summary><lang>fr</lang></course>"
    );
    let users = format!(
        "<?xml version='1.0' encoding='UTF-8'?><users><user id='3'><username>x</username><firstname>{PUPIL}</firstname><lastname>Test</lastname><email>x@example.org</email></user></users>"
    );
    let files = "<?xml version='1.0' encoding='UTF-8'?><files></files>";
    zip(&[
        ("moodle_backup.xml", about.as_bytes()),
        ("course/course.xml", course.as_bytes()),
        ("users.xml", users.as_bytes()),
        ("files.xml", files.as_bytes()),
    ])
}

const PUPIL: &str = "Zebulonne-Philippine";

pub(super) fn status(node: &Node, path: &str) -> Result<(u16, Vec<u8>)> {
    let answer = http::get(node.ports().http, path, &[])?;
    Ok((answer.status, answer.body))
}

pub(super) fn document(node: &Node, path: &str) -> Result<Value> {
    let (code, body) = status(node, path)?;
    ensure!(code == 200, "{path}: {code}");
    Ok(serde_json::from_slice(&body)?)
}

pub(super) fn hits(node: &Node, words: &str) -> Result<u64> {
    let found = document(node, &format!("/api/v1/search?q={words}"))?;
    found["total"].as_u64().context("a total")
}

/// What an import says, and the name of its only item.
pub(super) fn import(who: &Typist, here: &Path, args: &[&str]) -> Result<(Value, String)> {
    let mut all = vec!["import"];
    all.extend(args);
    all.push("--json");
    let said = who.done(here, &all)?.json()?;
    let name = said["items"][0]["name"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    Ok((said, name))
}

fn counts(said: &Value) -> [u64; 4] {
    ["added", "changed", "unchanged", "refused"].map(|name| said[name].as_u64().unwrap_or(99))
}

fn rules(said: &Value) -> Vec<&str> {
    let rules = said["rules"].as_array().into_iter().flatten();
    rules.filter_map(|rule| rule["rule"].as_str()).collect()
}

#[test]
fn packages_become_resources_that_keep_them_byte_for_byte() -> Result<()> {
    let _turn = turn();
    let mut f = Federation::temporary(2)?;
    let folder = tempfile::tempdir()?;
    let here = folder.path();
    let operator = Typist::operator(&f.nodes[0])?;
    let quiz = h5p("Combien de pétales", &[]);
    for (file, format, bytes, words) in [
        ("quiz.h5p", "h5p", &quiz, "petales"),
        (
            "mousses.imscc",
            "imscc",
            &cartridge("Les mousses"),
            "bryophytes",
        ),
        ("lichens.zip", "scorm", &scorm("Les lichens"), "crustace"),
        ("herbier.epub", "epub", &epub("L’herbier"), "herbier"),
    ] {
        fs::write(here.join(file), bytes)?;
        let (said, name) = import(&operator, here, &[file, "--dry-run"])?;
        ensure!(counts(&said) == [1, 0, 0, 0], "{file}: {said}");
        ensure!(
            said["format"] == format && said["dry_run"] == true,
            "{file}: {said}"
        );
        let (code, _) = status(&f.nodes[0], &format!("/api/v1/items/{name}"))?;
        ensure!(code == 404, "{file}: a dry run made {name}");
        let (said, name) = import(&operator, here, &[file])?;
        ensure!(counts(&said) == [1, 0, 0, 0], "{file}: {said}");
        let (said, again) = import(&operator, here, &[file])?;
        ensure!(
            counts(&said) == [0, 0, 1, 0] && again == name,
            "{file}: {said}"
        );
        let (code, kept) = status(&f.nodes[0], &format!("/api/v1/items/{name}/files/{file}"))?;
        ensure!(
            code == 200 && &kept == bytes,
            "{file}: {code}, {} bytes",
            kept.len()
        );
        for node in &f.nodes {
            wait_until("what is in it is found", || Ok(hits(node, words)? == 1))
                .with_context(|| file.to_owned())?;
        }
        let shown = document(&f.nodes[1], &format!("/api/v1/items/{name}"))?;
        ensure!(
            format == "scorm" || shown["metadata"]["language"][0] == "fr",
            "{file}: {shown}"
        );
        let outline = shown["outline"].as_array().map_or(0, Vec::len);
        ensure!(format == "h5p" || outline == 1, "{file}: {shown}");
    }

    // The same identifier with other bytes is a version of the same item, and what people put beside the package stays.
    fs::write(
        here.join("mousses.imscc"),
        cartridge("Les mousses et les sphaignes"),
    )?;
    let (said, name) = import(&operator, here, &["mousses.imscc"])?;
    ensure!(counts(&said) == [0, 1, 0, 0], "{said}");
    let shown = document(&f.nodes[0], &format!("/api/v1/items/{name}"))?;
    ensure!(
        shown["versions"].as_array().map(Vec::len) == Some(2),
        "{shown}"
    );
    let files = document(&f.nodes[0], &format!("/api/v1/items/{name}/files"))?;
    ensure!(
        files["files"].as_array().map(Vec::len) == Some(1),
        "{files}"
    );

    // Where a package has no identifier, a name says which item it is a version of.
    fs::write(here.join("quiz.h5p"), h5p("Combien de sépales", &[]))?;
    let (said, named) = import(&operator, here, &["quiz.h5p", "--slug", "quiz-fleurs"])?;
    ensure!(
        counts(&said) == [1, 0, 0, 0] && named.ends_with("/quiz-fleurs"),
        "{said}"
    );
    fs::write(here.join("quiz.h5p"), h5p("Combien de sépales ?", &[]))?;
    let (said, again) = import(&operator, here, &["quiz.h5p", "--slug", "quiz-fleurs"])?;
    ensure!(counts(&said) == [0, 1, 0, 0] && again == named, "{said}");
    f.stop()
}

#[test]
fn a_moodle_backup_comes_in_without_people() -> Result<()> {
    let _turn = turn();
    let mut f = Federation::temporary(1)?;
    let folder = tempfile::tempdir()?;
    let here = folder.path();
    let operator = Typist::operator(&f.nodes[0])?;
    fs::write(here.join("cours.mbz"), backup("Algèbre pour tous"))?;
    let (said, _) = import(&operator, here, &["cours.mbz", "--dry-run"])?;
    ensure!(counts(&said) == [1, 0, 0, 0], "{said}");
    let (said, name) = import(&operator, here, &["cours.mbz"])?;
    ensure!(
        counts(&said) == [1, 0, 0, 0] && said["format"] == "mbz",
        "{said}"
    );
    let told = said["lines"].to_string();
    ensure!(
        told.contains("users.xml"),
        "what was taken out is not told: {told}"
    );
    let (said, _) = import(&operator, here, &["cours.mbz"])?;
    ensure!(counts(&said) == [0, 0, 1, 0], "{said}");
    let (code, kept) = status(
        &f.nodes[0],
        &format!("/api/v1/items/{name}/files/cours.mbz"),
    )?;
    ensure!(code == 200 && kept.starts_with(b"PK"), "{code}");
    f.nodes[0].stop()?;
    ensure!(
        !on_disk(&f.nodes[0].data, PUPIL.as_bytes())?,
        "a person's name is on the disk"
    );
    f.nodes[0].start()?;
    f.stop()
}

/// Whether any file of a node holds these bytes.
fn on_disk(folder: &Path, needle: &[u8]) -> Result<bool> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let found = match path.is_dir() {
            true => on_disk(&path, needle)?,
            false if path.is_file() => {
                let bytes = fs::read(&path)?;
                bytes.windows(needle.len()).any(|w| w == needle)
            }
            false => false,
        };
        if found {
            return Ok(true);
        }
    }
    Ok(false)
}

#[test]
fn a_hostile_package_is_refused_with_a_reason_and_leaves_nothing() -> Result<()> {
    let _turn = turn();
    let mut f = Federation::temporary(1)?;
    let folder = tempfile::tempdir()?;
    let here = folder.path();
    let operator = Typist::operator(&f.nodes[0])?;
    let good = h5p("Un quiz", &[]);
    let mut damaged = good.clone();
    let at = damaged
        .windows(8)
        .position(|w| w == b"question")
        .context("there")?;
    damaged[at] ^= 1;
    let cases: [(&str, Vec<u8>, &str); 5] = [
        (
            "glisse.h5p",
            h5p("Un quiz", &[("../../authorized_keys", b"x")]),
            "archive-path",
        ),
        (
            "absolu.h5p",
            h5p("Un quiz", &[("/etc/passwd", b"x")]),
            "archive-path",
        ),
        (
            "casse.h5p",
            h5p("Un quiz", &[("A.png", b"x"), ("a.png", b"y")]),
            "archive-collision",
        ),
        (
            "coupe.h5p",
            good[..good.len() - 30].to_vec(),
            "archive-damaged",
        ),
        ("abime.h5p", damaged, "archive-damaged"),
    ];
    let before = document(&f.nodes[0], "/api/v1/status")?["catalogue"]["items"].clone();
    for (file, bytes, rule) in cases {
        fs::write(here.join(file), bytes)?;
        for dry_run in [&["--dry-run"][..], &[]] {
            let mut args = vec!["import", file, "--json"];
            args.extend(dry_run);
            let said = operator.run(here, &args)?;
            ensure!(said.code == Some(1), "{file}: {said:?}");
            let told = said.json()?;
            ensure!(counts(&told) == [0, 0, 0, 1], "{file}: {told}");
            ensure!(rules(&told).contains(&rule), "{file}: {told}");
            ensure!(
                told["lines"][0]["fix"]
                    .as_str()
                    .is_some_and(|fix| fix.len() > 10),
                "{file}: {told}"
            );
        }
    }
    // What is no archive at all, and what nobody can tell.
    fs::write(here.join("page.h5p"), "<html></html>")?;
    let said = operator.run(here, &["import", "page.h5p", "--format", "h5p", "--json"])?;
    ensure!(
        said.code == Some(1) && rules(&said.json()?).contains(&"archive-format"),
        "{said:?}"
    );
    // A document that is too long says what to do.
    let long = fs::File::create(here.join("long.xml"))?;
    long.set_len(33 << 20)?;
    let said = operator.run(here, &["import", "long.xml", "--format", "lom"])?;
    ensure!(
        said.code == Some(4) && said.err.contains("Split it"),
        "{said:?}"
    );
    let token = format!("Authorization: Bearer {}", f.nodes[0].token()?);
    let long = vec![b' '; (32 << 20) + 1];
    let path = "/api/v1/imports?format=lom";
    let refused = http::request(f.nodes[0].ports().http, "POST", path, &[&token], &long)?;
    ensure!(
        refused.status == 413 && refused.text().contains("split it into documents"),
        "{} {}",
        refused.status,
        refused.text()
    );
    // A package may also be the whole body of a request.
    let path = "/api/v1/imports?name=quiz.h5p&dry_run=true";
    let taken = http::request(f.nodes[0].ports().http, "POST", path, &[&token], &good)?;
    ensure!(
        taken.status == 200 && taken.text().contains("\"added\":1"),
        "{} {}",
        taken.status,
        taken.text()
    );
    let after = document(&f.nodes[0], "/api/v1/status")?["catalogue"]["items"].clone();
    ensure!(before == after, "something was stated: {before} {after}");
    f.nodes[0].stop()?;
    sound(&f.nodes[0].data)?;
    f.nodes[0].start()?;
    f.stop()
}

#[test]
fn a_folder_becomes_a_resource_and_says_what_it_left_out() -> Result<()> {
    let _turn = turn();
    let mut f = Federation::temporary(1)?;
    let folder = tempfile::tempdir()?;
    let here = folder.path();
    let operator = Typist::operator(&f.nodes[0])?;
    let course = here.join("Botanique générale");
    fs::create_dir_all(course.join("images"))?;
    fs::create_dir_all(course.join(".git"))?;
    fs::write(
        course.join("README.md"),
        "# Botanique de terrain\n\nReconnaître les fougères en forêt.\n",
    )?;
    fs::write(
        course.join("CITATION.cff"),
        "cff-version: 1.2.0\nmessage: x\ntitle: Botanique de terrain\nauthors:\n  - family-names: Essai\n    given-names: Anne\nlicense: CC-BY-SA-4.0\n",
    )?;
    fs::write(course.join("images/fronde.txt"), "une fronde circinée")?;
    fs::write(course.join(".git/HEAD"), "ref: refs/heads/main")?;
    fs::write(course.join(".secret"), "mot de passe")?;
    std::os::unix::fs::symlink("/etc/passwd", course.join("lien"))?;
    let args = ["Botanique générale", "--format", "folder"];
    let (said, name) = import(&operator, here, &[args[0], args[1], args[2], "--dry-run"])?;
    ensure!(counts(&said) == [1, 0, 0, 0], "{said}");
    ensure!(name.ends_with("/botanique-generale"), "{name}");
    ensure!(status(&f.nodes[0], &format!("/api/v1/items/{name}"))?.0 == 404);
    let csv = here.join("rapport.csv").to_string_lossy().into_owned();
    let (said, name) = import(&operator, here, &[args[0], args[1], args[2], "--csv", &csv])?;
    ensure!(counts(&said) == [1, 0, 0, 0], "{said}");
    for (path, rule) in [
        (".git", "left-out-hidden"),
        (".secret", "left-out-hidden"),
        ("lien", "left-out-link"),
    ] {
        let table = fs::read_to_string(&csv)?;
        ensure!(table.contains(&format!("{rule},info,{path}")), "{table}");
    }
    let shown = document(&f.nodes[0], &format!("/api/v1/items/{name}"))?;
    ensure!(shown["metadata"]["licence"] == "CC-BY-SA-4.0", "{shown}");
    ensure!(
        shown["metadata"]["creators"][0]["name"]
            .as_str()
            .is_some_and(|n| n.contains("Essai")),
        "{shown}"
    );
    let files = document(&f.nodes[0], &format!("/api/v1/items/{name}/files"))?;
    let paths: Vec<&str> = files["files"]
        .as_array()
        .context("files")?
        .iter()
        .filter_map(|f| f["path"].as_str())
        .collect();
    ensure!(
        paths == ["CITATION.cff", "README.md", "images/fronde.txt"],
        "{paths:?}"
    );
    wait_until("it is found by what its files say", || {
        Ok(hits(&f.nodes[0], "circinee")? == 1)
    })?;
    for again in [&["--dry-run"][..], &[]] {
        let mut all = args.to_vec();
        all.extend(again);
        let (said, _) = import(&operator, here, &all)?;
        ensure!(counts(&said) == [0, 0, 1, 0], "{again:?} {said}");
    }
    fs::write(course.join("images/fronde.txt"), "une fronde déroulée")?;
    let (said, _) = import(&operator, here, &[&args[..], &["--dry-run"]].concat())?;
    ensure!(counts(&said) == [0, 1, 0, 0], "{said}");
    let (said, again) = import(&operator, here, &args)?;
    ensure!(counts(&said) == [0, 1, 0, 0] && again == name, "{said}");
    // Another folder that is called as something that is there already is not taken for it.
    super::deeds::publish_note(&f.nodes[0], "chimie", "Chimie")?;
    fs::create_dir(here.join("Chimie"))?;
    fs::write(here.join("Chimie/a.md"), "# Autre")?;
    let said = operator.run(here, &["import", "Chimie", "--json"])?;
    ensure!(
        said.code == Some(1) && rules(&said.json()?).contains(&"name-taken"),
        "{said:?}"
    );
    let (said, name) = import(&operator, here, &["Chimie", "--slug", "chimie-2"])?;
    ensure!(
        counts(&said) == [1, 0, 0, 0] && name.ends_with("/chimie-2"),
        "{said}"
    );
    fs::create_dir(here.join("vide"))?;
    let said = operator.run(here, &["import", "vide", "--json"])?;
    ensure!(
        said.code == Some(1) && rules(&said.json()?).contains(&"no-files"),
        "{said:?}"
    );
    f.stop()
}

#[test]
fn a_cartridge_goes_out_as_it_came_in() -> Result<()> {
    let _turn = turn();
    let mut f = Federation::temporary(1)?;
    let folder = tempfile::tempdir()?;
    let here = folder.path();
    let operator = Typist::operator(&f.nodes[0])?;
    let bytes = cartridge("Les dunes");
    fs::write(here.join("dunes.imscc"), &bytes)?;
    let (said, name) = import(&operator, here, &["dunes.imscc"])?;
    ensure!(counts(&said) == [1, 0, 0, 0], "{said}");
    let address = format!("/api/v1/items/{name}/export?format=imscc");
    let (code, given) = status(&f.nodes[0], &address)?;
    ensure!(code == 200 && given == bytes, "{code}");
    // With a correction, too, and that is said.
    operator.done(
        here,
        &["edit", &name, "--set", "title[fr]=Les dunes grises"],
    )?;
    let said = operator.done(here, &["export", &name, "--format", "imscc", "out"])?;
    ensure!(said.out.contains("corrected since"), "{}", said.out);
    let out = here
        .join("out")
        .join(format!("{}.imscc", name.replace('/', ".")));
    ensure!(fs::read(&out)? == bytes, "{} is another", out.display());
    f.stop()
}

#[test]
fn files_of_records_come_in_one_by_one_with_one_report() -> Result<()> {
    let _turn = turn();
    let mut f = Federation::temporary(1)?;
    let folder = tempfile::tempdir()?;
    let here = folder.path();
    let operator = Typist::operator(&f.nodes[0])?;
    let record = |n: usize| {
        format!(
            "<lom xmlns='http://ltsc.ieee.org/xsd/LOM'><general><identifier><catalog>URI</catalog><entry>https://a.example/{n}</entry>\
             </identifier><title><string language='fr'>Fiche {n}</string></title></general></lom>"
        )
    };
    fs::create_dir_all(here.join("fiches/plus"))?;
    for n in 1..=2 {
        fs::write(here.join(format!("fiches/{n}.xml")), record(n))?;
    }
    fs::write(here.join("fiches/plus/3.xml"), record(3))?;
    fs::write(here.join("fiches/lisez.txt"), "bonjour")?;
    // Those that somebody chose, each told by what it holds.
    let (said, _) = import(&operator, here, &["fiches/1.xml", "fiches/lisez.txt"])?;
    ensure!(counts(&said) == [1, 0, 0, 1], "{said}");
    ensure!(rules(&said).contains(&"file-unknown"), "{said}");
    // A folder of them, and what is in it.
    let whole = ["fiches", "--format", "lom"];
    let (said, _) = import(&operator, here, &[&whole[..], &["--dry-run"]].concat())?;
    ensure!(counts(&said) == [2, 0, 1, 1], "{said}");
    let (said, _) = import(&operator, here, &whole)?;
    ensure!(counts(&said) == [2, 0, 1, 1], "{said}");
    let (said, _) = import(&operator, here, &whole)?;
    ensure!(counts(&said) == [0, 0, 3, 1], "{said}");
    f.stop()
}

#[test]
fn a_course_in_git_is_kept_there_and_found_as_a_resource() -> Result<()> {
    let _turn = turn();
    let mut f = Federation::temporary(2)?;
    let folder = tempfile::tempdir()?;
    let here = folder.path();
    let operator = Typist::operator(&f.nodes[0])?;
    let course = here.join("topologie");
    fs::create_dir(&course)?;
    git(&course, None, &["init", "--quiet", "--initial-branch=main"])?;
    fs::write(
        course.join("README.md"),
        "# Topologie des espaces\n\nCompacité et connexité.\n",
    )?;
    fs::write(
        course.join("CITATION.cff"),
        "cff-version: 1.2.0\nmessage: x\ntitle: Topologie des espaces\nauthors:\n  - family-names: Essai\n    given-names: Anne\nlicense: CC-BY-4.0\n",
    )?;
    git(&course, None, &["add", "."])?;
    git(&course, None, &["commit", "--quiet", "-m", "Un cours"])?;
    let (said, name) = import(
        &operator,
        here,
        &["topologie", "--format", "git", "--dry-run"],
    )?;
    ensure!(
        counts(&said) == [1, 0, 0, 0] && name.ends_with("/topologie-course"),
        "{said}"
    );
    ensure!(
        status(&f.nodes[0], "/api/v1/items/univ-angers/topologie")?.0 == 404,
        "a dry run copied it"
    );
    let (said, name) = import(&operator, here, &["topologie", "--format", "git"])?;
    ensure!(counts(&said) == [1, 0, 0, 0], "{said}");
    let repository = name.strip_suffix("-course").context("its name")?;
    super::deeds::clone(&f.nodes[0], repository, &here.join("clone"))?;
    ensure!(here.join("clone/README.md").is_file());
    wait_until("the other node has it", || {
        Ok(status(&f.nodes[1], &format!("/api/v1/items/{name}"))?.0 == 200)
    })?;
    let shown = document(&f.nodes[1], &format!("/api/v1/items/{name}"))?;
    ensure!(shown["metadata"]["licence"] == "CC-BY-4.0", "{shown}");
    let relations = shown["metadata"]["relations"].to_string();
    ensure!(relations.contains(repository), "{shown}");
    let (said, _) = import(&operator, here, &["topologie", "--format", "git"])?;
    ensure!(counts(&said) == [0, 0, 1, 0], "{said}");
    fs::write(
        course.join("CITATION.cff"),
        "cff-version: 1.2.0\nmessage: x\ntitle: Topologie générale\nauthors:\n  - family-names: Essai\nlicense: CC-BY-4.0\n",
    )?;
    git(
        &course,
        None,
        &["commit", "--quiet", "-am", "Un autre titre"],
    )?;
    let (said, again) = import(&operator, here, &["topologie", "--format", "git"])?;
    ensure!(counts(&said) == [0, 1, 0, 0] && again == name, "{said}");
    f.stop()
}

#[test]
fn a_node_that_is_killed_while_a_package_comes_in_keeps_nothing_of_it() -> Result<()> {
    let _turn = turn();
    let mut f = Federation::temporary(1)?;
    let folder = tempfile::tempdir()?;
    let here = folder.path();
    let mut film = Vec::new();
    // Bytes that are not all the same, so that the store has something to do.
    for n in 0_u32..12 << 20 {
        film.extend(n.wrapping_mul(2_654_435_761).to_le_bytes());
    }
    let package = h5p("Un film", &[("content/videos/film.mp4", &film)]);
    fs::write(here.join("film.h5p"), &package)?;
    for pause in [0, 150, 400, 900] {
        let operator = Typist::operator(&f.nodes[0])?;
        let mut sending = operator
            .command(here, &["import", "film.h5p", "--slug", "film", "--json"])?
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let incoming = f.nodes[0].data.join("incoming");
        let began = || fs::read_dir(&incoming).is_ok_and(|mut all| all.next().is_some());
        wait_until("the upload begins", || {
            Ok(began() || sending.try_wait()?.is_some())
        })?;
        thread::sleep(Duration::from_millis(pause));
        f.nodes[0].kill();
        sending.wait()?;
        f.nodes[0].start()?;
        let uploads = fs::read_dir(&incoming).map(Iterator::count).unwrap_or(0);
        ensure!(uploads == 0, "after {pause} ms an upload is left");
        // All of it or nothing.
        let (code, bytes) = status(&f.nodes[0], "/api/v1/items/univ-angers/film/files/film.h5p")?;
        ensure!(
            code == 404 || (code == 200 && bytes == package),
            "after {pause} ms: {code}"
        );
    }
    let operator = Typist::operator(&f.nodes[0])?;
    let (said, _) = import(&operator, here, &["film.h5p", "--slug", "film"])?;
    let [added, changed, unchanged, refused] = counts(&said);
    ensure!(added + unchanged == 1 && changed + refused == 0, "{said}");
    let (code, bytes) = status(&f.nodes[0], "/api/v1/items/univ-angers/film/files/film.h5p")?;
    ensure!(code == 200 && bytes == package, "{code}");
    std::io::stdout().flush()?;
    f.nodes[0].stop()?;
    sound(&f.nodes[0].data)?;
    f.nodes[0].start()?;
    f.stop()
}

#[test]
#[ignore = "needs COMMUN_SHARED"]
fn acceptance_hostile_packages_are_refused_over_http_and_others_are_taken() -> Result<()> {
    let _turn = turn();
    let shared =
        std::env::var_os("COMMUN_SHARED").context("COMMUN_SHARED names the shared folder")?;
    let hostile = Path::new(&shared).join("data/hostile");
    let manifest: Value = serde_json::from_slice(&fs::read(hostile.join("MANIFEST.json"))?)?;
    let mut f = Federation::temporary(1)?;
    let token = format!("Authorization: Bearer {}", f.nodes[0].token()?);
    let (mut seen, mut faults) = (0, Vec::new());
    for entry in manifest["entries"].as_array().context("entries")? {
        let path = entry["path"].as_str().context("a path")?;
        // A ZIP file that is no package is not taken, however sound it is.
        let package = path.starts_with("imscp/");
        if !package && !path.starts_with("zip/") {
            continue;
        }
        seen += 1;
        let name = path.rsplit('/').next().unwrap_or_default();
        let format = if name.ends_with(".h5p") {
            "h5p"
        } else {
            "scorm"
        };
        let address = format!("/api/v1/imports?name={name}&format={format}");
        let bytes = fs::read(hostile.join(path))?;
        let begun = std::time::Instant::now();
        let port = f.nodes[0].ports().http;
        let answer = http::request(port, "POST", &address, &[&token], &bytes)?;
        let took = begun.elapsed();
        let said: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let taken = answer.status == 200 && said["refused"] == 0;
        let expect = entry["expect"].as_str().unwrap_or_default();
        let wrong = match expect {
            "reject" => taken,
            "accept" => package && !taken,
            _ => false,
        };
        let plain = !taken && answer.status == 200 && said["lines"][0]["what"].as_str().is_none();
        if wrong || plain || answer.status >= 500 || took > Duration::from_secs(20) {
            faults.push(format!(
                "{path}: {expect}, {} in {took:?}: {said}",
                answer.status
            ));
        }
        ensure!(
            status(&f.nodes[0], "/healthz")?.0 == 200,
            "{path}: the node is ill"
        );
    }
    println!("{seen} files");
    ensure!(
        seen > 80 && faults.is_empty(),
        "{seen} files:\n{}",
        faults.join("\n")
    );
    f.nodes[0].stop()?;
    sound(&f.nodes[0].data)?;
    f.nodes[0].start()?;
    f.stop()
}
