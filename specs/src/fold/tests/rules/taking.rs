//! Collections, reports, erasures, and what was made from what.

use std::collections::BTreeSet;

use super::*;
use crate::{fold::ItemKind, json::Object, name::Handle};

const PUBLISHER: u8 = 31;
const READER: u8 = 41;

/// aa with a course by its administrator, a publisher, and somebody without a role; bb, opened.
fn library() -> (Federation, StatementId) {
    let (mut f, _) = opened();
    f.enrol("aa", PUBLISHER, &["publisher"], ADMIN);
    f.enrol("aa", READER, &[], ADMIN);
    f.open("bb");
    let item = course(&mut f, ADMIN, "cours");
    (f, item)
}

fn fields(json: &str) -> Object {
    crate::json::parse_object(json.as_bytes()).unwrap()
}

fn members(all: &[StatementId]) -> String {
    let all: Vec<String> = all.iter().map(|id| format!("\"{id}\"")).collect();
    format!("\"members\":[{}]", all.join(","))
}

fn collection(f: &mut Federation, log: &str, by: u8, slug: &str, all: &[StatementId]) -> Head {
    let json = format!("{{{},\"slug\":\"{slug}\"}}", members(all));
    f.head(log, "collection", by, fields(&json))
}

fn said(f: &mut Federation, log: &str, kind: &str, by: u8, item: StatementId, json: &str) -> Head {
    let mut head = f.head(log, kind, by, fields(json));
    head.item = Some(item);
    head
}

#[test]
fn a_collection_lists_items_of_every_institution_in_its_order() {
    //= R-04-46
    let (mut f, item) = library();
    let head = f.resource("bb", admin_seed("bb"), "autre");
    let other = f.put(&head, &[admin_seed("bb")]);
    let unknown = StatementId::of(b"nobody knows");
    let head = collection(&mut f, "aa", PUBLISHER, "semestre", &[other, unknown, item]);
    let made = f.put(&head, &[PUBLISHER]);
    let head = collection(&mut f, "aa", READER, "sans-role", &[item]);
    let no_role = f.put(&head, &[READER]);
    let head = collection(&mut f, "aa", PUBLISHER, "cours", &[item]);
    let taken = f.put(&head, &[PUBLISHER]);
    let c = f.fold();
    assert_eq!(c.members(&made), Some(&[other, unknown, item][..]));
    assert_eq!(c.item(&made).unwrap().kind, ItemKind::Collection);
    assert_eq!(c.collected_in(&item), [made]);
    assert!(matches!(refused(&c, &no_role), Some(Reason::Role(_))));
    assert_eq!(refused(&c, &taken), Some(Reason::SlugTaken));
    assert_eq!(c.members(&item), None);
    // A version; by somebody else only as a librarian; of another kind never.
    let mut head = collection(&mut f, "aa", ADMIN, "semestre", &[item, other]);
    (head.item, head.supersedes) = (Some(made), vec![made]);
    f.put(&head, &[ADMIN]);
    let mut head = f.resource("aa", ADMIN, "semestre");
    (head.item, head.supersedes) = (Some(made), vec![made]);
    let wrong = f.put(&head, &[ADMIN]);
    let c = f.fold();
    assert_eq!(c.members(&made), Some(&[item, other][..]));
    assert_eq!(state(&c, &made), State::Superseded);
    assert_eq!(refused(&c, &wrong), Some(Reason::NotOwner));
    assert!(c.collected_in(&unknown).is_empty());
}

#[test]
fn a_collection_with_a_list_waits_for_it() {
    //= R-04-46
    let (mut f, item) = library();
    let bytes = list::write_members(&[item]).unwrap();
    let listed = |hash, size| {
        format!("{{\"list\":{{\"sha256\":\"{hash}\",\"size\":{size}}},\"slug\":\"longue\"}}")
    };
    let json = listed(list::hash(&bytes), bytes.len());
    let head = f.head("aa", "collection", PUBLISHER, fields(&json));
    let made = f.put(&head, &[PUBLISHER]);
    let mut c = f.fold();
    assert_eq!(state(&c, &made), State::Pending);
    assert!(c.item(&made).is_none());
    let delta = c.put_list(list::hash(&bytes), &bytes, &f);
    assert!(delta.items.contains(&made));
    assert_eq!(c.members(&made), Some(&[item][..]));
    assert_eq!(c.collected_in(&item), [made]);
    // The same in whichever order they came.
    f.lists.push(bytes);
    assert_eq!(f.fold().rows(), c.rows());
    // Changes of refs are no members.
    let other = br#"{"changes":[]}"#.to_vec();
    let json = listed(list::hash(&other), other.len()).replace("longue", "fausse");
    let head = f.head("aa", "collection", PUBLISHER, fields(&json));
    let wrong = f.put(&head, &[PUBLISHER]);
    f.lists.push(other);
    let c = f.fold();
    assert_eq!(refused(&c, &wrong), Some(Reason::NoMembers));
    assert!(c.item(&wrong).is_none());
}

