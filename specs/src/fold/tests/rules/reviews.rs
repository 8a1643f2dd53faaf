//! Reviews of items: what stands of each person, and what counts.

use super::*;
use crate::{id::BodyHash, json::Object, name::Handle, statement::Verdict};

const LIBRARIAN: u8 = 31;
const READER: u8 = 41;
const OTHER: u8 = 42;

/// aa with a course; bb and cc with their administrators, bb with two more people.
struct Shelf {
    f: Federation,
    item: StatementId,
}

impl Shelf {
    fn new() -> Self {
        let (mut f, _) = opened();
        f.enrol("aa", LIBRARIAN, &["librarian"], ADMIN);
        f.open("bb");
        f.open("cc");
        f.enrol("bb", READER, &[], admin_seed("bb"));
        f.enrol("bb", OTHER, &[], admin_seed("bb"));
        let item = course(&mut f, ADMIN, "cours");
        Self { f, item }
    }

    fn head(&mut self, log: &str, by: u8, of: StatementId, verdict: &str, words: bool) -> Head {
        let text = format!(r#"{{"of":"{of}","verdict":"{verdict}"}}"#);
        let fields: Object = crate::json::parse_object(text.as_bytes()).unwrap();
        let mut head = self.f.head(log, "review", by, fields);
        head.item = Some(self.item);
        head.body = words.then_some(BodyHash([7; 32]));
        head
    }

    /// A review with words.
    fn says(&mut self, log: &str, by: u8, of: StatementId, verdict: &str) -> StatementId {
        let head = self.head(log, by, of, verdict, true);
        self.f.put(&head, &[by])
    }

    fn erase(&mut self, log: &str, by: u8, id: StatementId) {
        let text = format!(r#"{{"of":["{id}"]}}"#);
        let fields = crate::json::parse_object(text.as_bytes()).unwrap();
        let head = self.f.head(log, "erasure", by, fields);
        self.f.put(&head, &[by]);
    }

    fn version(&mut self, over: StatementId) -> StatementId {
        let head = new_version(&mut self.f, ADMIN, self.item, &[over], "cours");
        self.f.put(&head, &[ADMIN])
    }

    fn stand(&self) -> Vec<StatementId> {
        let all = self.f.fold().opinions(&self.item);
        all.iter().map(|o| o.spoken.id).collect()
    }

    fn approving(&self) -> Vec<Handle> {
        self.f.fold().approving(&self.item).into_iter().collect()
    }
}

#[test]
fn of_each_person_the_last_review_of_whatever_version_stands() {
    //= R-04-49
    let mut s = Shelf::new();
    let first = s.item;
    let old = s.says("bb", READER, first, "reject");
    let kept = s.says("bb", OTHER, first, "comment");
    let second = s.version(first);
    assert_eq!(s.stand(), [old, kept]);
    let new = s.says("bb", READER, second, "approve");
    let own = s.says("aa", LIBRARIAN, second, "comment");
    // The owner's people come first.
    assert_eq!(s.stand(), [own, kept, new]);
    let opinions = s.f.fold().opinions(&s.item);
    assert_eq!(
        (opinions[2].of, opinions[2].verdict),
        (second, Verdict::Approve)
    );
    assert_eq!(state(&s.f.fold(), &old), State::InForce);
    // Two of one version that do not name each other: the log has an order all the same.
    let again = s.says("bb", READER, second, "reject");
    assert_eq!(s.stand(), [own, kept, again]);
    assert!(s.f.fold().opinions(&again).is_empty());
    // At the door nobody has two heads.
    let head = s.head("bb", READER, second, "approve", false);
    let refusal = s.f.fold().would_accept(&statement(&head, &[READER]));
    assert_eq!(refusal, Err(Refusal::StaleSupersedes));
}

#[test]
fn what_is_taken_back_erased_or_of_a_withdrawn_version_does_not_stand() {
    //= R-04-49
    let mut s = Shelf::new();
    let first = s.item;
    let second = s.version(first);
    s.says("bb", READER, first, "approve");
    let mut head = s.head("bb", READER, second, "comment", false);
    let silent = s.head("bb", OTHER, second, "approve", false);
    let silent = s.f.put(&silent, &[OTHER]);
    head.supersedes = Vec::new();
    s.f.put(&head, &[READER]);
    // A verdict needs no words; a remark without words is none, and nothing older comes back.
    assert_eq!(s.stand(), [silent]);
    assert_eq!(s.approving(), [handle("bb")]);

    let mut c = s.f.fold();
    s.erase("bb", OTHER, silent);
    let log = handle("bb");
    let entry = s.f.logs[&log].last().unwrap().clone();
    let delta = c.append(&log, c.size(&log), &entry, &s.f);
    // Whoever follows the item hears of it.
    assert!(delta.items.contains(&s.item));
    assert!(c.opinions(&s.item).is_empty() && c.approving(&s.item).is_empty());
    assert_eq!(state(&c, &silent), State::InForce);
    let delta = c.truncate(&log, c.size(&log) - 1, &s.f);
    assert!(delta.items.contains(&s.item));
    assert_eq!(c.opinions(&s.item).len(), 1);

    let of_first = s.says("bb", READER, first, "approve");
    assert_eq!(s.stand(), [of_first]);
    let of = first.to_string();
    let mut head = about(
        &mut s.f,
        "withdrawal",
        ADMIN,
        &[("of", &of), ("code", "error")],
    );
    head.item = Some(s.item);
    s.f.put(&head, &[ADMIN]);
    assert!(s.stand().is_empty());
}

#[test]
fn institutions_approve_by_the_majority_of_their_people_and_never_of_their_own() {
    //= R-04-50
    let mut s = Shelf::new();
    let item = s.item;
    s.says("aa", LIBRARIAN, item, "approve");
    assert!(s.approving().is_empty());
    s.says("bb", READER, item, "approve");
    s.says("bb", OTHER, item, "approve");
    s.says("cc", admin_seed("cc"), item, "approve");
    assert_eq!(s.approving(), [handle("bb"), handle("cc")]);
    s.says("bb", OTHER, item, "reject");
    // As many for as against is not for.
    assert_eq!(s.approving(), [handle("cc")]);
    s.says("cc", admin_seed("cc"), item, "comment");
    assert!(s.approving().is_empty());
}

#[test]
fn who_published_a_version_and_handed_the_item_on_does_not_count_for_that_version() {
    //= R-04-50
    let mut s = Shelf::new();
    let item = s.item;
    s.says("aa", LIBRARIAN, item, "approve");
    s.says("bb", READER, item, "approve");
    let mut head = about(&mut s.f, "transfer", ADMIN, &[("to", "bb")]);
    head.item = Some(item);
    let transfer = s.f.put(&head, &[ADMIN]).to_string();
    let text = format!(r#"{{"slug":"repris","transfer":"{transfer}"}}"#);
    let fields = crate::json::parse_object(text.as_bytes()).unwrap();
    let mut head = s.f.head("bb", "acceptance", admin_seed("bb"), fields);
    head.item = Some(item);
    s.f.put(&head, &[admin_seed("bb")]);
    // Neither of it: bb owns it now, and aa's review is of what aa published.
    assert_eq!(s.f.fold().item(&item).unwrap().owner, handle("bb"));
    assert!(s.approving().is_empty());
    let mut head = s.f.resource("bb", admin_seed("bb"), "repris");
    head.item = Some(item);
    head.supersedes = vec![item];
    let theirs = s.f.put(&head, &[admin_seed("bb")]);
    s.says("aa", LIBRARIAN, theirs, "approve");
    assert_eq!(s.approving(), [handle("aa")]);
}
