use commun_forge::crosswalk::{
    Origin, Report,
    format::{self, Format},
};
use commun_specs::{id::StatementId, metadata::View, name::Role};
use serde_json::json;

use super::{Column, CorrectError, Corrections, Edit, How, Standing, Table, Task, To, What};
use crate::{imports::Imports, testing::Node};

fn dc(title: &str, id: u32) -> String {
    format!(
        "<oai_dc:dc xmlns:oai_dc='http://www.openarchives.org/OAI/2.0/oai_dc/' xmlns:dc='http://purl.org/dc/elements/1.1/'>\
         <dc:title xml:lang='fr'>{title}</dc:title><dc:identifier>https://depot.example/{id}</dc:identifier><dc:language>fr</dc:language>\
         <dc:creator>Essai, Anne</dc:creator><dc:rights>https://creativecommons.org/licenses/by/4.0/</dc:rights></oai_dc:dc>"
    )
}

/// Takes a record in as a harvest would, and gives its item.
async fn harvest(node: &Node, title: &str, id: u32) -> StatementId {
    let origin = Origin::named("fiche.xml");
    let read = format::read(Format::OaiDc, dc(title, id).as_bytes(), &origin).expect("readable");
    let imports = Imports::new(node.core.clone(), node.blobs.clone());
    let mut report = Report::default();
    let taken = imports
        .take(&node.admin(), "", read.found, false, &mut report)
        .await
        .expect("taken");
    taken[0].id.expect("an item")
}

fn corrections(node: &Node) -> Corrections {
    Corrections::new(node.core.clone(), node.resources.clone())
}

fn edit(column: &str, to: To) -> Edit {
    Edit {
        column: column.parse::<Column>().expect("a column"),
        to,
    }
}

fn set(column: &str, value: serde_json::Value) -> Vec<Edit> {
    vec![edit(column, To::Value(value))]
}

fn standing(node: &Node, item: &StatementId) -> Standing {
    corrections(node).standing(item).expect("there")
}

fn view(node: &Node, item: &StatementId) -> View {
    standing(node, item).record.view()
}

