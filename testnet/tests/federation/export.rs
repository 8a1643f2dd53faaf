//! What goes out is what came in, and others can use it: bags that check themselves, cartridges, archives, records,
//! pages that programs read.

use std::{fs, path::Path, process::Command};

use anyhow::{Context, Result, ensure};
use commun_testnet::{
    browser::{Browser, Settings},
    commun::Typist,
    federation::{Federation, wait_until},
    http,
    process::Node,
};
use serde_json::{Value, json};

use super::{deeds::publish, turn::turn};

/// Checks a bag by RFC 8493 with nothing of ours, and prints what its payload is.
const BAG: &str = r#"
import hashlib, os, re, sys
root = sys.argv[1]
read = lambda name: open(os.path.join(root, name), 'rb').read()
assert read('bagit.txt') == b'BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n'
there = {os.path.relpath(os.path.join(at, name), root) for at, _, names in os.walk(root) for name in names}
def manifest(name, sort):
    listed = {}
    for line in read(name).decode().splitlines():
        total, path = re.fullmatch(r'([0-9a-f]+)  (.+)', line).groups()
        path = path.replace('%0A', '\n').replace('%0D', '\r').replace('%25', '%')
        assert path not in listed
        listed[path] = total
        assert hashlib.new(sort, read(path)).hexdigest() == total, path
    return set(listed)
payload = {path for path in there if path.startswith('data/')}
tags = {path for path in there if not path.startswith('data/') and not path.startswith('tagmanifest')}
for sort in ('sha256', 'sha512'):
    assert manifest(f'manifest-{sort}.txt', sort) == payload
    assert manifest(f'tagmanifest-{sort}.txt', sort) == tags
info = dict(line.split(': ', 1) for line in read('bag-info.txt').decode().splitlines())
octets, streams = map(int, info['Payload-Oxum'].split('.'))
assert streams == len(payload) and octets == sum(len(read(path)) for path in payload)
print('\n'.join(sorted(payload)))
"#;

/// Checks a cartridge: every file is named, every reference leads somewhere. Prints titles and web links.
const CARTRIDGE: &str = r#"
import sys, urllib.parse, zipfile
import xml.etree.ElementTree as ET
CP = '{http://www.imsglobal.org/xsd/imsccv1p3/imscp_v1p1}'
WL = '{http://www.imsglobal.org/xsd/imsccv1p3/imswl_v1p3}'
with zipfile.ZipFile(sys.argv[1]) as z:
    assert z.testzip() is None
    root = ET.fromstring(z.read('imsmanifest.xml'))
    assert root.find(f'{CP}metadata/{CP}schemaversion').text == '1.3.0'
    assert root.find(f'{CP}metadata/*[@lang]') is None
    hrefs = [urllib.parse.unquote(f.get('href')) for f in root.iter(f'{CP}file')]
    assert sorted(hrefs + ['imsmanifest.xml']) == sorted(z.namelist()), (hrefs, z.namelist())
    resources = {r.get('identifier'): r for r in root.iter(f'{CP}resource')}
    for item in root.iter(f'{CP}item'):
        ref = item.get('identifierref')
        assert ref is None or ref in resources
        title = item.find(f'{CP}title')
        if title is not None: print(title.text)
    for r in resources.values():
        if r.get('type') == 'imswl_xmlv1p3':
            link = ET.fromstring(z.read(r.find(f'{CP}file').get('href')))
            print(link.find(f'{WL}url').get('href'))
"#;

fn python(script: &str, of: &Path) -> Result<String> {
    let ran = Command::new("python3")
        .args(["-c", script])
        .arg(of)
        .env("PYTHONIOENCODING", "utf-8")
        .output()?;
    let said = String::from_utf8_lossy(&ran.stderr);
    ensure!(ran.status.success(), "{}: {said}", of.display());
    Ok(String::from_utf8(ran.stdout)?)
}

