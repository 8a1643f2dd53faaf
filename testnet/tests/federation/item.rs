//! An item's page in a real browser: one looks inside, takes it with its attribution, shows it elsewhere; and what hostile
//! files and words do there: nothing.

use anyhow::{Context, Result, ensure};
use commun_testnet::{
    browser::{Browser, Settings},
    federation::Federation,
    http,
};
use serde_json::json;

use super::{deeds::publish, pages::only_this_node, turn::turn};

/// A document of two pages: a word, and a black square; opening it asks for a script and an address.
pub fn pdf() -> Vec<u8> {
    let say = "BT /F 60 Tf 60 700 Td (Les dunes) Tj ET";
    let paint = "60 400 300 300 re f";
    let page = |content: u32| {
        format!(
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F 7 0 R>>>>/Contents {content} 0 R\
             /AA<</O<</S/JavaScript/JS(app.launchURL\\('http://127.0.0.1:9/'\\))>>>>>>"
        )
    };
    let objects = [
        "<</Type/Catalog/Pages 2 0 R/OpenAction<</S/URI/URI(http://127.0.0.1:9/)>>>>".to_owned(),
        "<</Type/Pages/Count 2/Kids[3 0 R 4 0 R]>>".to_owned(),
        page(5),
        page(6),
        format!("<</Length {}>>stream\n{say}\nendstream", say.len()),
        format!("<</Length {}>>stream\n{paint}\nendstream", paint.len()),
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>".to_owned(),
    ];
    let mut out = b"%PDF-1.7\n".to_vec();
    let mut table = String::new();
    for (at, object) in objects.iter().enumerate() {
        table.push_str(&format!("{:010} 00000 n \n", out.len()));
        out.extend(format!("{} 0 obj\n{object}\nendobj\n", at + 1).bytes());
    }
    let start = out.len();
    let end = format!(
        "xref\n0 8\n0000000000 65535 f \n{table}trailer\n<</Size 8/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n"
    );
    out.extend(end.bytes());
    out
}

/// Two seconds of a tone: 8 000 samples of one byte a second.
pub fn wav() -> Vec<u8> {
    let samples: Vec<u8> = (0..16_000u32)
        .map(|n| if n / 9 % 2 == 0 { 96 } else { 160 })
        .collect();
    let length = samples.len() as u32;
    let mut out = b"RIFF".to_vec();
    out.extend((36 + length).to_le_bytes());
    out.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    out.extend(8_000u32.to_le_bytes());
    out.extend(8_000u32.to_le_bytes());
    out.extend(b"\x01\0\x08\0data");
    out.extend(length.to_le_bytes());
    out.extend(samples);
    out
}

/// Its subtitles.
pub const SRT: &str = "1\n00:00:00,100 --> 00:00:01,000\nLe vent & le <i>sable</i>\n\n2\n00:00:01,200 --> 00:00:01,900\navancent\n";

/// Asks a page until something that it loads on its own is there.
fn comes(browser: &Browser, what: &str, script: &str) -> Result<()> {
    browser.wait(what, |b| Ok(b.run(script)? == json!(true)))
}

