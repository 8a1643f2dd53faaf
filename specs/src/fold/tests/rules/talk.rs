//! Threads, merge requests, reviews, adoptions.

use super::*;
use crate::{
    fold::{Comment, ThreadView},
    json::Object,
    statement::{OpenState, Use, Verdict},
};

const DEVELOPER: u8 = 31;
const READER: u8 = 41;

/// aa with a repository and a push; bb with an administrator, a developer and somebody without a role.
struct Talk {
    f: Federation,
    repo: StatementId,
}

impl Talk {
    fn new() -> Self {
        let (mut f, admin) = opened();
        let (repo, _) = with_repository(&mut f, admin);
        f.open("bb");
        f.enrol("bb", DEVELOPER, &["developer"], admin_seed("bb"));
        f.enrol("bb", READER, &[], admin_seed("bb"));
        Self { f, repo }
    }

    fn head(&mut self, log: &str, kind: &str, author: u8, json: &str) -> Head {
        let fields: Object = crate::json::parse_object(json.as_bytes()).unwrap();
        let mut head = self.f.head(log, kind, author, fields);
        head.item = Some(self.repo);
        head
    }

    fn put(&mut self, log: &str, kind: &str, author: u8, json: &str) -> StatementId {
        let head = self.head(log, kind, author, json);
        self.f.put(&head, &[author])
    }

    fn edit(
        &mut self,
        log: &str,
        kind: &str,
        author: u8,
        json: &str,
        over: &[StatementId],
    ) -> StatementId {
        let mut head = self.head(log, kind, author, json);
        head.supersedes = over.to_vec();
        head.supersedes.sort();
        self.f.put(&head, &[author])
    }

    fn asked(
        &mut self,
        log: &str,
        kind: &str,
        author: u8,
        json: &str,
        over: &[StatementId],
    ) -> Result<(), Refusal> {
        let mut head = self.head(log, kind, author, json);
        head.supersedes = over.to_vec();
        self.f.fold().would_accept(&statement(&head, &[author]))
    }

    fn threads(&self) -> Vec<ThreadView> {
        self.f.fold().threads(&self.repo)
    }
}