fn title(node: &Node, item: &StatementId) -> String {
    view(node, item).titles[0].1.clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_correction_survives_every_harvest_and_is_taken_back_to_what_the_source_says_now() {
    let node = Node::first().await;
    let item = harvest(&node, "Suites recurentes", 1).await;
    let (me, admin) = (corrections(&node), node.admin());
    let done = me
        .correct(
            &admin,
            &item,
            &set("title[fr]", json!("Suites récurrentes")),
            None,
            false,
        )
        .await
        .expect("corrected");
    assert!(done.position.is_some());
    assert_eq!(done.changes.len(), 1, "{:?}", done.changes);
    node.finds("récurrentes", 1).await;

    // The same once more is no statement.
    let again = set("title[fr]", json!("Suites récurrentes"));
    let same = me.correct(&admin, &item, &again, None, false).await;
    let same = same.expect("nothing to do");
    assert_eq!((same.position, same.version), (None, done.version));

    assert_eq!(harvest(&node, "Suites, bis", 1).await, item);
    assert_eq!(title(&node, &item), "Suites récurrentes");
    let titles = standing(&node, &item).record.values("title");
    assert!(titles.iter().any(|t| t.v == "Suites, bis"), "{titles:?}");

    let undone = me
        .undo(&admin, &item, None, None, false)
        .await
        .expect("undone");
    assert_eq!(title(&node, &item), "Suites, bis");
    // The taking back is a statement, can be named and taken back, and the newest that stands is none now.
    let history = me.history(&standing(&node, &item).item).expect("a history");
    let what: Vec<What> = history.iter().map(|entry| entry.what).collect();
    assert_eq!(
        what,
        [What::Undone, What::Stated, What::Corrected, What::Stated]
    );
    assert_eq!(history[0].undoes, Some(done.version));
    assert!(history[0].current && !history[1].current);
    assert_eq!(history[2].changes[0].new, Some(json!("Suites récurrentes")));
    let nothing = me.undo(&admin, &item, None, None, false).await;
    assert!(
        matches!(nothing, Err(CorrectError::Nothing(_))),
        "{nothing:?}"
    );
    me.undo(&admin, &item, Some(undone.version), None, false)
        .await
        .expect("again");
    assert_eq!(title(&node, &item), "Suites récurrentes");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_in_no_language_is_corrected_in_that_of_the_content() {
    let node = Node::first().await;
    let bare = dc("Suites", 9).replace(" xml:lang='fr'", "");
    let read = format::read(Format::OaiDc, bare.as_bytes(), &Origin::named("x")).expect("readable");
    let imports = Imports::new(node.core.clone(), node.blobs.clone());
    let mut report = Report::default();
    let taken = imports
        .take(&node.admin(), "", read.found, false, &mut report)
        .await;
    let item = taken.expect("taken")[0].id.expect("an item");
    let (me, admin) = (corrections(&node), node.admin());
    let titles = || view(&node, &item).titles;
    assert_eq!(titles(), [("und".to_owned(), "Suites".to_owned())]);
    for column in ["title", "title[fr]"] {
        me.correct(&admin, &item, &set(column, json!("Séries")), None, false)
            .await
            .expect("corrected");
        assert_eq!(
            titles(),
            [("fr".to_owned(), "Séries".to_owned())],
            "{column}"
        );
        me.correct(&admin, &item, &[edit(column, To::Back)], None, false)
            .await
            .expect("taken back");
        assert_eq!(
            titles(),
            [("und".to_owned(), "Suites".to_owned())],
            "{column}"
        );
    }
    // Another language stands beside it.
    me.correct(
        &admin,
        &item,
        &set("title[en]", json!("Sequences")),
        None,
        false,
    )
    .await
    .expect("corrected");
    assert_eq!(titles().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn undoing_goes_back_step_by_step() {
    let node = Node::first().await;
    let item = harvest(&node, "Un", 1).await;
    let (me, admin) = (corrections(&node), node.admin());
    for text in ["Deux", "Trois"] {
        let edits = set("title[fr]", json!(text));
        me.correct(&admin, &item, &edits, None, false)
            .await
            .expect("corrected");
    }
    let other = set("level", json!(["L1"]));
    let level = me
        .correct(&admin, &item, &other, None, false)
        .await
        .expect("corrected");
    assert_eq!(level.warnings.len(), 1, "{:?}", level.warnings);
    for (title_now, levels) in [("Trois", 0), ("Deux", 0), ("Un", 0)] {
        me.undo(&admin, &item, None, None, false)
            .await
            .expect("undone");
        assert_eq!(
            (
                title(&node, &item).as_str(),
                view(&node, &item).levels.len()
            ),
            (title_now, levels)
        );
    }
    // One in the middle, whatever came later.
    me.undo(&admin, &item, Some(level.version), None, false)
        .await
        .expect_err("taken back already");
    let edits = vec![
        edit("creators", To::Empty),
        edit("title", To::Value(json!("Quatre"))),
    ];
    me.correct(&admin, &item, &edits, None, false)
        .await
        .expect("corrected");
    assert!(view(&node, &item).creators.is_empty());
    let back = vec![edit("creators", To::Back), edit("level", To::Back)];
    let done = me
        .correct(&admin, &item, &back, None, false)
        .await
        .expect("corrected");
    assert_eq!(done.warnings.len(), 1, "{:?}", done.warnings);
    assert_eq!(view(&node, &item).creators.len(), 1);
    assert_eq!(title(&node, &item), "Quatre");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_at_once_one_is_told_what_changed() {
    let node = Node::first().await;
    let item = harvest(&node, "Un", 1).await;
    let (me, admin) = (corrections(&node), node.admin());
    let read = Some(standing(&node, &item).version);
    let (first, second) = (set("title[fr]", json!("A")), set("title[fr]", json!("B")));
    let (a, b) = tokio::join!(
        me.correct(&admin, &item, &first, read, false),
        me.correct(&admin, &item, &second, read, false),
    );
    let lost = match (a, b) {
        (Ok(_), Err(e)) | (Err(e), Ok(_)) => e,
        both => panic!("one of them: {both:?}"),
    };
    let CorrectError::Changed {
        changes, version, ..
    } = &lost
    else {
        panic!("{lost}");
    };
    assert_eq!(changes[0].field, "title");
    assert_eq!(*version, standing(&node, &item).version);
    // Without a version to compare with, the second one goes on top.
    me.correct(&admin, &item, &set("title[fr]", json!("C")), None, false)
        .await
        .expect("corrected");
    assert_eq!(title(&node, &item), "C");
    let strange = me.correct(&admin, &item, &first, Some(item), false).await;
    assert!(
        matches!(strange, Err(CorrectError::Changed { .. })),
        "{strange:?}"
    );
    let other = harvest(&node, "Autre", 2).await;
    let strange = me.correct(&admin, &item, &first, Some(other), false).await;
    assert!(
        matches!(strange, Err(CorrectError::Invalid(_))),
        "{strange:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_refused_whole_with_all_that_is_wrong() {
    let node = Node::first().await;
    let item = harvest(&node, "Un", 1).await;
    let (me, admin) = (corrections(&node), node.admin());
    let before = standing(&node, &item).version;
    let edits = vec![
        edit("title[fr]", To::Value(json!("Bon"))),
        edit("level", To::Value(json!(["nothing like it"]))),
        edit("created", To::Value(json!("gestern"))),
        edit("files", To::Empty),
    ];
    let refused = me.correct(&admin, &item, &edits, None, false).await;
    let Err(CorrectError::Invalid(problems)) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(problems.0.len(), 3, "{problems}");
    assert_eq!(standing(&node, &item).version, before);
    // A dry run says what would be shown, and states nothing.
    let dry = me
        .correct(&admin, &item, &edits[..1], None, true)
        .await
        .expect("fit");
    assert_eq!((dry.position, dry.changes.len()), (None, 1));
    assert_eq!(standing(&node, &item).version, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_owners_librarians_and_the_publisher_correct() {
    let (a, b) = Node::two().await;
    let item = harvest(&a, "Un", 1).await;
    a.carry_to(&b).await;
    let edits = set("title[fr]", json!("Deux"));
    let refused = corrections(&b)
        .correct(&b.admin(), &item, &edits, None, false)
        .await;
    assert!(
        matches!(refused, Err(CorrectError::NotAllowed(_))),
        "{refused:?}"
    );
    let mut publisher = a.admin();
    publisher.roles = vec![Role::Publisher];
    publisher.id = item;
    let refused = corrections(&a)
        .correct(&publisher, &item, &edits, None, false)
        .await;
    assert!(
        matches!(refused, Err(CorrectError::NotAllowed(_))),
        "{refused:?}"
    );
    corrections(&a)
        .correct(&a.admin(), &item, &edits, None, false)
        .await
        .expect("corrected");
    // The other institution sees what was corrected, and by whom.
    a.carry_to(&b).await;
    assert_eq!(title(&b, &item), "Deux");
    let sources = standing(&b, &item).record;
    let by = sources.values("title")[0].src.by.clone();
    assert_eq!(by, Some(a.admin().key.to_string()));
}

/// Counts how often others had a turn while something ran, on a runtime with one thread.
async fn turns<T>(work: impl Future<Output = T>) -> (T, usize) {
    let turns = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counting = turns.clone();
    let other = tokio::spawn(async move {
        loop {
            counting.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            tokio::task::yield_now().await;
        }
    });
    let done = work.await;
    other.abort();
    (done, turns.load(std::sync::atomic::Ordering::Relaxed))
}

#[tokio::test]
async fn others_have_a_turn_while_a_batch_is_checked() {
    const MANY: usize = 40;
    let node = Node::first().await;
    let item = harvest(&node, "Titre", 1).await;
    // Each of them is checked, none is stated.
    let tasks = (0..MANY).map(|at| Task {
        record: format!("row {at}"),
        item,
        base: Some(StatementId::of(&[at as u8])),
        edits: set("publishers", json!(["Université"])),
    });
    let dry = How {
        dry_run: true,
        ..How::default()
    };
    let mut report = Report::default();
    let (me, admin) = (corrections(&node), node.admin());
    let (done, turns) = turns(me.many(&admin, tasks.collect(), dry, &mut report)).await;
    assert!(
        done.is_ok() && report.refused as usize == MANY,
        "{report:?}"
    );
    assert!(turns >= MANY, "{turns} turns for {MANY} tasks");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_are_corrected_each_or_all_and_the_report_says_what() {
    let node = Node::first().await;
    let (me, admin) = (corrections(&node), node.admin());
    let mut items = Vec::new();
    for id in 0..5 {
        items.push(harvest(&node, &format!("Titre {id}"), id).await);
    }
    let tasks = |wrong: bool| -> Vec<Task> {
        let made = items.iter().enumerate().map(|(at, item)| Task {
            record: format!("row {at}"),
            item: *item,
            base: None,
            edits: match (wrong, at) {
                (true, 3) => set("level", json!(["nothing"])),
                (_, 4) => set("title[fr]", json!("Titre 4")),
                _ => set("publishers", json!(["Université"])),
            },
        });
        made.collect()
    };
    let all = How {
        all: true,
        ..How::default()
    };
    let mut report = Report::default();
    me.many(&admin, tasks(true), all, &mut report)
        .await
        .expect("told");
    assert_eq!(
        (
            report.records,
            report.changed,
            report.refused,
            report.unchanged
        ),
        (5, 0, 1, 1)
    );
    assert!(view(&node, &items[0]).publishers.is_empty());
    let dry = How {
        dry_run: true,
        ..How::default()
    };
    let mut report = Report::default();
    me.many(&admin, tasks(true), dry, &mut report)
        .await
        .expect("told");
    assert_eq!((report.changed, report.refused), (3, 1));
    assert!(view(&node, &items[0]).publishers.is_empty());
    let mut report = Report::default();
    let done = me
        .many(&admin, tasks(true), How::default(), &mut report)
        .await
        .expect("told");
    assert_eq!((report.changed, report.refused, done.len()), (3, 1, 4));
    let rules: Vec<&str> = report
        .lines
        .iter()
        .map(|l| l.problem.rule.as_str())
        .collect();
    assert!(
        rules.contains(&"corrected") && rules.contains(&"not-corrected"),
        "{rules:?}"
    );
    assert_eq!(view(&node, &items[2]).publishers[0].name, "Université");
    // Two lines of one item are one version.
    let twice = vec![
        Task {
            record: "a".into(),
            item: items[0],
            base: None,
            edits: set("level", json!(["fr-l1"])),
        },
        Task {
            record: "b".into(),
            item: items[0],
            base: None,
            edits: set("title[fr]", json!("Neuf")),
        },
    ];
    let before = standing(&node, &items[0]).item.versions.len();
    let mut report = Report::default();
    me.many(&admin, twice, How::default(), &mut report)
        .await
        .expect("told");
    assert_eq!(standing(&node, &items[0]).item.versions.len(), before + 1);
    assert_eq!(title(&node, &items[0]), "Neuf");
    // A line that was made from a version that is not shown any more does not hide behind one that was.
    let shown = standing(&node, &items[0]);
    let older = *shown
        .item
        .versions
        .iter()
        .find(|v| **v != shown.version)
        .unwrap();
    let from = |base, title: &str| Task {
        record: title.to_owned(),
        item: items[0],
        base: Some(base),
        edits: set("title[fr]", json!(title)),
    };
    let mut report = Report::default();
    let rows = vec![from(shown.version, "À jour"), from(older, "Périmé")];
    me.many(&admin, rows, How::default(), &mut report)
        .await
        .expect("told");
    assert_eq!((report.changed, report.refused), (1, 1));
    assert_eq!(title(&node, &items[0]), "À jour");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_goes_out_and_comes_in_with_the_cells_that_were_changed() {
    let node = Node::first().await;
    let (me, admin) = (corrections(&node), node.admin());
    let items = vec![
        harvest(&node, "=Suites; \"et\" séries", 1).await,
        harvest(&node, "Deux", 2).await,
        harvest(&node, "Trois", 3).await,
    ];
    let out = |delimiter, columns: &[&str]| {
        let table = Table {
            items: items.clone(),
            columns: columns.iter().map(|c| c.parse().unwrap()).collect(),
            delimiter,
        };
        me.table(&table, &mut Report::default()).expect("a table")
    };
    // Out and in without a change is no correction, whatever stands between cells.
    for delimiter in [',', ';', '\t'] {
        let text = out(delimiter, &[]);
        assert!(text.starts_with("\u{feff}id"));
        let mut report = Report::default();
        let tasks = me
            .changed_rows(text.as_bytes(), &mut report)
            .expect("readable");
        assert!(tasks.is_empty(), "{tasks:?}");
        assert_eq!(
            (report.unchanged, report.lines.len()),
            (3, 0),
            "{:?}",
            report.lines
        );
    }
    let text = out(';', &["title", "level", "free"]);
    assert!(text.contains("'=Suites"), "{text}");
    let changed = text
        .replace("Deux;;", "Second;L1 | fr-l2;VRAI")
        .replace("Trois;;", ";;");
    let mut report = Report::default();
    let tasks = me
        .changed_rows(changed.as_bytes(), &mut report)
        .expect("readable");
    assert_eq!((tasks.len(), report.unchanged), (2, 1));
    // Somebody else is faster with the last one.
    let faster = set("creators", json!(["Une Autre"]));
    me.correct(&admin, &items[2], &faster, None, false)
        .await
        .expect("corrected");
    me.many(&admin, tasks, How::default(), &mut report)
        .await
        .expect("told");
    assert_eq!((report.changed, report.refused), (1, 1));
    assert!(
        report
            .lines
            .iter()
            .any(|l| l.problem.rule == "changed-since" && l.problem.wanted.starts_with("creators"))
    );
    let second = view(&node, &items[1]);
    assert_eq!(
        (second.titles[0].1.as_str(), second.free),
        ("Second", Some(true))
    );
    assert_eq!(second.levels, ["fr-l1", "fr-l2"]);
    assert_eq!(title(&node, &items[2]), "Trois");
    // Sent again, it changes nothing: what it says is said already, and the rows are older than what stands.
    let mut report = Report::default();
    let tasks = me
        .changed_rows(changed.as_bytes(), &mut report)
        .expect("readable");
    me.many(&admin, tasks, How::default(), &mut report)
        .await
        .expect("told");
    assert_eq!((report.changed, report.refused), (0, 2));
    for wrong in ["title\nx\n", ""] {
        assert!(
            me.changed_rows(wrong.as_bytes(), &mut Report::default())
                .is_err()
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_tells_the_values_that_have_no_cell() {
    let node = Node::first().await;
    let me = corrections(&node);
    let two = "Suites</dc:title><dc:title xml:lang='fr'>Suites et séries";
    let items = vec![harvest(&node, two, 1).await];
    // It is found by its second title, too.
    node.finds("séries", 1).await;
    let told = |columns: &[&str]| {
        let table = Table {
            items: items.clone(),
            columns: columns.iter().map(|c| c.parse().unwrap()).collect(),
            delimiter: ',',
        };
        let mut report = Report::default();
        let text = me.table(&table, &mut report).expect("a table");
        assert!(!text.contains("séries"), "{text}");
        let lines = report.lines.into_iter().map(|line| line.problem);
        lines
            .map(|problem| (problem.rule, problem.path, problem.given))
            .collect::<Vec<_>>()
    };
    let lost = |path: &str, given: &str| ("no-place".into(), path.into(), given.into());
    assert_eq!(told(&["title"]), [lost("title", "Suites et séries")]);
    assert_eq!(told(&["title[fr]"]), [lost("title", "Suites et séries")]);
    // Only of what the table has columns for.
    assert_eq!(told(&["level", "title[en]"]), []);
}