#[test]
fn a_teacher_looks_inside_and_takes_it_with_its_attribution() -> Result<()> {
    let _turn = turn();
    let mut f = Federation::temporary(1)?;
    let node = &f.nodes[0];
    let metadata = json!({"slug": "dunes", "title": {"fr": "Les dunes"}, "licence": "CC-BY-SA-4.0", "language": ["fr"],
        "summary": {"fr": "Comment le vent déplace le sable."}, "creators": [{"name": "Ada Lovelace"}]});
    let (document, tone) = (pdf(), wav());
    let files: [(&str, &[u8]); 4] = [
        ("cours.pdf", &document),
        ("lecture.wav", &tone),
        ("lecture.fr.srt", SRT.as_bytes()),
        (
            "page.html",
            b"<h1>Une page</h1><p>du cours, <a href='cours.pdf'>avec un document</a></p>",
        ),
    ];
    let name = publish(node, None, &metadata, &files)?;
    let item = format!("{}/{name}", node.url());
    let browser = Browser::start(&Settings {
        language: "fr".into(),
        ..Settings::default()
    })?;
    browser.open(&item)?;
    let terms = browser.text(&browser.find(".terms .verdict")?)?;
    ensure!(
        terms.contains(
            "à condition de citer Ada Lovelace et de partager vos versions sous la même licence."
        ),
        "the sentence is {terms}"
    );
    // The sound comes first: it plays, its length is known from parts of it.
    comes(
        &browser,
        "the sound is ready",
        "const a = document.querySelector('audio'); return !!a && a.duration === 2",
    )?;
    browser.click(&browser.find("a[href*='file=cours.pdf']")?)?;
    browser.wait("the document is shown", |b| {
        Ok(b.url()?.contains("cours.pdf"))
    })?;
    browser.wait("both pages are drawn", |b| {
        // On a busy machine the page comes before the first picture, and says to open it again.
        if b.page()?.contains("rouvrez cette page dans un instant") {
            // To the same place in the same page a browser loads nothing.
            let url = b.url()?;
            b.open(url.split('#').next().unwrap_or_default())?;
        }
        let drawn = b.run(
            "const p = [...document.querySelectorAll('img.sheet')]; document.querySelector('.sheets')?.scrollTo(0, 9999); \
             return p.length === 2 && p.every(i => i.complete && i.naturalWidth === 900)",
        )?;
        Ok(drawn == json!(true))
    })?;
    ensure!(
        browser.page()?.contains("2 pages."),
        "the number of pages is not said"
    );
    browser.click(&browser.find("a[href*='file=page.html']")?)?;
    browser.wait("the page is shown", |b| {
        Ok(b.page()?.contains("avec un document"))
    })?;
    // The attribution is in a field, in every form.
    let credit = browser.run("return document.querySelector('.credit textarea.copy').value")?;
    let credit = credit.as_str().context("a text")?;
    for part in ["Les dunes", "Ada Lovelace", &item, "CC BY-SA 4.0"] {
        ensure!(credit.contains(part), "{part} is not in {credit}");
    }
    let forms = browser.run("return [...document.querySelectorAll('.credit textarea')].map(t => t.readOnly && t.value.length > 20)")?;
    ensure!(
        forms == json!([true, true, true, true, true, true, true]),
        "the forms are {forms}"
    );
    let record = http::get(
        node.ports().http,
        &format!("/api/v1/items/{name}/citation?format=ris"),
        &[],
    )?;
    ensure!(record.body.starts_with(b"TY  - GEN\r\n"), "no RIS");
    browser.click(&browser.find(".take .ways a.button")?)?;
    browser.wait("all files are saved", |b| {
        Ok(std::fs::read_dir(b.downloads())?
            .flatten()
            .any(|e| e.path().extension().is_some_and(|x| x == "zip")))
    })?;
    let complaints = browser.complaints()?;
    ensure!(
        complaints.is_empty(),
        "the console complains: {complaints:?}"
    );
    only_this_node(&browser, node)?;
    ensure!(browser.cookies()? == 0, "a reader got a cookie");

    // Elsewhere: oEmbed names a frame, which may stand in the pages of others while the item's page may not. (A browser
    // shows no page of this machine inside of one from elsewhere, so that the policies are read here.)
    let asked = format!(
        "/oembed?url={}&lang=fr",
        item.replace(':', "%3A").replace('/', "%2F")
    );
    let answer = http::get(node.ports().http, &asked, &[])?;
    let answer: serde_json::Value = serde_json::from_slice(&answer.body)?;
    let frame = answer["html"].as_str().context("a frame")?;
    let embed = format!("/{name}/embed");
    ensure!(frame.contains(&embed), "{frame}");
    for (path, allowed) in [(embed.as_str(), true), (&format!("/{name}"), false)] {
        let page = http::get(node.ports().http, path, &[])?;
        let policy = page.header("content-security-policy");
        let policy = policy.context("a policy")?;
        ensure!(
            policy.contains("frame-ancestors 'none'") != allowed,
            "{path}: {policy}"
        );
    }
    drop(browser);
    f.stop()
}

