//! Words inside documents: read out by the node that publishes, found on every other.

use anyhow::{Context, Result, ensure};
use commun_client::Query;
use commun_testnet::{federation::Federation, http, process::Node};
use serde_json::{Value, json};

use super::{deeds::publish, turn::turn};

/// A PDF of pages with one line each, in the encoding of Windows.
fn pdf(pages: &[&[u8]]) -> Vec<u8> {
    let mut objects: Vec<Vec<u8>> = vec![
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        Vec::new(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding << /Type /Encoding \
          /BaseEncoding /WinAnsiEncoding /Differences [1 /fi] >> >>"
            .to_vec(),
    ];
    let mut kids = Vec::new();
    for line in pages {
        let content = [b"BT /F1 12 Tf 72 720 Td (", *line, b") Tj ET"].concat();
        let mut stream = format!("<< /Length {} >>\nstream\n", content.len()).into_bytes();
        stream.extend(content);
        stream.extend(b"\nendstream");
        objects.push(stream);
        let page = format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> /Contents {} 0 R >>",
            objects.len()
        );
        objects.push(page.into_bytes());
        kids.push(format!("{} 0 R", objects.len()));
    }
    let all = kids.join(" ");
    objects[1] = format!("<< /Type /Pages /Kids [{all}] /Count {} >>", kids.len()).into_bytes();
    let mut out = b"%PDF-1.4\n".to_vec();
    let mut places = Vec::new();
    for (number, object) in objects.iter().enumerate() {
        places.push(out.len());
        out.extend(format!("{} 0 obj\n", number + 1).bytes());
        out.extend(object);
        out.extend(b"\nendobj\n");
    }
    let at = out.len();
    out.extend(format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).bytes());
    for place in places {
        out.extend(format!("{place:010} 00000 n \n").bytes());
    }
    let size = objects.len() + 1;
    out.extend(
        format!("trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{at}\n%%EOF\n").bytes(),
    );
    out
}

/// A ZIP file of stored files.
pub fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut out, mut list) = (Vec::new(), Vec::new());
    for (name, bytes) in files {
        let mut crc = flate2::Crc::new();
        crc.update(bytes);
        let mut facts = vec![20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0x5a];
        for word in [crc.sum(), bytes.len() as u32, bytes.len() as u32] {
            facts.extend(word.to_le_bytes());
        }
        facts.extend((name.len() as u16).to_le_bytes());
        facts.extend([0, 0]);
        let at = out.len() as u32;
        out.extend(b"PK\x03\x04");
        out.extend(&facts);
        out.extend(name.bytes().chain(bytes.iter().copied()));
        list.extend(b"PK\x01\x02\x14\x00");
        list.extend(&facts);
        list.extend([0; 10]);
        list.extend(at.to_le_bytes());
        list.extend(name.bytes());
    }
    let at = out.len() as u32;
    let count = (files.len() as u16).to_le_bytes();
    out.extend(&list);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend(count.into_iter().chain(count));
    out.extend((list.len() as u32).to_le_bytes());
    out.extend(at.to_le_bytes());
    out.extend([0, 0]);
    out
}

/// The hit of a word on a node.
fn hit(node: &Node, word: &str) -> Result<Option<commun_client::Hit>> {
    let found = node.client()?.search(&Query::new(word))?;
    Ok(found.hits.first().cloned())
}

