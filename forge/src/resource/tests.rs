use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::Path;

use commun_specs::id::ContentHash;
use commun_specs::metadata::Problems;

use super::*;

mod acceptance;

fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a temporary folder");
    for (path, bytes) in files {
        let path = dir.path().join(path);
        fs::create_dir_all(path.parent().expect("inside")).expect("made");
        fs::write(path, bytes).expect("written");
    }
    dir
}

fn refused(path: &Path) -> Vec<String> {
    match scan(path) {
        Err(ScanError::Refused(Problems(list))) => list.iter().map(ToString::to_string).collect(),
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn a_folder_becomes_a_sorted_list() {
    let dir = folder(&[
        ("z.txt", b"z"),
        ("cours/chapitre-2.md", b"# deux"),
        ("cours/chapitre-1.ipynb", b"{}"),
        ("e\u{301}te\u{301}.pdf", b"%PDF"),
        (".env", b"SECRET=1"),
        (".git/config", b"[core]"),
        ("Thumbs.db", b""),
    ]);
    let found = scan(dir.path()).expect("a good folder");
    let list: Vec<(&str, &str, u64)> = found
        .files
        .iter()
        .map(|f| (f.path.as_str(), f.media_type.as_str(), f.size))
        .collect();
    assert_eq!(
        list,
        [
            ("cours/chapitre-1.ipynb", "application/x-ipynb+json", 2),
            ("cours/chapitre-2.md", "text/markdown", 6),
            ("z.txt", "text/plain", 1),
            ("été.pdf", "application/pdf", 4),
        ]
    );
    let warned: Vec<&str> = found.warnings.iter().map(|w| w.field.as_str()).collect();
    assert_eq!(warned, [".env", ".git"]);
    // The list that a version names can be made of it.
    let entries = found.files.into_iter().map(|f| FileEntry {
        blake3: ContentHash::of(&fs::read(&f.absolute).expect("there")),
        path: f.path,
        size: f.size,
        media_type: f.media_type,
    });
    let list = FileList::new(entries.collect()).expect("valid");
    assert_eq!(FileList::decode(&list.encode()), Ok(list));
}

#[test]
fn a_single_file_is_a_resource() {
    let dir = folder(&[("TP n°1.pdf", b"x")]);
    let found = scan(&dir.path().join("TP n°1.pdf")).expect("a file");
    assert_eq!(found.files.len(), 1);
    assert_eq!(found.files[0].path.as_str(), "TP n°1.pdf");
}

#[test]
fn links_are_refused_and_never_followed() {
    let outside = folder(&[("secret.txt", b"s")]);
    let dir = folder(&[("a.txt", b"a")]);
    symlink(
        outside.path().join("secret.txt"),
        dir.path().join("link.txt"),
    )
    .expect("linked");
    symlink(outside.path(), dir.path().join("folder")).expect("linked");
    symlink(dir.path(), dir.path().join("loop")).expect("linked");
    assert_eq!(
        refused(dir.path()),
        ["folder", "link.txt", "loop"].map(|name| format!(
            "{name}: is a link; put the file itself in its place, or remove it"
        ))
    );
    // A file that becomes a link after the scan is not followed either.
    let dir = folder(&[("a.txt", b"a")]);
    let found = scan(dir.path()).expect("a good folder");
    assert!(found.files[0].open().is_ok());
    fs::remove_file(dir.path().join("a.txt")).expect("removed");
    symlink(outside.path().join("secret.txt"), dir.path().join("a.txt")).expect("linked");
    assert!(found.files[0].open().is_err());
}

#[test]
fn everything_that_cannot_be_published_is_named_at_once() {
    let dir = folder(&[
        ("a?.txt", b""),
        ("nul.txt", b""),
        ("ok.txt", b""),
        ("x/a\u{202e}b", b""),
    ]);
    fs::write(
        dir.path()
            .join(std::ffi::OsStr::from_bytes(b"latin\xe9.txt")),
        b"",
    )
    .expect("written");
    let problems = refused(dir.path());
    assert_eq!(problems.len(), 4, "{problems:?}");
    for (problem, part) in problems
        .iter()
        .zip(["U+003F", "not UTF-8", "Windows", "U+202E"])
    {
        assert!(problem.contains(part), "{problem} lacks {part}");
    }
    let dir = folder(&[("Cours.txt", b""), ("cours.txt", b"")]);
    assert!(refused(dir.path())[0].contains("rename one"));
}

#[test]
fn folders_that_are_empty_deep_or_full_end_with_a_reason() {
    let dir = folder(&[]);
    assert!(matches!(scan(dir.path()), Err(ScanError::Empty(_))));
    assert!(matches!(
        scan(&dir.path().join("missing")),
        Err(ScanError::Io { .. })
    ));
    let deep = format!("{}a.txt", "d/".repeat(40));
    let dir = folder(&[(&deep, b"")]);
    assert!(refused(dir.path())[0].contains("deeper"));
    let dir = folder(&[]);
    for at in 0..=MAX_FILES {
        fs::write(dir.path().join(format!("{at}")), b"").expect("written");
    }
    assert!(refused(dir.path())[0].contains("more than 5000 files"));
}

#[test]
fn media_types_come_from_names() {
    for (name, wanted) in [
        ("a.PDF", "application/pdf"),
        ("a.ipynb", "application/x-ipynb+json"),
        ("README", "text/plain"),
        ("a.b.CSV", "text/csv"),
        ("page.html", "text/html"),
        (".gitignore", "application/octet-stream"),
        ("noext", "application/octet-stream"),
        ("a.unknown-extension", "application/octet-stream"),
        ("video.mp4", "video/mp4"),
    ] {
        assert_eq!(media_type(name), wanted, "{name}");
    }
}

fn text(media_type: &str, bytes: &str) -> String {
    extract_text(media_type, bytes.as_bytes()).unwrap_or_default()
}

#[test]
fn html_gives_its_words_only() {
    let page = r#"<!DOCTYPE html><title>Th&eacute;or&egrave;me</title><script>var x = "</p>";</script>
        <style>p{}</style><p title="a > b">Un <b>mo</b>t &amp; un&nbsp;autre &#233; &#x1F600; &bogus; <!-- non -->a < b</p><td>1</td><td>2</td>"#;
    assert_eq!(
        text("text/html", page),
        "Théorème\nUn mot & un autre é 😀 &bogus; a < b\n1 2"
    );
    assert_eq!(text("text/html", "<script>alert(1)"), "");
    assert_eq!(text("text/html", "a<p don't>b</p>"), "a\nb");
    assert_eq!(text("text/html", "é<é"), "é<é");
}

#[test]
fn markdown_gives_its_words_and_its_code() {
    let source = "---\ntitle: caché\n---\n# Titre\n\nUn *mot* et `code` [lien](https://example.org) <b>html</b>.\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```rust\nfn x() {}\n```\n";
    assert_eq!(
        text("text/markdown", source),
        "Titre\nUn mot et code lien html.\na b\n1 2\nfn x() {}"
    );
}

#[test]
fn notebooks_give_their_cells_and_not_their_outputs() {
    let notebook = r#"{"cells":[{"cell_type":"markdown","source":["Un\n","**deux**"]},
        {"cell_type":"code","source":"print(3)","outputs":[{"data":{"image/png":"AAAA","text/html":"<script>"}}]},
        {"cell_type":"widget","source":7},{}],"nbformat":4}"#;
    assert_eq!(
        text("application/x-ipynb+json", notebook),
        "Un\ndeux\nprint(3)"
    );
    assert_eq!(
        extract_text("application/x-ipynb+json", b"{\"cells\":"),
        None
    );
}

