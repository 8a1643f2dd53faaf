mod archive;
mod history;

use super::super::ObjectFormat;
use super::super::testing::Bench;
use super::*;

#[tokio::test]
async fn files_folders_and_history_are_read_without_a_work_tree() {
    let bench = Bench::new();
    let repo = bench
        .repos
        .create("abc", "main", ObjectFormat::Sha1)
        .await
        .unwrap();
    let empty = repo.browse().unwrap();
    assert!(matches!(empty.tree(None, ""), Err(BrowseError::NotFound)));
    assert!(empty.refs().unwrap().is_empty());
    let one = bench.commit(
        &repo,
        "refs/heads/main",
        &[
            ("README.txt", b"plain"),
            ("cours/ch1.md", b"# Un"),
            ("LICENCE", b"EUPL"),
        ],
    );
    let two = bench.commit(
        &repo,
        "refs/heads/main",
        &[("readme.md", b"# Deux"), ("a", b"x")],
    );
    bench.git(&repo, &["tag", "v1", one.as_str()]);
    bench.git(
        &repo,
        &[
            "-c",
            "user.name=A",
            "-c",
            "user.email=a@x",
            "tag",
            "-m",
            "v2",
            "v2",
            "main",
        ],
    );
    let browse = repo.browse().unwrap();
    assert_eq!(browse.resolve(None).unwrap(), two);
    for rev in ["main", "refs/heads/main", "v2", two.as_str()] {
        assert_eq!(browse.resolve(Some(rev)).unwrap(), two, "{rev}");
    }
    assert_eq!(browse.resolve(Some("v1")).unwrap(), one);
    for rev in [
        "nothing",
        "main~1",
        "@{1}",
        "../x",
        "HEAD@{0}",
        "",
        &"1".repeat(40),
    ] {
        assert!(browse.resolve(Some(rev)).is_err(), "{rev}");
    }
    let names: Vec<_> = browse
        .tree(None, "")
        .unwrap()
        .into_iter()
        .map(|e| e.name)
        .collect();
    assert_eq!(names, ["cours", "LICENCE", "README.txt", "a", "readme.md"]);
    assert_eq!(browse.tree(Some("v1"), "cours").unwrap()[0].size, Some(4));
    assert!(browse.tree(None, "cours/../cours").is_err());
    assert!(matches!(
        browse.tree(None, "LICENCE"),
        Err(BrowseError::WrongKind(_))
    ));
    assert_eq!(
        browse.blob(None, "cours/ch1.md", 100).unwrap().bytes,
        b"# Un"
    );
    let large = browse.blob(None, "cours/ch1.md", 3).unwrap();
    assert_eq!(
        (large.complete, large.size, large.bytes.len()),
        (false, 4, 0)
    );
    assert!(matches!(
        browse.blob(None, "cours", 9),
        Err(BrowseError::WrongKind(_))
    ));
    assert_eq!(
        browse.readme(None).unwrap(),
        Some(("readme.md".to_owned(), b"# Deux".to_vec()))
    );
    assert_eq!(browse.readme(Some("v1")).unwrap().unwrap().0, "README.txt");
    let refs = browse.refs().unwrap();
    assert_eq!(refs.len(), 3);
    assert!(
        refs.iter()
            .any(|r| r.name == "refs/tags/v2" && r.oid == two)
    );
}

#[tokio::test]
async fn history_is_paged_and_each_entry_knows_its_last_commit() {
    let bench = Bench::new();
    let repo = bench
        .repos
        .create("abc", "main", ObjectFormat::Sha1)
        .await
        .unwrap();
    let mut all = Vec::new();
    for n in 0..6u8 {
        let file = if n % 2 == 0 { "even/x" } else { "odd" };
        all.push(bench.commit(&repo, "refs/heads/main", &[(file, &[n])]));
    }
    let browse = repo.browse().unwrap();
    let oids = |commits: Vec<Commit>| commits.into_iter().map(|c| c.oid).collect::<Vec<_>>();
    let page = browse.commits(None, None, 0, 100).unwrap();
    assert_eq!(page.len(), 6);
    assert_eq!(
        (page[0].author.as_str(), page[0].summary.as_str()),
        ("Ana", "work")
    );
    assert_eq!(
        oids(browse.commits(None, None, 4, 1).unwrap()),
        oids(page)[4..5]
    );
    assert_eq!(
        oids(browse.commits(None, Some("odd"), 0, 9).unwrap()),
        [all[5].clone(), all[3].clone(), all[1].clone()]
    );
    assert_eq!(browse.commits(None, Some("even/x"), 2, 9).unwrap().len(), 1);
    let last = browse.last_commit_for_tree_entries(None, "").unwrap();
    let of = |name: &str| {
        last.iter()
            .find(|l| l.name == name)
            .unwrap()
            .commit
            .clone()
            .unwrap()
            .oid
    };
    assert_eq!((of("even"), of("odd")), (all[4].clone(), all[5].clone()));
}