/// Other programs read the archive whole.
fn unzips(path: &Path) -> Result<()> {
    let ran = Command::new("unzip").arg("-tq").arg(path).output()?;
    let said = String::from_utf8_lossy(&ran.stdout);
    ensure!(ran.status.success(), "unzip: {said}");
    Ok(())
}

fn saved(node: &Node, path: &str, into: &Path) -> Result<Vec<u8>> {
    let answer = http::get(node.ports().http, path, &[])?;
    ensure!(
        answer.status == 200,
        "{path}: {} {}",
        answer.status,
        answer.text()
    );
    fs::write(into, &answer.body)?;
    Ok(answer.body)
}

fn course(slug: &str, title: &str) -> Value {
    json!({"slug": slug, "title": {"fr": title}, "licence": "CC-BY-SA-4.0", "language": ["fr"],
        "creators": [{"name": "Ada Exemple"}], "level": ["fr-l1"], "funders": [{"name": "Région", "type": "organisation"}]})
}

#[test]
fn a_bag_a_cartridge_and_a_package_hold_all_of_an_item_and_others_read_them() -> Result<()> {
    let _turn = turn();
    let here = tempfile::tempdir()?;
    let mut f = Federation::temporary(1)?;
    let node = &f.nodes[0];
    let handle = node.handle.clone();
    let large: Vec<u8> = (0..3_000_000u32)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect();
    let files: [(&str, &[u8]); 4] = [
        ("cours.md", b"# Topologie\n\n[un](chapitres/un.html)"),
        ("chapitres/un.html", b"<p>un</p>"),
        ("chapitres/cent % #1.txt", "été".as_bytes()),
        ("mesures.csv", &large),
    ];
    let name = publish(
        node,
        None,
        &course("topologie", "Topologie <i>&amp; co</i>"),
        &files,
    )?;
    let second = publish(
        node,
        None,
        &course("algebre", "Algèbre"),
        &[("a.txt", b"a")],
    )?;
    let reader = Typist::reader(node);

    // A bag in a folder, and the same as a ZIP file.
    let said = reader
        .done(
            here.path(),
            &["export", &name, "--format", "bagit", "out", "--json"],
        )?
        .json()?;
    ensure!(
        said["items"][0]["name"] == name.as_str() && said["errors"] == 0,
        "{said}"
    );
    let base = format!("{handle}.topologie");
    let payload = python(BAG, &here.path().join("out").join(&base))?;
    for wanted in [
        "files/chapitres/cent % #1.txt",
        "files/mesures.csv",
        "records/lom.xml",
        "records/suplomfr.xml",
        "records/dc.xml",
        "records/amb.json",
        "records/schema.json",
        "records/metadata.yml",
        "records/csl.json",
        "records/citation.bib",
        "records/attribution.txt",
        "metadata.json",
        "known.json",
        "statements.json",
    ] {
        ensure!(
            payload
                .lines()
                .any(|l| l == format!("data/{name}/{wanted}")),
            "{wanted} is not in {payload}"
        );
    }
    ensure!(payload.contains("data/evidence.json") && payload.contains("data/report.csv"));
    let stored = here
        .path()
        .join("out")
        .join(&base)
        .join(format!("data/{name}/files/mesures.csv"));
    ensure!(fs::read(stored)? == large, "the file is another");
    let zip = here.path().join("bag.zip");
    let address = format!("/api/v1/items/{name}/export?format=bagit");
    // Once the node has said what it read in the files, its log rests, and so do the proofs.
    wait_until("the same export gives the same bytes", || {
        Ok(saved(node, &address, &zip)? == saved(node, &address, &zip)?)
    })?;
    unzips(&zip)?;
    let unpacked = here.path().join("unpacked");
    let ran = Command::new("unzip")
        .arg("-q")
        .arg(&zip)
        .arg("-d")
        .arg(&unpacked)
        .status()?;
    ensure!(ran.success());
    ensure!(
        python(BAG, &unpacked.join(&base))? == payload,
        "the two bags differ"
    );
    proves(&unpacked.join(&base).join("data"), &name)?;

    // A cartridge of one, of several, of a collection.
    let said = reader.done(here.path(), &["export", &name, "--format", "imscc", "out"])?;
    ensure!(
        said.out.contains("funders"),
        "the report does not say what is lost: {}",
        said.out
    );
    let one = here.path().join("out").join(format!("{base}.imscc"));
    unzips(&one)?;
    let titles = python(CARTRIDGE, &one)?;
    ensure!(
        titles.contains("un.html\n") && titles.contains("chapitres\n"),
        "{titles}"
    );
    let operator = Typist::operator(node)?;
    operator.done(
        here.path(),
        &[
            "collection",
            "create",
            "semestre",
            "--title",
            "Semestre un",
            &name,
            &second,
        ],
    )?;
    let collection = format!("{handle}/semestre");
    reader.done(
        here.path(),
        &["export", &collection, "--format", "imscc", "out"],
    )?;
    let all = here
        .path()
        .join("out")
        .join(format!("{handle}.semestre.imscc"));
    let titles = python(CARTRIDGE, &all)?;
    ensure!(
        titles.contains("Topologie <i>&amp; co</i>") && titles.contains("Algèbre\n"),
        "{titles}"
    );

    // The files with their metadata, to be published again as they are.
    let package = here.path().join("package.zip");
    saved(
        node,
        &format!("/api/v1/items/{name}/export?format=package"),
        &package,
    )?;
    unzips(&package)?;
    let listed = Command::new("unzip").arg("-Z1").arg(&package).output()?;
    let listed = String::from_utf8(listed.stdout)?;
    ensure!(
        listed.contains("metadata.json") && listed.contains("chapitres/un.html"),
        "{listed}"
    );

    // Records of a selection, citations, credits.
    f.wait("both are found", |f| {
        Ok(f.nodes[0].client()?.status()?.index.documents >= 3)
    })?;
    let said = reader.done(
        here.path(),
        &[
            "export", "--query", "", "--format", "suplomfr", "records", "--csv", "lost.csv",
        ],
    )?;
    ensure!(said.out.contains("3 items given"), "{}", said.out);
    for slug in ["topologie", "algebre", "semestre"] {
        let file = here
            .path()
            .join("records")
            .join(format!("{handle}.{slug}.suplomfr.xml"));
        let text = fs::read_to_string(&file)?;
        ensure!(
            text.starts_with("<?xml") && text.contains("lom:lom"),
            "{text}"
        );
    }
    ensure!(fs::read_to_string(here.path().join("lost.csv"))?.starts_with("record,rule,"));
    reader.done(
        here.path(),
        &["export", &name, &second, "--format", "csl-json", "records"],
    )?;
    let cited: Value =
        serde_json::from_slice(&fs::read(here.path().join("records/commun.csl.json"))?)?;
    ensure!(
        cited.as_array().is_some_and(|list| list.len() == 2),
        "{cited}"
    );
    reader.done(
        here.path(),
        &[
            "export",
            &name,
            "--format",
            "attribution",
            "--as",
            "html",
            "records",
        ],
    )?;
    let credits = fs::read_to_string(here.path().join("records").join(format!("{base}.html")))?;
    ensure!(
        credits.contains("&lt;i&gt;") && !credits.contains("<i>"),
        "{credits}"
    );

    // What is there and differs is not replaced unasked; what is withdrawn is not given.
    fs::write(&one, "mine")?;
    let refused = reader.run(here.path(), &["export", &name, "--format", "imscc", "out"])?;
    ensure!(
        refused.code == Some(4) && fs::read(&one)? == b"mine",
        "{refused:?}"
    );
    operator.done(
        here.path(),
        &["withdraw", &name, "--reason", "fausse", "--code", "error"],
    )?;
    wait_until("it is withdrawn", || {
        let answer = http::get(
            node.ports().http,
            &format!("/api/v1/items/{name}/export?format=lom"),
            &[],
        )?;
        Ok(answer.status == 410)
    })?;
    let gone = reader.run(
        here.path(),
        &["export", &name, "--format", "lom", "records"],
    )?;
    ensure!(gone.code == Some(1) || gone.code == Some(4), "{gone:?}");
    let said = reader.done(
        here.path(),
        &["export", &collection, "--format", "imscc", "out", "--force"],
    )?;
    ensure!(
        said.out.contains("not given") && said.out.contains("fausse"),
        "{}",
        said.out
    );
    f.stop()
}