fn thread(root: StatementId) -> String {
    format!(r#"{{"thread":"{root}"}}"#)
}

fn version(root: StatementId, digit: u8) -> String {
    let new = digit.to_string().repeat(40);
    format!(r#"{{"new":"{new}","request":"{root}","target":"refs/heads/main"}}"#)
}

fn opening(digit: u8) -> String {
    let new = digit.to_string().repeat(40);
    format!(r#"{{"new":"{new}","target":"refs/heads/main"}}"#)
}

fn ids(comments: &[Comment]) -> Vec<StatementId> {
    comments.iter().map(|c| c.first.id).collect()
}

#[test]
fn anybody_enrolled_anywhere_opens_threads_and_answers() {
    //= R-04-34, R-04-35
    let mut t = Talk::new();
    let root = t.put("bb", "thread", READER, r#"{"labels":["bug"]}"#);
    let answer = t.put("aa", "thread", ADMIN, &thread(root));
    let reply = format!(r#"{{"reply_to":"{answer}","thread":"{root}"}}"#);
    let reply = t.put("bb", "thread", READER, &reply);
    let stranger = t.put("bb", "thread", 99, &thread(root));
    let c = t.f.fold();
    assert_eq!(refused(&c, &stranger), Some(Reason::NotEnrolled));
    let views = t.threads();
    assert_eq!(views.len(), 1);
    let view = &views[0];
    assert_eq!((view.root.id, view.state), (root, OpenState::Open));
    assert_eq!(view.labels, ["bug"]);
    // The owner's words come first.
    assert_eq!(ids(&view.comments), [answer, reply]);
    assert_eq!(view.comments[1].reply_to, Some(answer));
    assert_eq!(c.thread(&root).as_ref(), Some(view));
    assert_eq!(c.thread_of(&reply), Some(root));
    assert_eq!(c.item_of(&reply).map(|i| i.id), Some(t.repo));
    assert!(c.requests(&t.repo).is_empty());
}

#[test]
fn what_is_said_waits_for_its_item_and_its_thread() {
    //= R-04-34, R-04-35
    let mut t = Talk::new();
    let root = t.put("aa", "thread", ADMIN, "{}");
    let comment = t.put("bb", "thread", READER, &thread(root));
    let fork = t.put("bb", "merge-request", DEVELOPER, &opening(2));
    let review = format!(r#"{{"of":"{fork}","verdict":"approve"}}"#);
    let review = t.put("bb", "review", READER, &review);
    let all = [comment, fork, review];
    let mut c = Catalogue::new(&t.f.chain);
    let append = |c: &mut Catalogue, log: &str| {
        let mut items = std::collections::BTreeSet::new();
        for (n, entry) in t.f.logs[&handle(log)].iter().enumerate() {
            items.extend(c.append(&handle(log), n as u64, entry, &t.f).items);
        }
        items
    };
    append(&mut c, "bb");
    assert_eq!(all.map(|id| state(&c, &id)), [State::Pending; 3]);
    append(&mut c, "aa");
    assert_eq!(all.map(|id| state(&c, &id)), [State::InForce; 3]);
    assert_eq!(c.requests(&t.repo)[0].reviews.len(), 1);
    // When the log with the item goes, it waits again.
    let size = c.size(&handle("aa"));
    c.truncate(&handle("aa"), 0, &t.f);
    assert_eq!(all.map(|id| state(&c, &id)), [State::Pending; 3]);
    assert!(c.threads(&t.repo).is_empty() && size > 0);
}

#[test]
fn what_is_about_no_item_or_another_thread_is_refused() {
    //= R-04-34, R-04-35
    let mut t = Talk::new();
    let course = course(&mut t.f, ADMIN, "cours");
    let repo = t.repo;
    let root = t.put("aa", "thread", ADMIN, "{}");
    t.repo = root;
    let of_thread = t.put("bb", "thread", READER, "{}");
    t.repo = course;
    let to_course = t.put("bb", "merge-request", DEVELOPER, &opening(2));
    let other_item = t.put("bb", "thread", READER, &thread(root));
    let of_course = t.put("bb", "thread", READER, "{}");
    t.repo = repo;
    let no_opening = t.put("bb", "thread", READER, &thread(of_course));
    let reply = format!(r#"{{"reply_to":"{of_course}","thread":"{root}"}}"#);
    let reply = t.put("bb", "thread", READER, &reply);
    let not_request = t.put("bb", "merge-request", DEVELOPER, &version(root, 3));
    let c = t.f.fold();
    for id in [of_thread, to_course] {
        assert_eq!(refused(&c, &id), Some(Reason::NoItem));
    }
    for id in [other_item, no_opening, reply, not_request] {
        assert_eq!(refused(&c, &id), Some(Reason::NoThread));
    }
    assert_eq!(state(&c, &of_course), State::InForce);
}

#[test]
fn a_comment_is_edited_by_its_author_and_concurrent_edits_all_stand() {
    //= R-04-39, R-04-40
    let mut t = Talk::new();
    let root = t.put("bb", "thread", READER, "{}");
    let comment = t.put("bb", "thread", READER, &thread(root));
    let edited = t.edit("bb", "thread", READER, &thread(root), &[comment]);
    let again = t.edit("bb", "thread", READER, &thread(root), &[comment]);
    let by_other = t.edit("aa", "thread", ADMIN, &thread(root), &[comment]);
    let title = t.edit("bb", "thread", READER, &thread(root), &[root]);
    let c = t.f.fold();
    assert_eq!(state(&c, &comment), State::Superseded);
    let view = &t.threads()[0];
    assert_eq!(view.root.id, root);
    assert_eq!(view.heads.iter().map(|h| h.id).collect::<Vec<_>>(), [title]);
    // Somebody else's edit is a comment of its own.
    assert_eq!(ids(&view.comments), [by_other, comment]);
    let heads: Vec<_> = view.comments[1].heads.iter().map(|h| h.id).collect();
    assert_eq!(heads, [again, edited]);
    // A third edit over both mends.
    let both = t.edit("bb", "thread", READER, &thread(root), &[edited, again]);
    let heads: Vec<_> = t.threads()[0].comments[1]
        .heads
        .iter()
        .map(|h| h.id)
        .collect();
    assert_eq!(heads, [both]);
    // The door asks that what is edited stands, and is the person's own.
    for over in [comment, by_other] {
        assert_eq!(
            t.asked("bb", "thread", READER, &thread(root), &[over]),
            Err(Refusal::StaleSupersedes)
        );
    }
    assert_eq!(
        t.asked("bb", "thread", READER, &thread(root), &[both]),
        Ok(())
    );
    assert_eq!(t.asked("bb", "thread", READER, &thread(root), &[]), Ok(()));
}

#[test]
fn the_owners_developers_open_close_and_label() {
    //= R-04-37
    let mut t = Talk::new();
    let root = t.put("bb", "thread", READER, r#"{"labels":["help"]}"#);
    let request = t.put("bb", "merge-request", DEVELOPER, &opening(2));
    let close = |id: StatementId| format!(r#"{{"state":"closed","thread":"{id}"}}"#);
    let by_author = t.put("bb", "thread", READER, &close(root));
    let by_other = t.put("bb", "thread", DEVELOPER, &close(root));
    let wrong_kind = t.put("aa", "thread", ADMIN, &close(request));
    let c = t.f.fold();
    assert!(matches!(refused(&c, &by_author), Some(Reason::Role(_))));
    assert_eq!(refused(&c, &by_other), Some(Reason::NotOwners));
    assert_eq!(refused(&c, &wrong_kind), Some(Reason::NoThread));
    assert_eq!(t.threads()[0].state, OpenState::Open);
    t.put("aa", "thread", ADMIN, &close(root));
    let label = |id: StatementId| format!(r#"{{"labels":["bug","easy"],"thread":"{id}"}}"#);
    t.put("aa", "thread", ADMIN, &label(root));
    t.put("aa", "thread", ADMIN, &label(request));
    let members = format!(r#"{{"request":"{request}","state":"closed"}}"#);
    t.put("aa", "merge-request", ADMIN, &members);
    let view = &t.threads()[0];
    assert_eq!(view.state, OpenState::Closed);
    assert_eq!(view.labels, ["bug", "easy"]);
    let view = &t.f.fold().requests(&t.repo)[0];
    assert_eq!(view.state, OpenState::Closed);
    assert_eq!(view.labels, ["bug", "easy"]);
    // Said last, shown.
    let members = format!(r#"{{"request":"{request}","state":"open"}}"#);
    t.put("aa", "merge-request", ADMIN, &members);
    assert_eq!(t.f.fold().requests(&t.repo)[0].state, OpenState::Open);
}

#[test]
fn a_merge_request_has_versions_of_its_author_and_reviews_of_each() {
    //= R-04-36, R-04-38
    let mut t = Talk::new();
    let by_reader = t.put("bb", "merge-request", READER, &opening(2));
    let root = t.put("bb", "merge-request", DEVELOPER, &opening(2));
    let review =
        |of: StatementId, verdict: &str| format!(r#"{{"of":"{of}","verdict":"{verdict}"}}"#);
    t.put("aa", "review", ADMIN, &review(root, "reject"));
    let second = t.edit("bb", "merge-request", DEVELOPER, &version(root, 3), &[root]);
    let by_other = t.put("bb", "merge-request", admin_seed("bb"), &version(root, 4));
    let elsewhere = t.put("aa", "merge-request", ADMIN, &version(root, 4));
    let approved = t.put("aa", "review", ADMIN, &review(second, "comment"));
    let changed = t.edit(
        "aa",
        "review",
        ADMIN,
        &review(second, "approve"),
        &[approved],
    );
    let other = t.edit(
        "bb",
        "review",
        READER,
        &review(second, "approve"),
        &[approved],
    );
    let comment = t.put("aa", "thread", ADMIN, &thread(root));
    let of_item = t.put("bb", "review", READER, &review(t.repo, "approve"));
    let of_comment = t.put("bb", "review", READER, &review(comment, "approve"));
    let c = t.f.fold();
    assert!(matches!(refused(&c, &by_reader), Some(Reason::Role(_))));
    for id in [by_other, elsewhere] {
        assert_eq!(refused(&c, &id), Some(Reason::NotYours));
    }
    assert_eq!(refused(&c, &of_comment), Some(Reason::NoVersion));
    assert_eq!(state(&c, &approved), State::Superseded);
    let views = c.requests(&t.repo);
    assert_eq!(views.len(), 1);
    let view = &views[0];
    let versions: Vec<_> = view
        .versions
        .iter()
        .map(|v| (v.spoken.id, &v.new[..1], v.head))
        .collect();
    assert_eq!(versions, [(root, "2", false), (second, "3", true)]);
    assert_eq!(view.current().spoken.id, second);
    let reviews: Vec<_> = view
        .current_reviews()
        .map(|r| (r.spoken.id, r.verdict))
        .collect();
    assert_eq!(
        reviews,
        [(changed, Verdict::Approve), (other, Verdict::Approve)]
    );
    assert_eq!(view.reviews.len(), 3);
    assert_eq!(ids(&view.comments), [comment]);
    assert_eq!(c.reviews(&t.repo)[0].spoken.id, of_item);
    assert_eq!(c.thread_of(&changed), Some(root));
    assert_eq!(c.request(&root).as_ref(), Some(view));
    assert!(c.threads(&t.repo).is_empty());
    // The door: a version names the one before, a review the person's own of that version.
    for (over, expected) in [
        (vec![], Err(Refusal::StaleSupersedes)),
        (vec![root], Err(Refusal::StaleSupersedes)),
        (vec![second], Ok(())),
    ] {
        let found = t.asked("bb", "merge-request", DEVELOPER, &version(root, 5), &over);
        assert_eq!(found, expected);
    }
    let again = review(second, "reject");
    assert_eq!(
        t.asked("aa", "review", ADMIN, &again, &[]),
        Err(Refusal::StaleSupersedes)
    );
    assert_eq!(t.asked("aa", "review", ADMIN, &again, &[changed]), Ok(()));
}

#[test]
fn an_institution_says_what_it_uses_and_takes_it_back() {
    //= R-04-39, R-04-41
    let mut t = Talk::new();
    let uses =
        |status: &str| format!(r#"{{"since":"2026-09-01","status":"{status}","version":"1.0"}}"#);
    let by_reader = t.put("bb", "adoption", READER, &uses("in-use"));
    let testing = t.put("bb", "adoption", DEVELOPER, &uses("testing"));
    assert_eq!(
        t.asked("bb", "adoption", DEVELOPER, &uses("in-use"), &[]),
        Err(Refusal::StaleSupersedes)
    );
    let in_use = t.edit("bb", "adoption", DEVELOPER, &uses("in-use"), &[testing]);
    let own = t.put("aa", "adoption", ADMIN, &uses("in-use"));
    let c = t.f.fold();
    assert!(matches!(refused(&c, &by_reader), Some(Reason::Role(_))));
    let shown: Vec<_> = c
        .adoptions(&t.repo)
        .iter()
        .map(|a| (a.spoken.id, a.status))
        .collect();
    assert_eq!(shown, [(own, Use::InUse), (in_use, Use::InUse)]);
    let by = c.adoptions_by(&handle("bb"));
    assert_eq!(
        (by.len(), by[0].item, by[0].since.as_str()),
        (1, t.repo, "2026-09-01")
    );
    // What the owner says of its own use is no gift to others.
    let from: Vec<_> = c
        .adoptions_from(&handle("aa"))
        .iter()
        .map(|a| a.spoken.id)
        .collect();
    assert_eq!(from, [in_use]);
    assert!(c.adoptions_from(&handle("bb")).is_empty());
    t.edit("bb", "adoption", DEVELOPER, &uses("withdrawn"), &[in_use]);
    let by = t.f.fold().adoptions_by(&handle("bb"));
    assert_eq!((by.len(), by[0].status), (1, Use::Withdrawn));
}

#[test]
fn followers_hear_of_the_item_that_is_talked_about() {
    //= R-04-34
    let mut t = Talk::new();
    let mut c = t.f.fold();
    let root = t.put("bb", "thread", READER, "{}");
    t.put("bb", "thread", READER, &thread(root));
    t.put("bb", "thread", ADMIN, &thread(root));
    let log = handle("bb");
    while c.size(&log) < t.f.logs[&log].len() as u64 {
        let position = c.size(&log);
        let entry = &t.f.logs[&log][position as usize];
        let delta = c.append(&log, position, entry, &t.f);
        assert!(delta.items.contains(&t.repo), "{position}");
    }
    let delta = c.truncate(&log, c.size(&log) - 2, &t.f);
    assert!(delta.items.contains(&t.repo));
}
