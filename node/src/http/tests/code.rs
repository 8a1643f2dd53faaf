//! The pages where code is read, over a real repository.

use std::{
    io::Write,
    process::{Command, Stdio},
};

use axum::http::StatusCode;
use commun_forge::git::{Git, Limits, ObjectFormat, Repos};
use commun_specs::id::StatementId;

use super::{CONTENT, Served, sample::Sample, sample::handle};
use crate::items::{Ref, Repository, Waiting};

/// A README that tries everything, and links that must work.
const README: &str = "# Outil\n\n[guide](docs/guide.md#Un%20Deux) [dossier](src) ![](img/a.png) [haut](#outil)\n\n\
    <script>alert(1)</script>\n\nx <img src=x onerror=alert(2)> ![](https://evil.example/p.png) [x](javascript:alert(3))\n";

/// A web over a repository with a history, and what makes it.
struct Code {
    web: Served,
    _folder: tempfile::TempDir,
    /// Oids of `main`, `feature/x` and of the first commit.
    main: String,
    feature: String,
    first: String,
}

fn git(path: &std::path::Path, args: &[&str], input: &[u8]) -> String {
    let mut child = Command::new("git")
        .args(args)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .current_dir(path)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "git {args:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// A commit of fast-import's language.
fn commit(branch: &str, time: u64, message: &str, files: &[(&str, &[u8])], more: &str) -> Vec<u8> {
    let mut out = format!(
        "commit {branch}\ncommitter Ana <ana@example.org> {time} +0000\ndata {}\n{message}\n{more}",
        message.len()
    )
    .into_bytes();
    for (path, bytes) in files {
        out.extend(format!("M 100644 inline {path}\ndata {}\n", bytes.len()).bytes());
        out.extend_from_slice(bytes);
        out.push(b'\n');
    }
    out
}

impl Code {
    async fn new() -> Self {
        Self::of(ObjectFormat::Sha1).await
    }

    async fn of(format: ObjectFormat) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let repos = Repos::open(Git::new(Limits::default()).unwrap(), folder.path()).unwrap();
        let id = StatementId([7; 32]);
        let made = repos.create(&id.to_string(), "main", format).await.unwrap();
        let path = made.path();
        let long: String = (1..=40).map(|n| format!("line {n}\n")).collect();
        let mut script = commit(
            "refs/heads/main",
            1_700_000_000,
            "Begin",
            &[
                ("README.md", README.as_bytes()),
                ("docs/guide.md", b"# Un Deux\n\ntexte\n"),
                ("src/main.rs", b"fn main() {\n    println!(\"<b>\");\n}\n"),
                ("src/long.txt", long.as_bytes()),
                ("img/a.png", b"\x89PNG not really"),
            ],
            "",
        );
        script.extend(commit(
            "refs/heads/main",
            1_700_000_100,
            "Say more <script>alert(4)</script>\n\nWhy: because.",
            &[
                (
                    "src/main.rs",
                    b"fn main() {\n    println!(\"<i>\");\n    // \xe2\x80\xae\n}\n",
                ),
                ("\"a <b>&\\342\\200\\256.txt\"", b"x\n"),
            ],
            "",
        ));
        script.extend(b"reset refs/heads/feature/x\nfrom refs/heads/main\n\n");
        script.extend(commit(
            "refs/heads/feature/x",
            1_700_000_200,
            "On the side",
            &[("src/side.rs", b"// side\n")],
            "",
        ));
        script.extend(commit(
            "refs/heads/main",
            1_700_000_300,
            "Go on",
            &[("docs/more.md", b"more\n")],
            "",
        ));
        script.extend(b"tag v1.0\nfrom refs/heads/main\ntagger Ana <ana@example.org> 1700000400 +0000\ndata 10\nFirst one\n\n");
        git(path, &["fast-import", "--quiet"], &script);
        let oid = |name: &str| git(path, &["rev-parse", name], b"");
        let (main, feature) = (oid("refs/heads/main"), oid("refs/heads/feature/x"));
        let first = oid("refs/heads/main~2");
        git(
            path,
            &["update-ref", "refs/diverged/univ-b/heads/main", &feature],
            b"",
        );
        let r = |name: &str, oid: &str| Ref {
            name: name.to_owned(),
            oid: oid.to_owned(),
            by: handle("univ-a"),
            served: Some(oid.to_owned()),
            diverged: Vec::new(),
        };
        let repository = Repository {
            default_branch: "main".into(),
            object_format: format.as_str().into(),
            pushers: vec![handle("univ-a"), handle("univ-b")],
            refs: vec![
                r("refs/heads/feature/x", &feature),
                Ref {
                    diverged: vec![(handle("univ-b"), feature.clone())],
                    ..r("refs/heads/main", &main)
                },
                r("refs/tags/v1.0", &main),
            ],
            waiting: vec![Waiting {
                name: "refs/heads/main".to_owned(),
                by: handle("univ-b"),
                oid: feature.clone(),
                stated: 1,
                threshold: 2,
            }],
            protected: vec![("refs/heads/main".to_owned(), 2)],
        };
        Self {
            web: Served::with(Sample::with_repository(repos, id, repository)),
            _folder: folder,
            main,
            feature,
            first,
        }
    }

    async fn text(&self, below: &str) -> String {
        let answer = self.web.page(&format!("/univ-a/code{below}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{below}: {}", answer.text());
        let text = super::jsonld::without(answer.text());
        assert!(
            !text.contains("<script") && !text.contains("style="),
            "{below}"
        );
        assert!(
            !text.contains('\u{202e}') && !text.contains("<img src=\"x"),
            "{below}"
        );
        assert_eq!(text.matches("<h1").count(), 1, "{below}");
        text
    }
}

#[tokio::test]
async fn the_first_page_of_a_repository_says_what_it_is_and_leads_on() {
    let code = Code::new().await;
    let text = code.text("").await;
    for part in [
        "git clone http://127.0.0.1:8080/univ-a/code.git",
        "git clone commun://univ-a/code",
        "git clone ssh://git@127.0.0.1:2222/univ-a/code.git",
        "href=\"/univ-a/code/blob/main/docs/guide.md#md-un-deux\"",
        "href=\"/univ-a/code/blob/main/src\"",
        "id=\"md-outil\"",
        "href=\"#md-outil\"",
        &format!(
            "src=\"http://localhost:8080/univ-a/code/git/img/a.png?ref={}\"",
            code.main
        ),
        "href=\"/univ-a/code/tree/main/docs\"",
        "href=\"/univ-a/code/tree/v1.0\"",
        "href=\"/univ-a/code/tree/diverged/univ-b/heads/main\"",
        ">Go on<",
        "Étiquettes",
        "Un envoi attend un autre établissement",
        "Établissements qui ont poussé ce changement\u{a0}: 1 sur 2",
        "href=\"/univ-a/code/compare/main...waiting/univ-b/heads/main\"",
        "git fetch origin refs/waiting/univ-b/heads/main\ngit push origin FETCH_HEAD:refs/heads/main",
        "2 établissements doivent pousser un changement",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(!text.contains("evil.example") && !text.contains("javascript:"));
}

#[tokio::test]
async fn a_ref_with_slashes_an_id_and_another_head_are_places() {
    let code = Code::new().await;
    for rev in ["feature/x", &code.feature, "diverged/univ-b/heads/main"] {
        let text = code.text(&format!("/tree/{rev}/src")).await;
        assert!(
            text.contains("side.rs") && text.contains("main.rs"),
            "{rev}"
        );
        let text = code.text(&format!("/blob/{rev}/src/side.rs")).await;
        assert!(
            text.contains("// side") && text.contains("id=\"L1\""),
            "{rev}"
        );
    }
    for (below, there) in [
        ("/tree", "/univ-a/code/tree/main"),
        ("/tree/src", "/univ-a/code/tree/main/src"),
        (
            "/blob/README.md?ref=feature/x",
            "/univ-a/code/blob/feature/x/README.md",
        ),
        ("/blob/main/src", "/univ-a/code/tree/main/src"),
        ("/tree/main/README.md", "/univ-a/code/blob/main/README.md"),
        ("/commits?lang=en", "/univ-a/code/commits/main?lang=en"),
    ] {
        let answer = code.web.page(&format!("/univ-a/code{below}")).await;
        assert_eq!(answer.status, StatusCode::TEMPORARY_REDIRECT, "{below}");
        assert_eq!(answer.header("location"), there, "{below}");
    }
    for nowhere in [
        "/tree/nothing",
        "/blob/main/nothing",
        "/blob/main/../x",
        "/commit/main",
        "/commit/1111111111111111111111111111111111111111",
        "/compare/main",
        "/compare/main...nothing",
        "/branches/x",
        "/elsewhere/x",
    ] {
        let answer = code.web.page(&format!("/univ-a/code{nowhere}")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{nowhere}");
    }
}

#[tokio::test]
async fn folders_name_the_commit_that_changed_each_entry_and_hostile_names_are_only_names() {
    let code = Code::new().await;
    let text = code.text("/tree/main").await;
    assert!(text.contains("a &lt;b&gt;&amp;⟨U+202E⟩.txt"), "{text}");
    assert!(text.contains("href=\"/univ-a/code/blob/main/a%20%3Cb%3E%26%E2%80%AE.txt\""));
    assert!(text.contains(&format!("href=\"/univ-a/code/commit/{}\"", code.first)));
    assert!(text.contains("Say more &lt;script&gt;"));
    let text = code.text("/blob/main/a%20%3Cb%3E%26%E2%80%AE.txt").await;
    assert!(text.contains("id=\"L1\""));
}

#[tokio::test]
async fn bytes_are_handed_out_as_downloads_and_pictures_by_the_content_host_alone() {
    let code = Code::new().await;
    let answer = code.web.get("/univ-a/code/raw/main/src/main.rs").await;
    assert_eq!(answer.header("content-type"), "application/octet-stream");
    assert!(
        answer
            .header("content-disposition")
            .starts_with("attachment")
    );
    assert!(answer.text().starts_with("fn main()"));
    let picture = format!("/univ-a/code/git/img/a.png?ref={}", code.main);
    let answer = code.web.get_from(CONTENT, &picture, &[]).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.header("content-type"), "image/png");
    assert!(
        answer
            .header("content-security-policy")
            .starts_with("sandbox")
    );
}

#[tokio::test]
async fn a_commit_is_shown_with_its_difference() {
    let code = Code::new().await;
    let text = code.text(&format!("/commit/{}", code.main)).await;
    for part in [
        ">Go on<",
        "Ana",
        "ana@example.org",
        "docs/more.md",
        "<td class=\"sign\">+</td>",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let parent = code.text("/commits/main").await;
    let second = parent.split("/commit/").nth(2).unwrap();
    let text = code.text(&format!("/commit/{}", &second[..40])).await;
    for part in [
        "because.",
        "tr class=\"add\"",
        "tr class=\"del\"",
        "&lt;i&gt;",
        "⟨U+202E⟩",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let text = code.text(&format!("/commit/{}", code.first)).await;
    assert!(
        text.contains("aucun") && text.contains("5 fichiers changés"),
        "{text}"
    );
}

#[tokio::test]
async fn two_branches_are_compared_from_their_common_ancestor() {
    let code = Code::new().await;
    let text = code.text("/compare/main...feature/x").await;
    assert!(
        text.contains("On the side") && text.contains("src/side.rs"),
        "{text}"
    );
    assert!(!text.contains(">Go on<") && !text.contains("docs/more.md"));
    let text = code.text("/compare/v1.0...main").await;
    assert!(text.contains("tout y est déjà"), "{text}");
    let answer = code
        .web
        .page("/univ-a/code/compare?from=main&to=feature/x")
        .await;
    assert_eq!(
        answer.header("location"),
        "/univ-a/code/compare/main...feature/x"
    );
}

#[tokio::test]
async fn branches_tags_and_other_heads_are_listed() {
    let code = Code::new().await;
    let text = code.text("/branches").await;
    for part in [
        "href=\"/univ-a/code/tree/feature/x\"",
        "href=\"/univ-a/code/compare/main...feature/x\"",
        "tête séparée de univ-b",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let text = code.text("/tags").await;
    assert!(
        text.contains("First one") && text.contains("v1.0"),
        "{text}"
    );
}

#[tokio::test]
async fn history_is_paged_and_follows_a_path() {
    let code = Code::new().await;
    let text = code.text("/commits/main/src/main.rs").await;
    assert!(text.contains("Begin") && text.contains("Say more") && !text.contains("Go on"));
    let text = code.text("/commits/main?page=2").await;
    assert!(text.contains("rel=\"prev\"") && !text.contains("rel=\"next\""));
}

#[tokio::test]
async fn a_repository_of_the_longer_hash_says_that_it_must_be_cloned() {
    let code = Code::of(ObjectFormat::Sha256).await;
    for below in ["", "/tree/main", "/commits/main", "/branches"] {
        let text = code.text(below).await;
        assert!(
            text.contains("SHA-256") && text.contains("git clone http"),
            "{below}"
        );
    }
}

#[tokio::test]
async fn a_file_is_shown_in_colours_and_with_who_wrote_which_line() {
    let code = Code::new().await;
    let text = code.text("/blob/main/src/main.rs").await;
    for part in [
        "<span class=\"hk\">fn</span>",
        "<span class=\"hs\">&quot;&lt;i&gt;&quot;</span>",
        "// ⟨U+202E⟩",
        "href=\"#L2\"",
        "href=\"/univ-a/code/blame/main/src/main.rs\"",
        "swh:1:cnt:",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let text = code.text("/blame/main/src/main.rs").await;
    assert!(text.contains(&format!("/commit/{}", code.first)), "{text}");
    assert!(
        text.contains("Begin") && text.contains("Say more &lt;script&gt;"),
        "{text}"
    );
    for line in 1..=4 {
        assert_eq!(
            text.matches(&format!("id=\"L{line}\"")).count(),
            1,
            "{line}"
        );
    }
    let answer = code.web.page("/univ-a/code/blame/main/src").await;
    assert_eq!(answer.header("location"), "/univ-a/code/tree/main/src");
    let source = code.text("/blob/main/README.md?view=source").await;
    assert!(source.contains("id=\"L3\"") && source.contains("&lt;script&gt;"));
}

#[tokio::test]
async fn an_archive_is_a_download_that_is_not_sent_twice() {
    let code = Code::new().await;
    let answer = code.web.get("/univ-a/code/archive/v1.0.zip").await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.header("content-type"), "application/zip");
    assert!(
        answer
            .header("content-disposition")
            .contains("code-v1.0.zip")
    );
    assert!(answer.body.starts_with(b"PK\x03\x04"));
    let etag = answer.header("etag").to_owned();
    assert!(etag.contains(&code.main), "{etag}");
    let again = [("if-none-match", &*etag)];
    let answer = code
        .web
        .get_from(super::MAIN, "/univ-a/code/archive/v1.0.zip", &again)
        .await;
    assert_eq!(answer.status, StatusCode::NOT_MODIFIED);
    let answer = code.web.get("/univ-a/code/archive/feature/x.tar.gz").await;
    assert!(answer.body.starts_with(&[0x1f, 0x8b]));
    assert!(
        answer
            .header("content-disposition")
            .contains("code-feature-x.tar.gz")
    );
    for nothing in ["v1.0", "nothing.zip", "main/src.zip", ".zip"] {
        let answer = code
            .web
            .get(&format!("/univ-a/code/archive/{nothing}"))
            .await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{nothing}");
    }
}

#[tokio::test]
async fn feeds_are_atom_with_names_that_every_node_gives() {
    let code = Code::new().await;
    for (below, wanted) in [
        ("feed/commits/feature/x", "<title>On the side</title>"),
        (
            "feed/commits",
            "Say more &lt;script&gt;alert(4)&lt;/script&gt;",
        ),
        ("feed/tags", "<title>v1.0</title>"),
        ("feed.atom", "<feed xmlns=\"http://www.w3.org/2005/Atom\""),
    ] {
        let answer = code.web.get(&format!("/univ-a/code/{below}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{below}");
        assert_eq!(
            answer.header("content-type"),
            "application/atom+xml; charset=utf-8"
        );
        let text = answer.text();
        assert!(text.contains(wanted), "{below}: {text}");
        let ids = text.matches("<id>urn:commun:").count();
        assert_eq!(ids, text.matches("<updated>").count(), "{below}");
        assert!(text.contains(&format!(
            "rel=\"self\" href=\"http://127.0.0.1:8080/univ-a/code/{below}\""
        )));
        assert!(!text.contains("<script"), "{below}");
    }
    let answer = code.web.get("/univ-a/code/feed/commits/nothing").await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_permanent_identifier_leads_to_what_it_names() {
    let code = Code::new().await;
    let text = code.text("/tree/main/docs").await;
    let from = text.find("swh:1:dir:").unwrap();
    let folder = &text[from..from + 50];
    let revision = format!("swh:1:rev:{}", code.main);
    for (id, there) in [
        (
            revision.as_str(),
            format!("/univ-a/code/commit/{}", code.main),
        ),
        (folder, format!("/univ-a/code/tree/{}/docs", code.main)),
    ] {
        let answer = code.web.page(&format!("/swhid/{id}")).await;
        assert_eq!(answer.header("location"), there, "{id}");
        let answer = code.web.page(&format!("/search?q={id}")).await;
        assert_eq!(answer.header("location"), format!("/swhid/{id}"));
        let found = code.web.get(&format!("/api/v1/swhid/{id}")).await.json();
        assert_eq!(found["repositories"][0]["name"], "univ-a/code");
        assert_eq!(
            found["repositories"][0]["url"],
            format!("http://127.0.0.1:8080{there}")
        );
    }
    let nowhere = format!("/swhid/swh:1:rev:{}", "1".repeat(40));
    assert_eq!(code.web.page(&nowhere).await.status, StatusCode::NOT_FOUND);
    let answer = code.web.get("/api/v1/swhid/swh:1:snp:x").await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
}