/// The statements of a bag prove themselves: bodies, salted, are those that the heads name, and leaves lead to the root.
fn proves(data: &Path, name: &str) -> Result<()> {
    const PROOF: &str = r#"
import base64, hashlib, json, os, sys
root, name = sys.argv[1].split('|')
read = lambda p: json.load(open(os.path.join(root, p), encoding='utf-8'))
statements, evidence = read(f'{name}/statements.json'), read('evidence.json')
assert statements and evidence['charters']
sha = lambda b: hashlib.sha256(b).digest()
def b32(text): return base64.b32decode(text.upper() + '=' * (-len(text) % 8))
for s in statements:
    head = json.loads(base64.b64decode(s['envelope']['payload']))
    if 'body' in head: assert b32(head['body']) == sha(b32(s['salt']) + s['body'].encode())
    entry = json.dumps(s['envelope'], sort_keys=True, separators=(',', ':'), ensure_ascii=False).encode()
    log = next(l for l in evidence['logs'] if l['institution'] == s['institution'])
    hashes = next(p['hashes'] for p in log['proofs'] if p['position'] == s['position'])
    # RFC 9162, 2.1.3.2
    fn, sn, r = s['position'], log['size'] - 1, sha(b'\0' + entry)
    for p in map(bytes.fromhex, hashes):
        assert sn > 0
        if fn % 2 == 1 or fn == sn:
            r = sha(b'\1' + p + r)
            while fn % 2 == 0 and fn != 0: fn, sn = fn >> 1, sn >> 1
        else:
            r = sha(b'\1' + r + p)
        fn, sn = fn >> 1, sn >> 1
    assert sn == 0 and base64.b64encode(r).decode() == log['checkpoint'].split('\n')[2]
"#;
    let both = format!("{}|{name}", data.display());
    python(PROOF, Path::new(&both))?;
    Ok(())
}