#[test]
fn hostile_files_and_words_on_an_items_page_do_nothing() -> Result<()> {
    const SCRIPT: &str =
        "document.title='ran';document.cookie='ran=1';fetch('http://127.0.0.1:9/');";
    let _turn = turn();
    let mut f = Federation::temporary(1)?;
    let node = &f.nodes[0];
    let script = format!("<script>{SCRIPT}</script>");
    let title = format!("Mauvais\"'>{script}");
    let metadata = json!({"slug": "mauvais", "title": {"fr": title}, "summary": {"fr": script}, "licence": "CC-BY-4.0",
        "creators": [{"name": script}], "keywords": {"fr": [script]}});
    let page = format!(
        "<html onload=\"{SCRIPT}\"><head><base href='http://127.0.0.1:9/'><meta http-equiv=refresh content='0;url=http://127.0.0.1:9/'>\
         <link rel=preload as=image href='http://127.0.0.1:9/a'><link rel=stylesheet href='http://127.0.0.1:9/b'></head>\
         {script}<img src=x onerror=\"{SCRIPT}\"><img src='http://127.0.0.1:9/c'><iframe srcdoc=\"{script}\"></iframe>\
         <form action='http://127.0.0.1:9/'><button autofocus onfocus=\"{SCRIPT}\">x</button></form><video src='http://127.0.0.1:9/d' autoplay></video>"
    );
    let svg = format!(
        "<svg xmlns='http://www.w3.org/2000/svg' onload=\"{SCRIPT}\">{script}<image href='http://127.0.0.1:9/e'/></svg>"
    );
    let subtitles = format!(
        "WEBVTT\n\nSTYLE\n::cue {{ background: url(http://127.0.0.1:9/f) }}\n\n00:00.000 --> 01:00.000\n{script}<b>gras</b>\n"
    );
    let document = pdf();
    let bad: [(&str, &[u8]); 9] = [
        ("page.html", page.as_bytes()),
        ("page.xhtml", page.as_bytes()),
        ("image.svg", svg.as_bytes()),
        ("film.mp4", page.as_bytes()),
        ("film.fr.vtt", subtitles.as_bytes()),
        ("son.mp3", script.as_bytes()),
        ("cours.pdf", &document),
        ("faux.pdf", page.as_bytes()),
        ("jeu.h5p", page.as_bytes()),
    ];
    let name = publish(node, None, &metadata, &bad)?;
    let browser = Browser::start(&Settings::default())?;
    let content = &node.ready.as_ref().context("the node is ready")?.content;
    let mut addresses = vec![
        format!("{}/{name}", node.url()),
        format!("{}/{name}/embed", node.url()),
    ];
    for (path, _) in &bad {
        addresses.push(format!("{}/{name}?file={path}", node.url()));
        addresses.push(format!("{content}/{name}/files/{path}"));
        addresses.push(format!("{content}/{name}/pages/1/{path}"));
        addresses.push(format!(
            "{}/api/v1/items/{name}/subtitles/{path}",
            node.url()
        ));
    }
    for address in &addresses {
        // A download opens no page: the browser stays where it is, and says so with an error.
        let _ = browser.open(address);
        let title = browser.run("return document.title")?;
        ensure!(title != json!("ran"), "{address} ran a script");
        ensure!(browser.cookies()? == 0, "{address} made a cookie");
    }
    // The words of the subtitles come, without what is not words.
    browser.open(&format!("{}/{name}?file=film.mp4", node.url()))?;
    browser.run("document.querySelector('video').textTracks[0].mode = 'showing'")?;
    comes(
        &browser,
        "the subtitles are read",
        "const c = document.querySelector('video').textTracks[0].cues; return !!c && c.length === 1 && c[0].text.includes('<b>gras</b>') && !c[0].text.includes('<script')",
    )?;
    only_this_node(&browser, node)?;
    drop(browser);
    f.stop()
}