#[tokio::test]
async fn a_repository_that_the_library_cannot_read_says_so() {
    let bench = Bench::new();
    let repo = bench
        .repos
        .create("abc", "main", ObjectFormat::Sha256)
        .await
        .unwrap();
    assert!(matches!(repo.browse(), Err(BrowseError::Unreadable)));
}

#[tokio::test]
async fn the_longest_ref_name_of_an_address_is_meant() {
    let bench = Bench::new();
    let repo = bench
        .repos
        .create("abc", "main", ObjectFormat::Sha1)
        .await
        .unwrap();
    let one = bench.commit(&repo, "refs/heads/feature/x", &[("src/a", b"1")]);
    let two = bench.commit(&repo, "refs/heads/main", &[("feature/x", b"2")]);
    bench.git(
        &repo,
        &["update-ref", "refs/diverged/b/heads/main", one.as_str()],
    );
    bench.git(
        &repo,
        &["update-ref", "refs/heads/diverged/b", two.as_str()],
    );
    let browse = repo.browse().unwrap();
    let split = |address: &str| {
        let found = browse.split_address(address).ok()?;
        Some((found.name.unwrap_or_default(), found.commit, found.path))
    };
    let named =
        |name: &str, oid: &Oid, path: &str| Some((name.to_owned(), oid.clone(), path.to_owned()));
    assert_eq!(
        split("feature/x/src/a"),
        named("refs/heads/feature/x", &one, "src/a")
    );
    assert_eq!(
        split("main/feature/x/"),
        named("refs/heads/main", &two, "feature/x")
    );
    assert_eq!(split(&format!("{one}/src")), named("", &one, "src"));
    assert_eq!(
        split("diverged/b/heads/main/src"),
        named("refs/diverged/b/heads/main", &one, "src")
    );
    assert_eq!(
        split("diverged/b/src"),
        named("refs/heads/diverged/b", &two, "src")
    );
    assert_eq!(
        split("refs/heads/feature/x"),
        named("refs/heads/feature/x", &one, "")
    );
    for nothing in [
        "",
        "feature",
        "main~1",
        "HEAD",
        "../main",
        "refs",
        &"a/".repeat(5_000),
    ] {
        assert_eq!(split(nothing), None, "{nothing}");
    }
}

#[tokio::test]
async fn a_difference_names_what_happened_and_keeps_to_its_limits() {
    let bench = Bench::new();
    let repo = bench
        .repos
        .create("abc", "main", ObjectFormat::Sha1)
        .await
        .unwrap();
    let text: Vec<u8> = (0..50)
        .flat_map(|n| format!("line {n}\n").into_bytes())
        .collect();
    let one = bench.commit(
        &repo,
        "refs/heads/main",
        &[
            ("old.txt", &text),
            ("gone", b"x\n"),
            ("bin", b"a\0b"),
            ("same", b"s"),
        ],
    );
    bench.git(&repo, &["update-ref", "refs/heads/next", one.as_str()]);
    let mut script = b"commit refs/heads/next\ncommitter A <a@x> 1700000001 +0000\ndata 1\nx\nfrom refs/heads/next^0\nR old.txt new.txt\nD gone\n".to_vec();
    for (path, bytes) in [("bin", &b"a\0c"[..]), ("big", &b"y\n".repeat(3_000))] {
        script.extend(format!("M 100644 inline {path}\ndata {}\n", bytes.len()).bytes());
        script.extend_from_slice(bytes);
        script.push(b'\n');
    }
    bench.git_with(&repo, &["fast-import", "--quiet"], &script);
    let two = Oid::parse(&bench.git(&repo, &["rev-parse", "refs/heads/next"])).unwrap();
    let browse = repo.browse().unwrap();
    let diff = browse
        .diff(Some(&one), &two, &DiffLimits::default())
        .unwrap();
    let seen: Vec<_> = diff
        .files
        .iter()
        .map(|f| (f.path.as_str(), f.change, f.added, f.removed, f.folded))
        .collect();
    assert_eq!(
        seen,
        [
            ("big", Change::Added, 3_000, 0, Some(Folded::Large)),
            ("bin", Change::Changed, 0, 0, Some(Folded::Binary)),
            ("gone", Change::Removed, 0, 1, None),
            ("new.txt", Change::Renamed, 0, 0, None),
        ]
    );
    assert_eq!(diff.files[3].old_path, "old.txt");
    assert!(diff.complete());
    let line = &diff.files[2].hunks[0].lines[0];
    assert_eq!(
        (line.kind, line.old, line.new, line.text.as_str()),
        (LineKind::Removed, Some(1), None, "x")
    );
    let few = DiffLimits {
        files: 2,
        ..DiffLimits::default()
    };
    let cut = browse.diff(None, &one, &few).unwrap();
    assert_eq!((cut.files.len(), cut.changed), (2, 4));
    assert!(!cut.complete());
}
