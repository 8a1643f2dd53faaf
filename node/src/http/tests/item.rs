//! The page of an item: what one may do, what can be seen, how it is credited, shown elsewhere.

use commun_specs::metadata::{Creator, View};

use super::*;

const SRT: &str = "1\n00:00:01,000 --> 00:00:02,000\n<script>x</script>Le vent\n";
const SCRIPT: &str = "<script>document.title='ran'</script>";

fn media() -> Served {
    let files = [
        ("film.mp4", "not really a film"),
        ("film.fr.srt", SRT),
        (
            "film.en.vtt",
            "WEBVTT\n\n00:01.000 --> 00:02.000\nThe wind\n",
        ),
        ("autre.vtt", "no subtitles at all"),
        ("son.mp3", "not really a sound"),
        ("cours.pdf", "%PDF-1.7 and nothing else"),
        (
            "page.html",
            "<html><head><title>T</title></head><body onload=alert(1)><h1>Dunes</h1><script>alert(5)</script>\
             <img src=fig.png><a href=cours.pdf>suite</a><form action=/x><input></form></body></html>",
        ),
        ("fig.png", "not really a picture"),
        ("jeu.h5p", "not really a package"),
    ];
    Served::with(Sample::with_media(&files))
}

#[tokio::test]
async fn videos_are_played_with_their_subtitles_and_in_parts() {
    let web = media();
    let page = web.page("/univ-a/images?file=film.mp4").await;
    let text = page.text();
    assert!(text.contains("<video class=\"player\" controls"));
    assert!(text.contains("src=\"http://localhost:8080/univ-a/images/files/film.mp4\""));
    let track = "src=\"/api/v1/items/univ-a/images/subtitles/film.fr.srt\" srclang=\"fr\" label=\"français\" default";
    assert!(text.to_lowercase().contains(track), "{text}");
    assert!(text.contains("srclang=\"en\"") && !text.contains("subtitles/autre.vtt"));
    assert!(
        page.header("content-security-policy")
            .contains("media-src 'self' http://localhost:8080;")
    );
    // Both files are called what they are.
    let named = text.matches("<td class=\"type\"><bdi>Sous-titres</bdi></td>");
    assert_eq!(
        (named.count(), text.contains("<bdi>Code</bdi>")),
        (3, false)
    );
    let words = web
        .get("/api/v1/items/univ-a/images/subtitles/film.fr.srt")
        .await;
    assert_eq!(words.header("content-type"), "text/vtt; charset=utf-8");
    assert_eq!(
        words.text(),
        "WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nxLe vent\n"
    );
    for (none, status) in [("autre.vtt", 404), ("film.mp4", 404), ("none.vtt", 404)] {
        let path = format!("/api/v1/items/univ-a/images/subtitles/{none}");
        assert_eq!(web.get(&path).await.status.as_u16(), status, "{none}");
    }
    let film = "/univ-a/images/files/film.mp4";
    let part = web.get_from(CONTENT, film, &[("range", "bytes=4-9")]).await;
    assert_eq!((part.status.as_u16(), part.text()), (206, "really"));
    assert_eq!(part.header("content-range"), "bytes 4-9/17");
    assert_eq!(part.header("content-type"), "video/mp4");
    let none = web.get_from(CONTENT, film, &[("range", "bytes=17-")]).await;
    assert_eq!(
        (none.status.as_u16(), none.header("content-range")),
        (416, "bytes */17")
    );
    let changed = [("range", "bytes=4-9"), ("if-range", "\"another\"")];
    assert_eq!(
        web.get_from(CONTENT, film, &changed).await.status,
        StatusCode::OK
    );
    let sound = web.page("/univ-a/images?file=son.mp3").await;
    assert!(sound.text().contains("<audio class=\"player\" controls"));
}