#[test]
fn anybody_enrolled_reports_and_changes_nothing_of_the_item() {
    //= R-04-47
    let (mut f, item) = library();
    let json = r#"{"code":"rights"}"#;
    let head = said(&mut f, "aa", "report", READER, item, json);
    let first = f.put(&head, &[READER]);
    let by_other = said(&mut f, "bb", "report", admin_seed("bb"), item, json);
    let by_other = f.put(&by_other, &[admin_seed("bb")]);
    let of = format!(r#"{{"code":"error","of":"{first}"}}"#);
    let nested = said(&mut f, "aa", "report", READER, item, &of);
    let nested = f.put(&nested, &[READER]);
    let stranger = said(&mut f, "aa", "report", 99, item, json);
    let stranger = f.put(&stranger, &[99]);
    let nothing = StatementId::of(b"nobody knows");
    let waits = said(&mut f, "aa", "report", READER, nothing, json);
    let waits = f.put(&waits, &[READER]);
    let of = format!(r#"{{"code":"error","of":"{item}"}}"#);
    let version = said(&mut f, "aa", "report", READER, item, &of);
    let version = f.put(&version, &[READER]);
    let before = f.fold();
    assert_eq!(refused(&before, &stranger), Some(Reason::NotEnrolled));
    assert_eq!(state(&before, &waits), State::Pending);
    assert_eq!(before.item(&item).unwrap().versions, [item]);
    // Once more, with other words: in place of the first. Somebody else's stays.
    let mut head = said(&mut f, "aa", "report", READER, item, json);
    head.supersedes = vec![first, by_other];
    head.supersedes.sort();
    let again = f.put(&head, &[READER]);
    let c = f.fold();
    let standing: BTreeSet<StatementId> = c.reports().iter().map(|r| r.spoken.id).collect();
    assert_eq!(standing, [again, by_other, nested, version].into());
    assert_eq!(c.item_of(&again).map(|i| i.id), Some(item));
    // At the door, a person says once what they report.
    let head = said(&mut f, "aa", "report", READER, item, json);
    let refusal = c.would_accept(&statement(&head, &[READER]));
    assert_eq!(refusal, Err(Refusal::StaleSupersedes));
}

#[test]
fn an_erasure_takes_what_was_read_out_of_its_statements() {
    //= R-04-23, R-04-48
    let (mut f, item) = library();
    let describe = |f: &mut Federation| {
        let json = format!(r#"{{"of":"{item}","text":[],"tool":"t"}}"#);
        let head = said(f, "aa", "description", NODE, item, &json);
        f.put(&head, &[NODE])
    };
    let before = describe(&mut f);
    let mut c = f.fold();
    let head = f.head(
        "aa",
        "erasure",
        READER,
        fields(&format!(r#"{{"of":["{item}"]}}"#)),
    );
    let not_theirs = f.put(&head, &[READER]);
    let head = f.head(
        "aa",
        "erasure",
        ADMIN,
        fields(&format!(r#"{{"of":["{item}"]}}"#)),
    );
    let erasure = f.put(&head, &[ADMIN]);
    let after = describe(&mut f);
    let aa = Handle::new("aa").unwrap();
    let mut erased = Vec::new();
    for position in c.size(&aa)..f.logs[&aa].len() as u64 {
        let delta = c.append(&aa, position, &f.logs[&aa][position as usize], &f);
        erased.extend(delta.erased);
    }
    assert_eq!(erased, [item, before, after]);
    assert!(matches!(refused(&c, &not_theirs), Some(Reason::Role(_))));
    for id in [item, before, after] {
        assert_eq!(c.erasure_of(&id), Some(erasure));
        assert_eq!(state(&c, &id), State::InForce);
    }
    assert_eq!(c.erasure_of(&erasure), None);
    // A log that is cut before the erasure has erased nothing.
    c.truncate(&aa, c.size(&aa) - 2, &f);
    assert_eq!(c.erasure_of(&item), None);
}

#[test]
fn what_was_made_from_an_item_is_found_from_it() {
    let (mut f, item) = library();
    let origin = format!(r#"[{{"item":"{item}","version":"{item}"}}]"#);
    let value = crate::json::parse_object(format!("{{\"x\":{origin}}}").as_bytes()).unwrap();
    let mut head = f.resource("bb", admin_seed("bb"), "adapte");
    head.fields
        .insert("derived_from".to_owned(), value["x"].clone());
    let made = f.put(&head, &[admin_seed("bb")]);
    let c = f.fold();
    assert_eq!(c.derivatives(&item), [made]);
    assert_eq!(c.origins(&made)[0].version, item);
    // A version that says nothing of it ends it.
    let mut head = f.resource("bb", admin_seed("bb"), "adapte");
    (head.item, head.supersedes) = (Some(made), vec![made]);
    f.put(&head, &[admin_seed("bb")]);
    let c = f.fold();
    assert!(c.derivatives(&item).is_empty());
    assert_eq!(c.origins_of(&made).len(), 1);
}
