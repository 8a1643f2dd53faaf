//! What is shown of files, and of items in the frame that others put into their pages: held against the rules of axe-core as
//! the pages themselves are in [`super::looks`], for files of each kind that is shown, with what authors do in them.

use std::fs;

use anyhow::{Context, Result, ensure};
use commun_client::Why;
use commun_testnet::{
    browser::{Browser, Looks},
    federation::Federation,
    process::Node,
};
use serde_json::json;

use super::{
    deeds::{publish, push_new_repository},
    item::{SRT, pdf, wav},
    looks::{ASK, NARROWEST, OVER, PHONE, UNSEEN, WIDE, axe, found, pictures, wide},
    pages::{COURSE, library},
    reading::zip,
    turn::turn,
};

/// What authors write: long lines of code, wide tables, formulas, addresses as words, pictures with and without words, headings
/// that skip a level, quotations, a language of its own.
const PROSE: &str = "---\ntitle: Cours\n---\n# Les dunes\n\n### Sans niveau deux\n\nUn texte avec un [lien](autre.md), un \
    [lien mort](nulle-part.md), une note[^1], `du code`, ~~rayé~~, https://exemple.fr/une/adresse/bien/longue/qui/ne/finit/pas/avant/la/marge \
    et ![](point.png) ![un point noir](point.png).\n\n[![](point.png)](autre.md)\n\n- [x] fait\n- [ ] à faire\n  1. un\n  2. deux\n\n> Une citation\n> > dans une autre\n\n\
    ```python\nune_fonction_dont_le_nom_est_long(avec_un_premier_argument, un_deuxieme_argument, un_troisieme_argument, un_quatrieme)  # et une remarque\n```\n\n\
    | Grain | Taille minimale en millimètres | Taille maximale en millimètres | Vitesse du vent au seuil | Où |\n|---|---:|---:|:-:|---|\n\
    | sable fin | 0,063 | 0,2 | 4 m/s | Sahara, Namibie, dune du Pilat, Grand Erg oriental |\n\n<table><tr><td>sans</td><td>en-tête</td></tr></table>\n\n\
    <details><summary>Réponse</summary><p>caché</p></details>\n\n<p lang=\"en\">A paragraph in English.</p>\n\n$$\\int_0^1 x\\,dx$$\n\n[^1]: La note.\n";

/// A page of a course as authoring tools write it: with a frame, a form, a script, styles and a map.
const WEB: &str = "<!doctype html><html lang=en><head><title>T</title><style>p{color:#eee}</style></head><body bgcolor=black text=yellow>\
    <h2 id=top>Une page</h2><h6>bien bas</h6><p style='color:#eee'>du cours, <a href='cours.pdf'>avec un document</a>, <a name=ici></a><a href='#top'>haut</a></p>\
    <center><font color=yellow size=7>jaune</font></center><img src=point.png width=3000 alt='un point'><table border=1 width=2000><caption>Mesures</caption><tr><th>a<th>b<tr><td>1<td>2</table>\
    <form><input name=q><button>ok</button></form><dl><dt>mot<dd>sens</dl><pre>une ligne qui ne finit pas avant la marge de la page, ni même après, tant elle est longue et large</pre></body></html>";

/// A notebook: prose, code whose lines are long, what it printed.
const NOTEBOOK: &str = r##"{"nbformat":4,"nbformat_minor":5,"metadata":{},"cells":[
    {"cell_type":"markdown","metadata":{},"source":["# Mesures\n","\n","Le $x$ et le **y**."]},
    {"cell_type":"code","metadata":{},"execution_count":1,"source":"valeurs = [mesurer(grain) for grain in grains if grain.taille > 0.063 and grain.taille < 2.0 and grain.forme == 'rond']\nprint(valeurs)","outputs":[{"output_type":"stream","name":"stdout","text":["0.1 0.2 0.3 0.4 0.5 0.6 0.7 0.8 0.9 0.1 0.2 0.3 0.4 0.5 0.6 0.7 0.8 0.9 0.1 0.2 0.3 0.4 0.5 0.6 0.7 0.8 0.9 1.0\n"]}]},
    {"cell_type":"markdown","metadata":{},"source":"# Mesures\n\nEncore."}]}"##;