#[tokio::test]
async fn documents_pages_and_packages_are_looked_at_where_they_run_nothing() {
    let web = media();
    let page = web.page("/univ-a/images?file=page.html").await;
    let text = jsonld::without(page.text());
    assert!(text.contains("<h3>Dunes</h3>"), "{text}");
    assert!(text.contains("src=\"http://localhost:8080/univ-a/images/files/fig.png\""));
    assert!(text.contains("href=\"/univ-a/images?file=cours.pdf#preview\""));
    assert!(!text.contains("alert(5)") && !text.contains("action=\"/x"));
    let page = web.page("/univ-a/images?file=cours.pdf").await;
    assert!(page.text().contains("ne peuvent pas être montrées"));
    for (path, status) in [
        ("/univ-a/images/pages/1/cours.pdf", 404),
        ("/univ-a/images/pages/1/page.html", 404),
        ("/univ-a/images/pages/one/cours.pdf", 404),
        ("/univ-a/images/pages/99999999999/cours.pdf", 404),
    ] {
        let answer = web.get_from(CONTENT, path, &[]).await;
        assert_eq!(answer.status.as_u16(), status, "{path}");
        assert!(
            answer
                .header("content-security-policy")
                .starts_with("sandbox;"),
            "{path}"
        );
    }
    let page = web.page("/univ-a/images?file=jeu.h5p").await;
    assert!(page.text().contains("ne peuvent pas être montrées"));
}

#[tokio::test]
async fn every_licence_is_one_honest_sentence_that_names_whom_to_credit() {
    let people = |names: &[&str]| -> Vec<Creator> {
        let creator = |name: &&str| Creator {
            name: (*name).to_owned(),
            ..Creator::default()
        };
        names.iter().map(creator).collect()
    };
    for (licence, authors, sentence) in [
        (
            "CC0-1.0",
            &["Ada"][..],
            "sans rien demander ni citer personne.",
        ),
        (
            "CC-BY-4.0",
            &["Ada"],
            "même à but commercial, à condition de citer Ada.",
        ),
        (
            "MIT",
            &["Ada", "Bob"],
            "même à but commercial, à condition de citer Ada et Bob.",
        ),
        (
            "CC-BY-SA-4.0",
            &["Ada", "Bob", "Chloé"],
            "à condition de citer Ada, Bob et Chloé et de partager vos versions sous la même licence.",
        ),
        (
            "CC-BY-NC-4.0",
            &["A", "B", "C", "D"],
            "sans but commercial, à condition de citer A et les autres auteurs.",
        ),
        (
            "CC-BY-NC-SA-4.0",
            &["Ada"],
            "sans but commercial, à condition de citer Ada et de partager vos versions",
        ),
        (
            "CC-BY-ND-4.0",
            &["Ada"],
            "Vous pouvez partager tel quel, même à but commercial,",
        ),
        (
            "CC-BY-NC-ND-4.0",
            &["Ada"],
            "Vous pouvez partager tel quel, sans but commercial,",
        ),
        (
            "LicenseRef-maison",
            &["Ada"],
            "On ne sait pas ce que vous pouvez en faire",
        ),
        (
            "libre de droits",
            &[SCRIPT],
            "Avant de réutiliser, demandez à &lt;script&gt;",
        ),
        (
            "",
            &[],
            "Avant de réutiliser, demandez à ses auteurs (univ-a).",
        ),
    ] {
        let mut sample = Sample::new();
        sample.items[0].view.licence = (!licence.is_empty()).then(|| licence.to_owned());
        sample.items[0].view.creators = people(authors);
        let web = Served::with(sample);
        let text = web.page("/univ-a/cours").await.text().to_owned();
        assert!(text.contains(sentence), "{licence}: {text}");
        let may = !licence.contains("ND") && sentence.starts_with(['s', 'm', 'à']);
        assert_eq!(text.contains("class=\"terms free\""), may, "{licence}");
    }
}

#[tokio::test]
async fn the_attribution_stands_ready_in_every_form() {
    let web = Served::new();
    let text = web.page("/univ-a/cours").await.text().to_owned();
    assert_eq!(text.matches("<textarea class=\"copy\" readonly").count(), 8);
    for form in ["HTML", "Markdown", "LaTeX", "BibTeX", "RIS", "CSL-JSON"] {
        assert!(
            text.contains(&format!("<summary>{form}</summary>")),
            "{form}"
        );
    }
    assert!(text.contains("export?format=imscc") && text.contains("export?format=bagit"));
    assert!(text.contains("commun verify univ-a/cours"));
    let gone = web.page("/univ-a/exercice-44").await.text().to_owned();
    assert!(!gone.contains("<textarea"));
}