const LOM: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<!-- as it was -->
<lom:lom xmlns:lom="http://ltsc.ieee.org/xsd/LOM" xmlns:lomfr="http://www.lom-fr.fr/xsd/LOMFR"><lom:general><lom:identifier><lom:catalog>URI</lom:catalog><lom:entry>https://depot.example/7</lom:entry></lom:identifier><lom:title><lom:string language="fr">Sept</lom:string></lom:title><lom:language>fr</lom:language></lom:general><lom:metaMetadata><lom:metadataSchema>LOMFRv1.0</lom:metadataSchema></lom:metaMetadata><lom:technical><lom:location>https://depot.example/7.pdf</lom:location></lom:technical><lom:rights><lom:copyrightAndOtherRestrictions><lom:source>LOMv1.0</lom:source><lom:value>yes</lom:value></lom:copyrightAndOtherRestrictions><lom:description><lom:string language="fr">https://creativecommons.org/licenses/by/4.0/</lom:string></lom:description></lom:rights></lom:lom>
"#;

const DC: &str = r#"<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title xml:lang="fr">Huit</dc:title><dc:language>fr</dc:language><dc:identifier>https://depot.example/8</dc:identifier><dc:rights>https://creativecommons.org/licenses/by/4.0/</dc:rights></oai_dc:dc>
"#;

const AMB: &str = r#"{"@context": ["https://w3id.org/kim/amb/context.jsonld", {"@language": "fr"}],
 "id": "https://depot.example/9", "type": ["LearningResource"], "name": "Neuf", "inLanguage": ["fr"],
 "license": {"id": "https://creativecommons.org/licenses/by/4.0/"}}
"#;