/// A point: one black pixel (PNG, RFC 2083).
const POINT: [u8; 67] = [
    0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d, b'I', b'H', b'D', b'R', 0, 0, 0,
    1, 0, 0, 0, 1, 8, 0, 0, 0, 0, 0x3a, 0x7e, 0x9b, 0x55, 0, 0, 0, 0x0a, b'I', b'D', b'A', b'T',
    0x78, 0x9c, 0x63, 0x60, 0, 0, 0, 2, 0, 1, 0x48, 0xaf, 0xa4, 0x71, 0, 0, 0, 0, b'I', b'E', b'N',
    b'D', 0xae, 0x42, 0x60, 0x82,
];

/// A heading and a sentence, as a word processor writes them.
fn odt() -> Vec<u8> {
    let text =
        "<a><text:h>Le cœur des barkhanes</text:h><text:p>Le vent déplace le sable.</text:p></a>";
    zip(&[
        ("mimetype", b"application/vnd.oasis.opendocument.text"),
        ("content.xml", text.as_bytes()),
    ])
}

/// Two slides, one of them long.
fn slides() -> Vec<u8> {
    let main = "<p:presentation xmlns:p='p' xmlns:r='r'><p:sldIdLst><p:sldId id='1' r:id='rId1'/><p:sldId id='2' r:id='rId2'/></p:sldIdLst></p:presentation>";
    let parts = "<Relationships><Relationship Id='rId1' Type='x/slide' Target='slides/slide1.xml'/><Relationship Id='rId2' Type='x/slide' Target='slides/slide2.xml'/></Relationships>";
    let slide = |words: &str| {
        format!("<p:sld xmlns:a='a'><a:p><a:r><a:t>{words}</a:t></a:r></a:p></p:sld>")
    };
    let (first, second) = (slide("Les dunes"), slide(&"mot ".repeat(900)));
    zip(&[
        ("ppt/presentation.xml", main.as_bytes()),
        ("ppt/_rels/presentation.xml.rels", parts.as_bytes()),
        ("ppt/slides/slide1.xml", first.as_bytes()),
        ("ppt/slides/slide2.xml", second.as_bytes()),
    ])
}

/// An item with a file of each kind: its name, and the files to look at.
fn all_kinds(node: &Node) -> Result<(String, Vec<&'static str>)> {
    let about = json!({"slug": "tout", "title": {"fr": "De tout"}, "licence": "CC-BY-4.0", "language": ["fr"],
        "creators": [{"name": "Ada Exemple"}]});
    let (document, tone, text, shown) = (pdf(), wav(), odt(), slides());
    let table = format!("nom;{}\n{}", "colonne;".repeat(20), "a;1;2;3\n".repeat(60));
    let long = format!("court\n{}\n", "x".repeat(400)).repeat(60);
    let files: [(&str, &[u8]); 14] = [
        ("cours.md", PROSE.as_bytes()),
        ("autre.md", b"Un mot."),
        ("page.html", WEB.as_bytes()),
        ("mesures.ipynb", NOTEBOOK.as_bytes()),
        ("cours.pdf", &document),
        ("fiche.odt", &text),
        ("dunes.pptx", &shown),
        ("grains.csv", table.as_bytes()),
        ("notes.txt", long.as_bytes()),
        ("point.png", &POINT),
        ("lecture.wav", &tone),
        ("lecture.fr.srt", SRT.as_bytes()),
        ("film.mp4", b"\0\0\0\x18ftypmp42 and nothing that plays"),
        ("perdu.pdf", b"%PDF-1.7 and nothing that a reader could use"),
    ];
    let name = publish(node, None, &about, &files)?;
    let looked_at = files.iter().map(|(path, _)| *path);
    Ok((name, looked_at.filter(|path| *path != "autre.md").collect()))
}