#[test]
fn words_of_a_pdf_and_an_odt_are_found_on_another_node_and_a_broken_one_is_said_to_be() -> Result<()>
{
    let _turn = turn();
    let f = Federation::temporary(2)?;
    let picture = {
        let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x40\0\0\0\x40\x08\x02\0\0\0".to_vec();
        png.extend([0; 20]);
        png
    };
    let pages: [&[u8]; 2] = [
        b"Introduction",
        b"La granulom\xe9trie et la \x01nesse du sable",
    ];
    let odt = zip(&[
        ("mimetype", b"application/vnd.oasis.opendocument.text"),
        (
            "content.xml",
            "<a><text:p>Le cœur des barkhanes</text:p></a>".as_bytes(),
        ),
        ("Thumbnails/thumbnail.png", &picture),
    ]);
    let metadata = json!({"slug": "dunes", "title": {"fr": "Cours"}, "licence": "CC0-1.0", "language": ["fr"]});
    let files: [(&str, &[u8]); 3] = [
        ("cours.pdf", &pdf(&pages)),
        ("fiche.odt", &odt),
        ("perdu.pdf", b"%PDF-1.7 and nothing that a reader could use"),
    ];
    let name = publish(&f.nodes[0], None, &metadata, &files)?;
    let metadata = json!({"slug": "fiche", "title": {"fr": "Fiche"}, "licence": "CC0-1.0", "language": ["fr"]});
    let covered = publish(
        &f.nodes[0],
        None,
        &json!({"slug": "couvert", "title": {"fr": "Couvert"}, "licence": "CC0-1.0", "language": ["fr"]}),
        &[
            ("cours.pdf", &pdf(&pages)),
            ("img/Couverture.png", &picture),
        ],
    )?;
    let sheet = publish(&f.nodes[0], None, &metadata, &[("fiche.odt", &odt)])?;
    for word in ["granulometrie", "finesse", "barkhanes", "cœur"] {
        f.wait(&format!("{word} is found on the other node"), |f| {
            Ok(hit(&f.nodes[1], word)?
                .is_some_and(|hit| [&name, &sheet, &covered].contains(&&hit.name)))
        })?;
    }
    let there = &f.nodes[1];
    let found: Value = serde_json::from_str(
        &http::get(there.ports().http, "/api/v1/search?q=finesse", &[])?.text(),
    )?;
    let place = &found["hits"][0]["place"];
    ensure!(
        *place == json!({"page": 2, "file": "cours.pdf"}),
        "the hit stands at {place}"
    );
    let item: Value = serde_json::from_str(
        &http::get(there.ports().http, &format!("/api/v1/items/{name}"), &[])?.text(),
    )?;
    ensure!(
        item["unread"] == json!([{"file": "perdu.pdf", "why": "damaged"}]),
        "{}",
        item["unread"]
    );
    let (drawn, png) = shown(&f, &name)?;
    ensure!(
        png.starts_with(b"\x89PNG") && png[16..20] == 480u32.to_be_bytes(),
        "the first page of the first document, drawn"
    );
    let (_, png) = shown(&f, &covered)?;
    ensure!(png == picture, "a cover comes before a first page");
    let (thumbnail, png) = shown(&f, &sheet)?;
    ensure!(png == picture, "the thumbnail that the document brings");
    let english = ["Accept-Language: en"];
    let page = http::get(there.ports().http, &format!("/{name}"), &english)?.text();
    ensure!(
        page.contains("damaged, or not what its name says"),
        "the page does not say what could not be read"
    );
    ensure!(
        !page.contains(&drawn),
        "the page shows the pages of the document: the first one once"
    );
    let page = http::get(there.ports().http, &format!("/{sheet}"), &english)?.text();
    ensure!(
        page.contains(&format!("src=\"{thumbnail}\"")),
        "the page does not show the picture"
    );
    Ok(())
}

/// The address of an item's first picture on the second node, and its bytes once they have come there.
fn shown(f: &Federation, name: &str) -> Result<(String, Vec<u8>)> {
    let port = f.nodes[1].ports().http;
    let (mut url, mut png) = (String::new(), Vec::new());
    f.wait(&format!("the picture of {name} has come"), |_| {
        let item = http::get(port, &format!("/api/v1/items/{name}"), &[])?.text();
        let item: Value = serde_json::from_str(&item)?;
        url = item["picture"]["url"]
            .as_str()
            .context("no picture")?
            .to_owned();
        let (_, path) = url
            .split_once("://")
            .and_then(|(_, rest)| rest.split_once('/'))
            .context("no address")?;
        let asked =
            format!("GET /{path} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n");
        let answer = http::raw(port, asked.as_bytes())?.context("no answer")?;
        png = answer.body.clone();
        Ok(answer.status == 200 && answer.header("content-type") == Some("image/png"))
    })?;
    Ok((url, png))
}