#[test]
fn a_record_goes_out_untouched_until_somebody_knows_better() -> Result<()> {
    let _turn = turn();
    let here = tempfile::tempdir()?;
    let mut f = Federation::temporary(1)?;
    let node = &f.nodes[0];
    let operator = Typist::operator(node)?;
    for (file, text, format) in [
        ("sept.xml", LOM, "lomfr"),
        ("huit.xml", DC, "oai_dc"),
        ("neuf.json", AMB, "amb"),
    ] {
        fs::write(here.path().join(file), text)?;
        let said = operator
            .done(here.path(), &["import", file, "--json"])?
            .json()?;
        let name = said["items"][0]["name"]
            .as_str()
            .context("a name")?
            .to_owned();
        let id = said["items"][0]["id"].as_str().context("an id")?.to_owned();
        let export = |format: &str| -> Result<String> {
            let path = format!("/api/v1/items/{name}/export?format={format}");
            let answer = http::get(node.ports().http, &path, &[])?;
            ensure!(
                answer.status == 200,
                "{path}: {} {}",
                answer.status,
                answer.text()
            );
            Ok(answer.text())
        };
        // Of JSON the record is the object, without what stands around it.
        ensure!(
            export(format)?.trim_end() == text.trim_end(),
            "{format} is not the original"
        );
        // Of another profile it is written anew.
        let other = export("suplomfr")?;
        ensure!(other != text && other.contains("depot.example"), "{other}");
        let said = operator
            .done(
                here.path(),
                &["export", &name, "--format", format, "out", "--json"],
            )?
            .json()?;
        ensure!(said["items"][0]["original"] == true, "{said}");
        if format == "amb" {
            // Harvesters are not offered JSON.
            continue;
        }
        // A harvester gets the same element.
        let element = text[text.find(['<']).context("an element")?..].trim_end();
        let element = &element[element
            .find("<lom:lom")
            .or(element.find("<oai_dc"))
            .context("an element")?..];
        let commons = node.client()?.status()?.commons.id.clone();
        let asked = format!(
            "/oai?verb=GetRecord&metadataPrefix={format}&identifier=oai:{}.commun:{id}",
            &commons[..16]
        );
        wait_until("it is harvested untouched", || {
            Ok(http::get(node.ports().http, &asked, &[])?
                .text()
                .contains(element))
        })?;
        let listed = http::get(
            node.ports().http,
            &format!("/oai?verb=ListRecords&metadataPrefix={format}"),
            &[],
        )?;
        ensure!(listed.text().contains(element), "the list has another");
        // A version by hand says more than the record: it is not given any more.
        let new = json!({"slug": name.split_once('/').context("a slug")?.1, "title": {"fr": "Mieux"}, "licence": "CC-BY-4.0"});
        publish(node, Some(&name), &new, &[("a.txt", b"a")])?;
        wait_until("the record says what is known now", || {
            let now = export(format)?;
            Ok(now.contains("Mieux") && !now.contains("as it was"))
        })?;
        ensure!(
            !http::get(node.ports().http, &asked, &[])?
                .text()
                .contains(element)
        );
    }
    f.stop()
}

#[test]
fn what_was_kept_aside_is_told_once_the_original_does_not_go_out_any_more() -> Result<()> {
    let _turn = turn();
    let here = tempfile::tempdir()?;
    let mut f = Federation::temporary(1)?;
    let operator = Typist::operator(&f.nodes[0])?;
    let more = AMB.replace("\"inLanguage\"", "\"rareté\": \"corsé\", \"inLanguage\"");
    fs::write(here.path().join("neuf.json"), &more)?;
    let args = ["import", "neuf.json", "--json"];
    let said = operator.done(here.path(), &args)?.json()?;
    let name = said["items"][0]["name"].as_str().context("a name")?;
    let export = |format: &str| {
        let args = [
            "export", name, "--format", format, "out", "--json", "--force",
        ];
        operator.done(here.path(), &args)?.json()
    };
    let told = |said: &Value| said["lines"].to_string().contains("rareté: corsé");
    let before = export("amb")?;
    ensure!(!told(&before), "{before}");
    let args = ["edit", name, "--set", "title[fr]=Dix"];
    operator.done(here.path(), &args)?;
    for format in ["amb", "lom", "oai_dc", "csl-json"] {
        let after = export(format)?;
        ensure!(told(&after), "{format}: {after}");
    }
    // The form of the commons carries it.
    export("package")?;
    let found = Command::new("sh")
        .args(["-c", "unzip -p out/*.zip metadata.json"])
        .current_dir(here.path())
        .output()?;
    let metadata: Value = serde_json::from_slice(&found.stdout)?;
    ensure!(metadata["amb"]["rareté"][0] == "corsé", "{metadata}");
    f.stop()
}