#[tokio::test]
async fn other_pages_show_an_item_in_a_frame_that_oembed_names() {
    let web = media();
    let page = web.page("/univ-a/images").await;
    let link = "type=\"application/json+oembed\" href=\"http://127.0.0.1:8080/oembed?url=http%3A%2F%2F127.0.0.1%3A8080%2Funiv-a%2Fimages&amp;format=json\"";
    assert!(page.text().contains(link), "{}", page.text());
    let asked = "/oembed?url=http%3A%2F%2F127.0.0.1%3A8080%2Funiv-a%2Fimages&maxwidth=300";
    let answer = web.get(asked).await.json();
    assert_eq!(
        (&answer["version"], &answer["type"]),
        (&"1.0".into(), &"rich".into())
    );
    assert_eq!(
        (&answer["width"], &answer["height"]),
        (&300.into(), &480.into())
    );
    assert_eq!(answer["license"], "CC BY-SA 4.0");
    let frame = answer["html"].as_str().unwrap();
    assert!(
        frame
            .starts_with("<iframe src=\"http://127.0.0.1:8080/univ-a/images/embed\" width=\"300\"")
    );
    let xml = web.get(&format!("{asked}&format=xml&lang=fr")).await;
    assert_eq!(xml.header("content-type"), "text/xml; charset=utf-8");
    assert!(
        xml.text()
            .contains("&lt;iframe src=\"http://127.0.0.1:8080/univ-a/images/embed?lang=fr\"")
    );
    let hostile = "/oembed?url=http%3A%2F%2F127.0.0.1%3A8080%2Funiv-a%2Fhostile";
    let json = web.get(hostile).await.json();
    assert!(!json["html"].as_str().unwrap().contains("<script"));
    for (more, status) in [
        ("&format=yaml", 501),
        ("&maxheight=0", 400),
        ("&maxheight=-1", 400),
    ] {
        assert_eq!(
            web.get(&format!("{asked}{more}")).await.status.as_u16(),
            status,
            "{more}"
        );
    }
    let gone = "/oembed?url=http%3A%2F%2F127.0.0.1%3A8080%2Funiv-a%2Fexercice-44";
    assert_eq!(web.get(gone).await.status, StatusCode::GONE);
    let other = "/oembed?url=https%3A%2F%2Fevil.example%2Funiv-a%2Fimages";
    assert_eq!(web.get(other).await.status, StatusCode::NOT_FOUND);

    for (path, status) in [("images", 200), ("hostile", 200), ("exercice-44", 410)] {
        let frame = web.page(&format!("/univ-a/{path}/embed")).await;
        let policy = frame.header("content-security-policy");
        assert_eq!(frame.status.as_u16(), status, "{path}");
        assert!(policy.starts_with("default-src 'none'") && policy.contains("frame-ancestors *"));
        assert!(!policy.contains("script") && !frame.headers.contains_key("set-cookie"));
        assert!(!frame.text().contains("<script") && !frame.text().contains("<form"));
        assert!(frame.text().contains("<html lang=\"fr\""));
    }
    let frame = web.page("/univ-a/images/embed").await;
    for part in [
        "<video",
        "Vous pouvez réutiliser",
        "L’ouvrir dans le commun",
        "rel=\"noopener\"",
    ] {
        assert!(frame.text().contains(part), "{part}");
    }
    let page = web.page("/univ-a/images").await;
    assert!(
        page.header("content-security-policy")
            .contains("frame-ancestors 'none'")
    );
}

#[tokio::test]
async fn authors_in_the_details_lead_to_their_pages() {
    let mut sample = Sample::new();
    sample.items[0].view.creators = vec![
        Creator {
            name: "Ada Lovelace".to_owned(),
            orcid: Some("0000-0002-1825-0097".to_owned()),
            ..Creator::default()
        },
        Creator {
            name: "Bob".to_owned(),
            ..Creator::default()
        },
    ];
    let web = Served::with(sample);
    let page = web.page("/univ-a/cours").await;
    for link in [
        "<a href=\"/about/author/orcid/0000-0002-1825-0097\"><bdi>Ada Lovelace</bdi></a>",
        "<a href=\"/about/author/name/bob\"><bdi>Bob</bdi></a>",
    ] {
        assert!(page.text().contains(link), "{}", page.text());
    }
}

#[tokio::test]
async fn what_nothing_is_known_of_has_no_empty_card() {
    let mut sample = Sample::new();
    let card = "aria-labelledby=\"details\"";
    let known = Served::with(Sample::new()).page("/univ-a/cours").await;
    assert!(known.text().contains(card));
    let mut items = sample.items.iter_mut();
    let course = items.find(|item| item.slug.as_str() == "cours").unwrap();
    course.view = View::default();
    let unknown = Served::with(sample).page("/univ-a/cours").await;
    assert_eq!(unknown.status, StatusCode::OK);
    assert!(!unknown.text().contains(card), "{}", unknown.text());
}
