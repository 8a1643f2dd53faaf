use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;

use super::{Document, Format, Illustration, Picture, Section, Unread, picture_type, read};
use crate::package::archive::tests::making::Zip;

fn text(document: &Document) -> String {
    document
        .sections
        .iter()
        .map(|s| s.text.as_str())
        .collect::<Vec<_>>()
        .join("\n")
}

fn pages(document: &Document) -> Vec<(Option<u32>, &str)> {
    document
        .sections
        .iter()
        .map(|Section { page, text }| (*page, text.as_str()))
        .collect()
}

/// A PDF of pages, each with lines in the encoding of Windows, in which byte 1 is the ligature ﬁ.
fn pdf(pages: &[&[&[u8]]]) -> Vec<u8> {
    let mut objects: Vec<Vec<u8>> = vec![
        b"<< /Type /Catalog /Pages 2 0 R /Lang (fr-FR) /Metadata 4 0 R >>".to_vec(),
        Vec::new(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding << /Type /Encoding /BaseEncoding /WinAnsiEncoding /Differences [1 /fi] >> >>".to_vec(),
    ];
    let xmp = r#"<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmpRights="http://ns.adobe.com/xap/1.0/rights/" xmpRights:WebStatement="https://creativecommons.org/licenses/by/4.0/"><dc:creator><rdf:Seq><rdf:li>Zoé Lefèvre</rdf:li><rdf:li>Omar Haddad</rdf:li></rdf:Seq></dc:creator></rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>"#;
    objects.push(stream(
        xmp.as_bytes(),
        "/Type /Metadata /Subtype /XML",
        false,
    ));
    let mut kids = Vec::new();
    for lines in pages {
        let mut content = b"BT /F1 12 Tf 14 TL 72 720 Td\n".to_vec();
        for line in *lines {
            content.push(b'(');
            content.extend(*line);
            content.extend(b") Tj T*\n");
        }
        content.extend(b"ET");
        objects.push(stream(&content, "", true));
        let number = objects.len();
        objects.push(format!("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> /Contents {number} 0 R >>").into_bytes());
        kids.push(format!("{} 0 R", objects.len()));
    }
    objects[1] = format!(
        "<< /Type /Pages /Kids [{}] /Count {} >>",
        kids.join(" "),
        kids.len()
    )
    .into_bytes();
    objects.push(b"<< /Title (Les dunes) /Author (Autre) >>".to_vec());
    let info = objects.len();
    let mut out = b"%PDF-1.5\n".to_vec();
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
    out.extend(
        format!(
            "trailer\n<< /Size {} /Root 1 0 R /Info {info} 0 R >>\nstartxref\n{at}\n%%EOF\n",
            objects.len() + 1
        )
        .bytes(),
    );
    out
}

fn stream(bytes: &[u8], keys: &str, deflate: bool) -> Vec<u8> {
    let (bytes, filter) = if deflate {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::new(6));
        encoder.write_all(bytes).unwrap();
        (encoder.finish().unwrap(), "/Filter /FlateDecode")
    } else {
        (bytes.to_vec(), "")
    };
    let mut out = format!("<< {keys} {filter} /Length {} >>\nstream\n", bytes.len()).into_bytes();
    out.extend(bytes);
    out.extend(b"\nendstream");
    out
}

/// A PNG of so many pixels: the header is all that is looked at.
fn png(width: u32, height: u32) -> Vec<u8> {
    let mut out = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
    out.extend(width.to_be_bytes());
    out.extend(height.to_be_bytes());
    out.extend(b"\x08\x02\0\0\0");
    out
}