#[test]
fn a_page_says_what_it_is_about_and_a_browser_runs_none_of_it() -> Result<()> {
    let _turn = turn();
    let mut f = Federation::temporary(1)?;
    let node = &f.nodes[0];
    let title = "</script><script>document.title='run'</script><!-- <script> &amp; \"x\"";
    let name = publish(node, None, &course("mechant", title), &[("a.txt", b"a")])?;
    let browser = Browser::start(&Settings {
        language: "fr".to_owned(),
        ..Settings::default()
    })?;
    browser.open(&format!("{}/{name}", node.url()))?;
    let seen = browser.run(
        "const all = [...document.querySelectorAll('script')]; \
         const [about, amb] = all.map(script => JSON.stringify(JSON.parse(script.textContent))); \
         return [all.length, about, document.title, document.body.querySelectorAll('script').length, amb]",
    )?;
    ensure!(seen[0] == 2 && seen[3] == 0, "{seen}");
    let about: Value = serde_json::from_str(seen[1].as_str().context("JSON")?)?;
    ensure!(
        about["name"].to_string().contains("document.title='run'"),
        "{about}"
    );
    ensure!(
        seen[2].as_str().is_some_and(|t| t.contains("<script>")),
        "the title was run: {seen}"
    );
    // The policy of the page takes data for what it is.
    let complaints = browser.complaints()?;
    ensure!(
        complaints.is_empty(),
        "the console complains: {complaints:?}"
    );
    let link = browser.find("a[download][href$='format=imscc']")?;
    browser.click(&link)?;
    let saved = browser
        .downloads()
        .join(format!("{}.mechant.imscc", node.handle));
    browser.wait("the cartridge is saved", |_| Ok(saved.is_file()))?;
    unzips(&saved)?;
    drop(browser);

    // What search engines read first.
    let robots = http::get(node.ports().http, "/robots.txt", &[])?.text();
    ensure!(
        robots.contains(&format!("Sitemap: {}/sitemap.xml", node.url())),
        "{robots}"
    );
    wait_until("the sitemap has the item", || {
        let index = http::get(node.ports().http, "/sitemap.xml", &[])?.text();
        let page = http::get(node.ports().http, "/sitemap/1.xml", &[])?;
        Ok(index.contains("/sitemap/1.xml</loc><lastmod>")
            && page.text().contains(&format!("/{name}</loc>")))
    })?;
    let page = http::get(node.ports().http, "/sitemap/1.xml", &[])?;
    ensure!(page.text().contains(&format!(
        "hreflang=\"fr\" href=\"{}/{name}?lang=fr\"",
        node.url()
    )));
    ensure!(http::get(node.ports().http, "/sitemap/2.xml", &[])?.status == 404);
    let linked = http::get(
        node.ports().http,
        &format!("/{name}"),
        &["Accept: application/ld+json"],
    )?;
    let linked: Value = serde_json::from_str(&linked.text())?;
    ensure!(linked == about, "{linked}");
    let profile = "Accept: application/ld+json;profile=\"https://w3id.org/kim/amb/\"";
    let linked = http::get(node.ports().http, &format!("/{name}"), &[profile])?;
    let amb: Value = serde_json::from_str(seen[4].as_str().context("JSON")?)?;
    let linked: Value = serde_json::from_str(&linked.text())?;
    ensure!(linked == amb && amb["id"].is_string(), "{linked}");
    f.stop()
}