/// Items whose frames differ: one for each kind of look that a frame has room for, and those that have none.
fn framed(node: &Node, work: &std::path::Path) -> Result<Vec<String>> {
    let (document, tone) = (pdf(), wav());
    let kinds: [(&str, &str, &[u8]); 4] = [
        ("un-document", "cours.pdf", &document),
        ("un-son", "lecture.wav", &tone),
        ("une-image", "point.png", &POINT),
        ("un-film", "film.webm", b"\x1a\x45\xdf\xa3 and no more"),
    ];
    let mut names = vec![COURSE.to_owned()];
    for (slug, path, bytes) in kinds {
        let about = json!({"slug": slug, "title": {"fr": "Un titre qui est long, et même un peu plus long que cela", "en": "A title"},
            "licence": "CC-BY-NC-SA-4.0", "language": ["fr"], "summary": {"fr": "Ce qu’il y a dedans."},
            "creators": [{"name": "Ada Exemple"}, {"name": "Université d’Exemple", "type": "organisation"}]});
        names.push(publish(node, None, &about, &[(path, bytes)])?);
    }
    push_new_repository(node, "code", work)?;
    names.push("univ-angers/code".to_owned());
    let gone = json!({"slug": "parti", "title": {"fr": "Parti"}, "licence": "CC0-1.0"});
    let gone = publish(node, None, &gone, &[("a.md", b"# a")])?;
    let item = gone.parse().map_err(anyhow::Error::msg)?;
    let why = Why {
        reason: Some("remplacé par un autre".to_owned()),
        ..Why::default()
    };
    node.client()?.withdraw(&item, &why)?;
    names.push(gone);
    Ok(names)
}

/// What is wrong with what is open at an address: wide and light, narrow and dark, at 320 pixels, by keyboard.
fn faults(browser: &Browser, script: &str, name: &str) -> Result<Vec<String>> {
    let folder = pictures()?;
    let mut faults = Vec::new();
    let dark = Looks {
        dark: true,
        ..Looks::default()
    };
    for (size, looks, what) in [
        (WIDE, Looks::default(), "wide-light"),
        (PHONE, dark, "phone-dark"),
    ] {
        browser.resize(size)?;
        browser.look(&looks)?;
        fs::write(
            folder.join(format!("{name}-{what}.png")),
            browser.whole_page()?,
        )?;
        browser.run(script)?;
        let these = found(browser, ASK)?;
        faults.extend(these.iter().map(|one| format!("{name}, {what}: {one}")));
    }
    browser.resize(NARROWEST)?;
    for (what, script) in [("at 320 pixels", OVER), ("by keyboard", UNSEEN)] {
        let these = found(browser, script)?;
        faults.extend(these.iter().map(|one| format!("{name}, {what}: {one}")));
    }
    Ok(faults)
}

#[test]
fn files_of_each_kind_and_items_in_frames_can_be_used_by_all() -> Result<()> {
    let _turn = turn();
    let mut f: Federation = library()?;
    let here = tempfile::tempdir()?;
    let node = &f.nodes[0];
    let (item, files) = all_kinds(node)?;
    let frames = framed(node, here.path())?;
    let script = axe()?;
    let mut wrong = Vec::new();
    for language in ["fr", "en"] {
        let browser = wide(language)?;
        for path in &files {
            browser.open(&format!("{}/{item}?file={path}", node.url()))?;
            ensure!(
                browser.attribute(&browser.find("html")?, "lang")? == language,
                "{path} is not in {language}"
            );
            let shown = browser.text(&browser.find("#preview h2")?)?;
            ensure!(shown.contains(path), "{path} is not shown, but {shown}");
            if path.ends_with(".odt") || path.ends_with(".pptx") {
                browser.wait("the words have been read", |b| {
                    if !b.all("#preview .words")?.is_empty() {
                        return Ok(true);
                    }
                    b.open(&b.url()?)?;
                    Ok(false)
                })?;
            }
            let name = format!("preview-{path}-{language}");
            wrong.extend(faults(&browser, &script, &name)?);
        }
        for name in &frames {
            browser.open(&format!("{}/{name}/embed", node.url()))?;
            let slug = name.split('/').nth(1).context("a slug")?;
            let picture = format!("frame-{slug}-{language}");
            wrong.extend(faults(&browser, &script, &picture)?);
        }
    }
    ensure!(
        wrong.is_empty(),
        "{} faults:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    f.stop()
}