#[test]
fn tables_give_their_header_and_pictures_nothing() {
    assert_eq!(
        text("text/csv", "\u{feff}\"Âge\";Taille\n12;150\n"),
        "Âge Taille"
    );
    assert_eq!(extract_text("image/png", b"text"), None);
    assert_eq!(extract_text("application/json", b"{\"a\":\"b\"}"), None);
}

#[test]
fn old_encodings_are_read() {
    assert_eq!(
        extract_text("text/plain", b"\xe9t\xe9").as_deref(),
        Some("été")
    );
    assert_eq!(
        extract_text("text/plain", b"\xff\xfe\xe9\x00t\x00").as_deref(),
        Some("ét")
    );
    // A character cut by the limit is left out, the rest is UTF-8 all the same.
    assert_eq!(
        extract_text("text/plain", b"\xc3\xa9t\xc3").as_deref(),
        Some("ét")
    );
    assert_eq!(
        extract_text("text/plain", b"a\x00\x1b[31mb\xe2\x80\xae").as_deref(),
        Some("a[31mb")
    );
}

#[test]
fn hostile_documents_take_no_time() {
    let begin = std::time::Instant::now();
    for unit in [
        "<",
        "<!--",
        "<a href='",
        "<script>",
        "</",
        "&",
        "&#",
        "[",
        "![",
        "*a_",
        "> ",
        "`",
        "<div>",
        "\u{301}",
        "[a](",
        "- ",
    ] {
        let bytes = unit.repeat((1 << 20) / unit.len());
        for media_type in [
            "text/html",
            "text/markdown",
            "text/plain",
            "text/csv",
            "application/x-ipynb+json",
        ] {
            let _ = extract_text(media_type, bytes.as_bytes());
        }
    }
    // Unoptimised, on a loaded machine: linear work takes a few seconds, quadratic work minutes.
    assert!(begin.elapsed().as_secs() < 60, "{:?}", begin.elapsed());
}

#[test]
fn names_for_downloads_are_safe_in_a_header_and_on_a_disk() {
    assert_eq!(safe_file_name("a/b/cours été.pdf"), "cours été.pdf");
    assert_eq!(safe_file_name("../../etc/passwd"), "passwd");
    assert_eq!(safe_file_name("a\r\nX: y\".html"), "a__X_ y_.html");
    assert_eq!(safe_file_name("evil\u{202e}fdp.exe"), "evil_fdp.exe");
    assert_eq!(safe_file_name(""), "file");
    assert_eq!(safe_file_name(".."), "file");
    let long = safe_file_name(&format!("{}.tar.gz", "é".repeat(300)));
    assert!(
        long.len() <= 200 && long.ends_with("é.tar.gz") || long.ends_with(".gz"),
        "{long}"
    );
    assert!(safe_file_name(&"x".repeat(5000)).len() <= 200);
    assert_eq!(
        content_disposition("d/plan.pdf"),
        "attachment; filename=\"plan.pdf\""
    );
    assert_eq!(
        content_disposition("été;1.pdf"),
        "attachment; filename=\"_t__1.pdf\"; filename*=UTF-8''%C3%A9t%C3%A9%3B1.pdf"
    );
    for name in [
        "\"",
        "a\"b",
        "a\\b",
        "\r\nSet-Cookie: x",
        "%22",
        "字",
        "\u{7f}",
    ] {
        let value = content_disposition(name);
        assert!(
            value.is_ascii() && !value.bytes().any(|b| b < 0x20 || b == 0x7f),
            "{value:?}"
        );
        assert_eq!(value.matches('"').count(), 2, "{value}");
    }
}