fn inside(document: &Document) -> &Picture {
    match &document.picture {
        Some(Illustration::Inside(picture)) => picture,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_pdf_gives_its_text_page_by_page_with_accents_and_ligatures() {
    let bytes = pdf(&[
        &[
            b"Les dunes de l'\xe9t\xe9 : la \x01n du vent",
            b"et la granulo-",
            b"m\xe9trie du sable",
        ],
        &[b"C\x9cur et no\xebl"],
    ]);
    let document = read(Format::Pdf, &bytes).unwrap();
    assert_eq!(
        pages(&document),
        [
            (
                Some(1),
                "Les dunes de l'été : la fin du vent\net la granulométrie du sable"
            ),
            (Some(2), "Cœur et noël"),
        ]
    );
    let properties = &document.properties;
    assert_eq!(properties.title.as_deref(), Some("Les dunes"));
    assert_eq!(properties.creators, ["Zoé Lefèvre", "Omar Haddad"]);
    assert_eq!(properties.language.as_deref(), Some("fr-FR"));
    assert_eq!(
        properties.licence.as_deref(),
        Some("https://creativecommons.org/licenses/by/4.0/")
    );
    assert!(matches!(
        read(Format::Pdf, b"%PDF-1.4 garbage"),
        Err(Unread::Damaged(_))
    ));
    assert!(matches!(
        read(Format::Pdf, b"text"),
        Err(Unread::Damaged(_))
    ));
}

#[test]
fn an_opendocument_gives_text_properties_and_its_thumbnail() {
    let content = "<office:document-content xmlns:office=\"o\" xmlns:text=\"t\"><office:body><office:text>\
        <text:tracked-changes><text:changed-region><text:deletion><text:p>effacé</text:p></text:deletion></text:changed-region></text:tracked-changes>\
        <text:h>L&apos;été</text:h><text:p>Le <text:span>vent</text:span><text:s/>souffle<text:line-break/>fort &amp; froid.</text:p>\
        <text:soft-page-break/><text:p>Deuxième page</text:p></office:text></office:body></office:document-content>";
    let meta = "<office:document-meta xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\" \
        xmlns:meta=\"urn:oasis:names:tc:opendocument:xmlns:meta:1.0\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><office:meta>\
        <dc:title>Les dunes</dc:title><meta:initial-creator>Zoé</meta:initial-creator><dc:creator>Omar</dc:creator><dc:language>fr-FR</dc:language>\
        </office:meta></office:document-meta>";
    let picture = png(200, 256);
    let mut zip = Zip::of(&[
        ("mimetype", b"application/vnd.oasis.opendocument.text"),
        ("content.xml", content.as_bytes()),
        ("meta.xml", meta.as_bytes()),
        ("Thumbnails/thumbnail.png", &picture),
    ]);
    zip.files[0].stored = true;
    let document = read(Format::OpenDocument, &zip.bytes()).unwrap();
    assert_eq!(
        pages(&document),
        [
            (Some(1), "L'été\nLe vent souffle\nfort & froid."),
            (Some(2), "Deuxième page")
        ]
    );
    assert_eq!(document.properties.title.as_deref(), Some("Les dunes"));
    assert_eq!(document.properties.creators, ["Zoé", "Omar"]);
    assert_eq!(inside(&document), &Picture::new(picture).unwrap());
    let slides = "<a xmlns:draw=\"d\"><draw:page draw:name=\"1\"><text:p>Un</text:p></draw:page><draw:page ><text:p>Deux</text:p></draw:page></a>";
    let zip = Zip::of(&[("content.xml", slides.as_bytes())]);
    assert_eq!(
        pages(&read(Format::OpenDocument, &zip.bytes()).unwrap()),
        [(Some(1), "Un"), (Some(2), "Deux")]
    );
    let shown = "<a xmlns:draw=\"d\" xmlns:xlink=\"x\"><text:tracked-changes><draw:image xlink:href=\"Pictures/gone.png\"/>\
        </text:tracked-changes><draw:image xlink:href=\"../out.png\"/><draw:image xlink:href=\"Pictures/dot.png\"/>\
        <draw:image xlink:href=\"./Pictures/dune.png\"/></a>";
    let (dot, dune, gone) = (png(4, 4), png(300, 200), png(310, 210));
    let zip = Zip::of(&[
        ("content.xml", shown.as_bytes()),
        ("Pictures/gone.png", &gone),
        ("Pictures/dot.png", &dot),
        ("Pictures/dune.png", &dune),
    ]);
    let document = read(Format::OpenDocument, &zip.bytes()).unwrap();
    assert_eq!(inside(&document).bytes, dune);
    let locked = Zip::of(&[
        ("content.xml", b"x"),
        ("META-INF/manifest.xml", b"<manifest:encryption-data/>"),
    ]);
    assert!(matches!(
        read(Format::OpenDocument, &locked.bytes()),
        Err(Unread::Encrypted)
    ));
    let bomb = Zip::of(&[("content.xml", b"<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>")]);
    assert!(matches!(
        read(Format::OpenDocument, &bomb.bytes()),
        Err(Unread::Damaged(_))
    ));
}

#[test]
fn a_word_document_gives_its_text_and_what_was_deleted_is_not_in_it() {
    let main = "<w:document xmlns:w=\"w\"><w:body><w:p><w:r><w:t>Fran</w:t></w:r><w:r><w:t xml:space=\"preserve\">çais et </w:t></w:r>\
        <w:del><w:r><w:delText>effacé</w:delText></w:r></w:del><w:r><w:t>dunes</w:t></w:r></w:p>\
        <w:p><w:r><w:lastRenderedPageBreak/><w:t>Page deux</w:t></w:r></w:p></w:body></w:document>";
    let core = "<cp:coreProperties xmlns:cp=\"c\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><dc:title>Vent</dc:title>\
        <dc:creator>Zoé;Omar</dc:creator><dc:language>fr</dc:language></cp:coreProperties>";
    let notes =
        "<w:footnotes xmlns:w=\"w\"><w:p><w:r><w:t>Une note</w:t></w:r></w:p></w:footnotes>";
    let zip = Zip::of(&[
        ("[Content_Types].xml", b"<Types/>"),
        ("word/document.xml", main.as_bytes()),
        ("word/footnotes.xml", notes.as_bytes()),
        ("docProps/core.xml", core.as_bytes()),
    ]);
    let document = read(Format::Office, &zip.bytes()).unwrap();
    assert_eq!(
        pages(&document),
        [
            (Some(1), "Français et dunes"),
            (Some(2), "Page deux"),
            (None, "Une note")
        ]
    );
    assert_eq!(document.properties.creators, ["Zoé", "Omar"]);
    assert_eq!(document.picture, None);
    let shown = "<w:document xmlns:w=\"w\"><w:t>Dune</w:t><w:del><w:r><a:blip r:embed=\"rId6\"/></w:r></w:del><a:blip r:embed=\"rId9\"/><a:blip r:embed=\"rId8\"/><a:blip r:embed=\"rId7\"/></w:document>";
    let rels = "<Relationships><Relationship Id=\"rId6\" Type=\"x/image\" Target=\"media/gone.png\"/><Relationship Id=\"rId7\" Type=\"x/image\" Target=\"media/b.png\"/>\
        <Relationship Id=\"rId8\" Type=\"x/image\" Target=\"media/a.png\"/></Relationships>";
    let (first, second, gone) = (png(300, 200), png(200, 300), png(310, 210));
    let zip = Zip::of(&[
        ("word/document.xml", shown.as_bytes()),
        ("word/_rels/document.xml.rels", rels.as_bytes()),
        ("word/media/gone.png", &gone),
        ("word/media/a.png", &first),
        ("word/media/b.png", &second),
    ]);
    let document = read(Format::Office, &zip.bytes()).unwrap();
    assert_eq!(inside(&document).bytes, first);
    assert!(matches!(
        read(Format::Office, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
        Err(Unread::Encrypted)
    ));
}

#[test]
fn slides_come_in_their_order_with_the_notes_of_who_speaks() {
    let main = "<p:presentation xmlns:p=\"p\" xmlns:r=\"r\"><p:sldIdLst><p:sldId id=\"1\" r:id=\"rId2\"/><p:sldId id=\"2\" r:id=\"rId1\"/></p:sldIdLst></p:presentation>";
    let rels = "<Relationships><Relationship Id=\"rId1\" Type=\"x/slide\" Target=\"slides/slide1.xml\"/><Relationship Id=\"rId2\" Type=\"x/slide\" Target=\"/ppt/slides/slide2.xml\"/></Relationships>";
    let slide = |text: &str| {
        format!("<p:sld xmlns:a=\"a\"><a:p><a:r><a:t>{text}</a:t></a:r></a:p></p:sld>")
    };
    let notes = "<Relationships><Relationship Id=\"n\" Type=\"x/notesSlide\" Target=\"../notesSlides/notesSlide7.xml\"/></Relationships>";
    let (first, second, said) = (
        slide("Montré en second"),
        slide("Montré d&#39;abord"),
        slide("Dire bonjour"),
    );
    let picture = {
        // A JPEG's markers up to its frame: 40 by 30 pixels.
        let mut bytes = b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0".to_vec();
        bytes.extend(b"\xff\xc0\0\x11\x08\0\x1e\0\x28\x03\x01\x22\0\x02\x11\x01\x03\x11\x01");
        bytes
    };
    let zip = Zip::of(&[
        ("ppt/presentation.xml", main.as_bytes()),
        ("ppt/_rels/presentation.xml.rels", rels.as_bytes()),
        ("ppt/slides/slide1.xml", first.as_bytes()),
        ("ppt/slides/slide2.xml", second.as_bytes()),
        ("ppt/slides/_rels/slide2.xml.rels", notes.as_bytes()),
        ("ppt/notesSlides/notesSlide7.xml", said.as_bytes()),
        ("docProps/thumbnail.jpeg", &picture),
    ]);
    let document = read(Format::Office, &zip.bytes()).unwrap();
    assert_eq!(
        pages(&document),
        [
            (Some(1), "Montré d'abord\nDire bonjour"),
            (Some(2), "Montré en second")
        ]
    );
    assert_eq!(inside(&document).media_type, "image/jpeg");
    let shown = "<p:sld><a:blip r:embed=\"i\"/></p:sld>";
    let image = "<Relationships><Relationship Id=\"i\" Type=\"x/image\" Target=\"../media/dune.png\"/></Relationships>";
    let dune = png(300, 200);
    let zip = Zip::of(&[
        ("ppt/presentation.xml", main.as_bytes()),
        ("ppt/_rels/presentation.xml.rels", rels.as_bytes()),
        ("ppt/slides/slide1.xml", shown.as_bytes()),
        ("ppt/slides/slide2.xml", second.as_bytes()),
        ("ppt/slides/_rels/slide1.xml.rels", image.as_bytes()),
        ("ppt/media/dune.png", &dune),
    ]);
    let document = read(Format::Office, &zip.bytes()).unwrap();
    assert_eq!(inside(&document).bytes, dune);
    let book = Zip::of(&[
        ("xl/workbook.xml", b"<workbook><sheets><sheet name=\"Mesures d&apos;\xc3\xa9t\xc3\xa9\"/></sheets></workbook>".as_slice()),
        ("xl/sharedStrings.xml", b"<sst><si><t>Vent</t></si><si><r><t>Sa</t></r><r><t>ble</t></r></si></sst>"),
    ]);
    assert_eq!(
        text(&read(Format::Office, &book.bytes()).unwrap()),
        "Mesures d'été\nVent\nSable"
    );
}

#[test]
fn an_epub_gives_its_chapters_in_reading_order_and_its_cover() {
    let container = "<container xmlns=\"urn:oasis:names:tc:opendocument:xmlns:container\"><rootfiles><rootfile full-path=\"OEBPS/livre.opf\"/></rootfiles></container>";
    let opf = "<package xmlns=\"http://www.idpf.org/2007/opf\"><metadata xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><dc:title>Dunes</dc:title>\
        <dc:creator>Zoé</dc:creator><dc:language>fr</dc:language><dc:rights>CC BY 4.0</dc:rights></metadata><manifest>\
        <item id=\"a\" href=\"a.xhtml\"/><item id=\"b\" href=\"texte/b%20c.xhtml#x\"/><item id=\"z\" href=\"../../etc/passwd\"/>\
        <item id=\"c\" href=\"couv.png\" properties=\"cover-image\"/></manifest><spine><itemref idref=\"b\"/><itemref idref=\"z\"/><itemref idref=\"a\"/></spine></package>";
    let picture = png(600, 800);
    let zip = Zip::of(&[
        ("mimetype", b"application/epub+zip"),
        ("META-INF/container.xml", container.as_bytes()),
        ("OEBPS/livre.opf", opf.as_bytes()),
        (
            "OEBPS/a.xhtml",
            "<html><head><title>t</title></head><body><p>Épilogue</p></body></html>".as_bytes(),
        ),
        (
            "OEBPS/texte/b c.xhtml",
            "<p>Prologue&nbsp;d&rsquo;été</p><script>x()</script>".as_bytes(),
        ),
        ("OEBPS/couv.png", &picture),
    ]);
    let document = read(Format::Epub, &zip.bytes()).unwrap();
    assert_eq!(
        pages(&document),
        [(None, "Prologue d’été"), (None, "t\nÉpilogue")]
    );
    assert_eq!(document.properties.licence.as_deref(), Some("CC BY 4.0"));
    assert_eq!(inside(&document).bytes, picture);
    let bare = opf.replace(" properties=\"cover-image\"", "");
    let zip = Zip::of(&[
        ("META-INF/container.xml", container.as_bytes()),
        ("OEBPS/livre.opf", bare.as_bytes()),
        (
            "OEBPS/texte/b c.xhtml",
            b"<p>Prologue</p><img src=\"../couv.png\"/>",
        ),
        ("OEBPS/couv.png", &picture),
    ]);
    let document = read(Format::Epub, &zip.bytes()).unwrap();
    assert_eq!(inside(&document).bytes, picture);
}

#[test]
fn packages_give_what_people_read_in_them() {
    let about = r#"{"title":"Quiz","language":"fr","license":"CC BY-SA","licenseVersion":"4.0","authors":[{"name":"Zoé"}]}"#;
    let content = r#"{"questions":["<p>Le sable est-il <b>fin</b> ?</p>",{"library":"H5P.TrueFalse 1.8","params":{"text":"Oui &amp; non","mime":"image/png"}}]}"#;
    let picture = png(64, 64);
    let h5p = Zip::of(&[
        ("h5p.json", about.as_bytes()),
        ("content/content.json", content.as_bytes()),
        ("content/images/a.png", &picture),
    ]);
    let format = Format::of("quiz.h5p", "application/zip").unwrap();
    let document = read(format, &h5p.bytes()).unwrap();
    assert_eq!(text(&document), "Le sable est-il fin ?\nOui & non");
    assert_eq!(document.properties.licence.as_deref(), Some("CC BY-SA 4.0"));
    assert_eq!(inside(&document).media_type, "image/png");
    let manifest = "<manifest xmlns=\"x\"><organizations><item><title>Leçon 1</title></item></organizations></manifest>";
    let ims = Zip::of(&[
        ("imsmanifest.xml", manifest.as_bytes()),
        ("web/a.html", b"<h1>Dunes</h1>"),
    ]);
    assert_eq!(
        text(&read(Format::Package, &ims.bytes()).unwrap()),
        "Leçon 1\nDunes"
    );
    assert_eq!(
        read(Format::Package, &Zip::of(&[("a.txt", b"x")]).bytes()).unwrap(),
        Document::default()
    );
    assert!(matches!(
        read(Format::Package, b"Rar!....................."),
        Err(Unread::Archive(_))
    ));
}

#[test]
fn markup_gives_words_and_the_first_picture() {
    let md = read(
        Format::Markdown,
        b"# Dunes\n\n![carte](images/carte.png) et ![](https://ailleurs.example/x.png)",
    )
    .unwrap();
    assert_eq!(
        md.picture,
        Some(Illustration::Beside("images/carte.png".to_owned()))
    );
    let far = read(
        Format::Markdown,
        b"![](https://ailleurs.example/x.png) ![](/etc/x.png)",
    )
    .unwrap();
    assert_eq!(far.picture, None);
    let html = read(
        Format::Html,
        "<html lang='fr'><head><title>L&eacute;t&eacute;</title><meta name=author content=\"Zoé\"><link rel=license href=https://creativecommons.org/licenses/by/4.0/></head><body>Texte<img alt='>' src=\"a.png?x=1\">".as_bytes(),
    )
    .unwrap();
    assert_eq!(html.properties.title.as_deref(), Some("Lété"));
    assert_eq!(html.properties.language.as_deref(), Some("fr"));
    assert_eq!(html.properties.creators, ["Zoé"]);
    assert_eq!(
        html.properties.licence.as_deref(),
        Some("https://creativecommons.org/licenses/by/4.0/")
    );
    assert_eq!(html.picture, Some(Illustration::Beside("a.png".to_owned())));
}

#[test]
fn latex_gives_words_without_commands() {
    let tex = r#"\documentclass[12pt]{article}\title{Les dunes d'\'et\'e}\author{Zo\'{e}}
\begin{document}\section*{Le c\oe ur} % un commentaire
Le \textbf{vent} d\'eplace le sable~: \emph{na\"{\i}f}, \c{c}a, 100\%.\\[2mm]
\includegraphics[width=3cm]{carte.png}$x^2$ \begin{itemize}\item Fin\end{itemize}\end{document}"#;
    let document = read(Format::of("a.tex", "text/x-tex").unwrap(), tex.as_bytes()).unwrap();
    let text = text(&document);
    for words in [
        "Les dunes d'été",
        "Le cœur",
        "Le vent déplace le sable",
        "naïf, ça, 100%.",
        "Fin",
    ] {
        assert!(text.contains(words), "{words:?} in {text:?}");
    }
    for absent in ["commentaire", "carte", "12pt", "itemize", "\\", "2mm"] {
        assert!(!text.contains(absent), "{absent:?} in {text:?}");
    }
    assert_eq!(document.properties.creators, ["Zoé"]);
    // Never more than linear, however odd.
    for odd in [
        "{".repeat(100_000),
        "\\".repeat(100_001),
        "\\begin{".repeat(20_000),
        "[".repeat(1000),
        "\\'".repeat(30_000),
    ] {
        assert!(read(Format::Latex, odd.as_bytes()).is_ok());
    }
}

#[test]
fn subtitles_give_what_is_said_once() {
    let srt = "1\r\n00:00:01,000 --> 00:00:02,000\r\n<i>Le vent</i>\r\n\r\n2\r\n00:00:02,000 --> 00:00:03,000\r\nLe vent\r\nse lève\r\n";
    let document = read(
        Format::of("a.srt", "application/x-subrip").unwrap(),
        srt.as_bytes(),
    )
    .unwrap();
    assert_eq!(text(&document), "Le vent\nse lève");
    let vtt = "WEBVTT\nLanguage: fr\n\nNOTE rien\n\nintro\n00:01.000 --> 00:02.000 align:start\n<v Zoé>Bonjour\n";
    let document = read(Format::of("a.vtt", "text/vtt").unwrap(), vtt.as_bytes()).unwrap();
    assert_eq!(
        (
            text(&document).as_str(),
            document.properties.language.as_deref()
        ),
        ("Bonjour", Some("fr"))
    );
}

#[test]
fn a_notebook_gives_its_cells_and_a_picture_that_it_shows() {
    let base64 = data_encoding::BASE64.encode(&png(40, 40));
    let notebook = format!(
        r##"{{"cells":[{{"cell_type":"markdown","source":["# Dunes"]}},{{"cell_type":"code","source":"x = 1","outputs":[{{"data":{{"image/png":["{base64}\n"]}}}}]}}],"metadata":{{}}}}"##
    );
    let document = read(Format::Notebook, notebook.as_bytes()).unwrap();
    assert_eq!(text(&document), "Dunes\nx = 1");
    assert_eq!(inside(&document).bytes, png(40, 40));
    assert!(read(Format::Notebook, b"{}").is_err());
}

#[test]
fn pictures_are_known_by_their_header_and_bounded() {
    assert_eq!(picture_type(&png(40, 40)), Some("image/png"));
    assert_eq!(picture_type(&png(1, 1)), None, "a dot");
    assert_eq!(picture_type(&png(60_000, 60_000)), None, "a bomb");
    assert_eq!(picture_type(&png(8_000, 8_000)), None, "too many pixels");
    assert_eq!(picture_type(b"GIF89a\x20\0\x20\0"), Some("image/gif"));
    assert_eq!(
        picture_type(b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\x10\0\0\0\x63\0\0\x31\0\0"),
        Some("image/webp")
    );
    assert_eq!(
        picture_type(b"<svg xmlns='http://www.w3.org/2000/svg'>"),
        None
    );
    assert_eq!(picture_type(b"\xff\xd8\xff\xd9"), None);
    for end in 0..40 {
        let _ = picture_type(&png(40, 40)[..end.min(29)]);
        let _ = picture_type(
            &b"RIFF\0\0\0\0WEBPVP8 \x0a\0\0\0\x10\0\0\x9d\x01\x2a\x40\0\x40\0"[..end.min(30)],
        );
    }
}

#[test]
fn nothing_that_is_cut_or_changed_makes_a_packed_reader_panic() {
    let zip = Zip::of(&[(
        "content.xml",
        b"<a><text:p>Bonjour &amp; adieu</text:p></a>",
    )])
    .bytes();
    for at in 0..zip.len() {
        let mut bytes = zip.clone();
        bytes[at] ^= 0x5a;
        for format in [
            Format::OpenDocument,
            Format::Office,
            Format::Epub,
            Format::Package,
        ] {
            let _ = read(format, &bytes);
            let _ = read(format, &zip[..at]);
        }
    }
}

#[test]
fn a_moodle_backup_gives_what_teachers_wrote_and_nobody_elses_words() {
    let backup = Zip::of(&[
        ("moodle_backup.xml", b"<moodle_backup/>"),
        (
            "activities/page_3/page.xml",
            b"<activity><page><name>Le vent</name><content>&lt;p&gt;Il souffle.&lt;/p&gt;</content></page></activity>",
        ),
        (
            "activities/book_4/book.xml",
            b"<activity><book><name>Manuel</name><chapters><chapter><title>Un</title><content>Sable</content></chapter></chapters></book></activity>",
        ),
        (
            "activities/forum_5/forum.xml",
            b"<activity><forum><name>Forum</name><intro>Parlons.</intro><discussions><discussion><name>Moi</name></discussion></discussions></forum></activity>",
        ),
        ("users.xml", b"<users><user><name>Ana</name></user></users>"),
    ]);
    let format = Format::of("cours.mbz", "application/octet-stream").unwrap();
    let document = read(format, &backup.bytes()).unwrap();
    assert_eq!(
        text(&document),
        "Le vent\nIl souffle.\nManuel\nUn\nSable\nForum\nParlons."
    );
}
