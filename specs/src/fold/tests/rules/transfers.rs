//! Items that go from one institution to another.

use super::*;
use crate::json::Object;

const BB_ADMIN: u8 = 22;

/// aa with a repository and a push; bb and cc with administrators.
struct Handing {
    f: Federation,
    repo: StatementId,
    push: StatementId,
    aa: StatementId,
    bb: StatementId,
}

impl Handing {
    fn new() -> Self {
        let (mut f, aa) = opened();
        let (repo, push) = with_repository(&mut f, aa);
        let bb = f.open("bb");
        f.open("cc");
        Self {
            f,
            repo,
            push,
            aa,
            bb,
        }
    }

    fn head(&mut self, log: &str, kind: &str, members: Object) -> Head {
        let mut head = self.f.head(log, kind, admin_seed(log), members);
        head.item = Some(self.repo);
        head
    }

    fn transfer(&mut self, log: &str, to: &str) -> StatementId {
        let head = self.head(log, "transfer", object([("to", to.into())]));
        self.f.put(&head, &[admin_seed(log)])
    }

    fn acceptance(&mut self, log: &str, transfer: StatementId, slug: &str) -> Head {
        let members = object([
            ("transfer", transfer.to_string().into()),
            ("slug", slug.into()),
        ]);
        self.head(log, "acceptance", members)
    }

    fn accept(&mut self, log: &str, transfer: StatementId, slug: &str) -> StatementId {
        let head = self.acceptance(log, transfer, slug);
        self.f.put(&head, &[admin_seed(log)])
    }

    fn version(&mut self, log: &str, slug: &str, over: StatementId, pushers: &[&str]) -> Head {
        let mut head = self.f.repository(log, admin_seed(log), slug, pushers);
        head.item = Some(self.repo);
        head.supersedes = vec![over];
        head
    }

    fn door(&self, head: &Head) -> Result<(), Refusal> {
        let seed = admin_seed(head.institution.as_str());
        self.f.fold().would_accept(&statement(head, &[seed]))
    }
}

#[test]
fn ownership_begins_with_the_acceptance_and_the_old_name_stays() {
    //= R-04-42, R-04-43, R-04-44, R-04-45
    let mut h = Handing::new();
    let transfer = h.transfer("aa", "bb");
    let c = h.f.fold();
    let item = c.item(&h.repo).unwrap();
    assert_eq!(item.owner, handle("aa"));
    assert_eq!(item.offered, Some((transfer, handle("bb"))));
    // From the transfer on the old owner changes nothing, and nobody else does yet.
    let late = h.version("aa", "outil", h.repo, &["aa"]);
    assert_eq!(h.door(&late), Err(Refusal::Rule(Reason::NotOwner)));
    let late = h.f.put(&late, &[ADMIN]);
    let again = h.head("aa", "transfer", object([("to", "cc".into())]));
    assert_eq!(h.door(&again), Err(Refusal::Rule(Reason::NotToHand)));
    let again = h.f.put(&again, &[ADMIN]);
    let accept = h.acceptance("bb", transfer, "outillage");
    assert_eq!(h.door(&accept), Ok(()));
    let accepted = h.f.put(&accept, &[BB_ADMIN]);
    let c = h.f.fold();
    assert_eq!(refused(&c, &late), Some(Reason::NotOwner));
    assert_eq!(refused(&c, &again), Some(Reason::NotToHand));
    assert_eq!(state(&c, &transfer), State::InForce);
    assert_eq!(state(&c, &accepted), State::InForce);
    let item = c.item(&h.repo).unwrap();
    assert_eq!(
        (item.owner.clone(), item.slug.clone()),
        (handle("bb"), slug("outillage"))
    );
    assert_eq!((item.offered.clone(), item.policy), (None, h.repo));
    for (log, name) in [("aa", "outil"), ("bb", "outillage")] {
        assert_eq!(c.by_name(&handle(log), &slug(name)), Some(h.repo));
    }
    // The old policy is still one to push under, until there is a new one.
    let changes =
        |over: &[StatementId], old, new| vec![change("refs/heads/main", over, old, new, false)];
    let head =
        h.f.refs("aa", h.aa, h.repo, h.repo, changes(&[h.push], 1, 2));
    let second = h.f.put(&head, &[NODE]);
    assert_eq!(state(&h.f.fold(), &second), State::InForce);
    let version = h.version("bb", "outils", h.repo, &["bb"]);
    assert_eq!(h.door(&version), Ok(()));
    let policy = h.f.put(&version, &[BB_ADMIN]);
    let c = h.f.fold();
    let item = c.item(&h.repo).unwrap();
    assert_eq!((item.policy, item.displayed()), (policy, policy));
    assert_eq!(item.slug, slug("outils"));
    assert_eq!(item.aliases, [slug("outillage")].into());
    assert_eq!(state(&c, &h.repo), State::Superseded);
    // The former owner is not among the new one's pushers.
    let head =
        h.f.refs("aa", h.aa, h.repo, policy, changes(&[second], 2, 3));
    let theirs = h.f.put(&head, &[NODE]);
    let head =
        h.f.refs("bb", h.bb, h.repo, policy, changes(&[second], 2, 4));
    let ours = h.f.put(&head, &[node_seed("bb")]);
    let c = h.f.fold();
    assert_eq!(refused(&c, &theirs), Some(Reason::NotPusher));
    assert_eq!(state(&c, &ours), State::InForce);
    // Nobody goes back to a policy of the owner before.
    let head = h.f.refs("bb", h.bb, h.repo, h.repo, changes(&[ours], 4, 5));
    let older = h.f.put(&head, &[node_seed("bb")]);
    assert_eq!(refused(&h.f.fold(), &older), Some(Reason::OlderPolicy));
}

#[test]
fn who_accepts_waits_for_the_transfer_and_holds_the_slug() {
    //= R-04-43
    let mut h = Handing::new();
    let transfer = h.transfer("aa", "bb");
    let first = h.accept("bb", transfer, "outillage");
    let second = h.accept("bb", transfer, "encore");
    let stranger = h.accept("cc", transfer, "outillage");
    let course = h.f.resource("bb", BB_ADMIN, "outillage");
    let course = h.f.put(&course, &[BB_ADMIN]);
    let version = h.version("bb", "outillage", h.repo, &["bb"]);
    let version = h.f.put(&version, &[BB_ADMIN]);
    let mut c = Catalogue::new(&h.f.chain);
    for log in ["bb", "cc"] {
        for (n, entry) in h.f.logs[&handle(log)].iter().enumerate() {
            c.append(&handle(log), n as u64, entry, &h.f);
        }
    }
    for id in [first, second, stranger, version] {
        assert_eq!(state(&c, &id), State::Pending);
    }
    assert_eq!(refused(&c, &course), Some(Reason::SlugTaken));
    assert_eq!(c.by_name(&handle("bb"), &slug("outillage")), None);
    for (n, entry) in h.f.logs[&handle("aa")].iter().enumerate() {
        c.append(&handle("aa"), n as u64, entry, &h.f);
    }
    assert_eq!(state(&c, &first), State::InForce);
    assert_eq!(refused(&c, &second), Some(Reason::NoTransfer));
    assert_eq!(refused(&c, &stranger), Some(Reason::NoTransfer));
    assert_eq!(state(&c, &version), State::InForce);
    assert_eq!(c.item(&h.repo).unwrap().owner, handle("bb"));
    // A slug under which nothing was accepted leads nowhere.
    assert_eq!(c.by_name(&handle("cc"), &slug("outillage")), None);
    assert_eq!(c.by_name(&handle("bb"), &slug("encore")), Some(h.repo));
}

#[test]
fn handing_back_is_a_new_transfer() {
    //= R-04-42, R-04-44
    let mut h = Handing::new();
    let there = h.transfer("aa", "bb");
    h.accept("bb", there, "outil");
    let back = h.transfer("bb", "aa");
    // What it accepted long ago is no acceptance of this.
    let wrong = h.accept("aa", there, "outil");
    let c = h.f.fold();
    assert_eq!(refused(&c, &wrong), Some(Reason::NoTransfer));
    assert_eq!(c.item(&h.repo).unwrap().owner, handle("bb"));
    h.accept("aa", back, "outil");
    let version = h.version("aa", "outil", h.repo, &["aa", "bb"]);
    assert_eq!(h.door(&version), Ok(()));
    let version = h.f.put(&version, &[ADMIN]);
    let c = h.f.fold();
    let item = c.item(&h.repo).unwrap();
    assert_eq!((item.owner.clone(), item.policy), (handle("aa"), version));
    // And on, to somebody else: the first transfer of the second time counts.
    let on = h.transfer("aa", "cc");
    assert_eq!(
        h.f.fold().item(&h.repo).unwrap().offered,
        Some((on, handle("cc")))
    );
}

#[test]
fn only_an_administrator_of_the_owner_hands_on_and_only_to_a_member() {
    //= R-04-42
    let mut h = Handing::new();
    let by_other = h.transfer("bb", "cc");
    let to_self = h.transfer("aa", "aa");
    let to_nobody = h.transfer("aa", "zz");
    h.f.enrol("aa", 50, &["developer"], ADMIN);
    let mut head =
        h.f.head("aa", "transfer", 50, object([("to", "bb".into())]));
    head.item = Some(h.repo);
    let by_developer = h.f.put(&head, &[50]);
    let accepted = h.accept("cc", by_other, "outil");
    let c = h.f.fold();
    assert_eq!(refused(&c, &by_other), Some(Reason::NotToHand));
    assert_eq!(refused(&c, &to_self), Some(Reason::NoReceiver));
    assert_eq!(refused(&c, &to_nobody), Some(Reason::NoReceiver));
    assert!(matches!(refused(&c, &by_developer), Some(Reason::Role(_))));
    assert_eq!(refused(&c, &accepted), Some(Reason::NoTransfer));
    assert_eq!(c.item(&h.repo).unwrap().owner, handle("aa"));
}

#[test]
fn a_thread_is_closed_by_whoever_owns_the_item_then() {
    //= R-04-37
    let mut h = Handing::new();
    let head = h.head("cc", "thread", object([]));
    let root = h.f.put(&head, &[admin_seed("cc")]);
    let say = |h: &mut Handing, log: &str, state: &str| {
        let members = object([("thread", root.to_string().into()), ("state", state.into())]);
        let head = h.head(log, "thread", members);
        h.f.put(&head, &[admin_seed(log)])
    };
    let closed = say(&mut h, "aa", "closed");
    let early = say(&mut h, "bb", "open");
    let transfer = h.transfer("aa", "bb");
    h.accept("bb", transfer, "outil");
    let late = say(&mut h, "aa", "closed");
    let open = say(&mut h, "bb", "open");
    let c = h.f.fold();
    for id in [early, late] {
        assert_eq!(refused(&c, &id), Some(Reason::NotOwners));
    }
    for id in [closed, open] {
        assert_eq!(state(&c, &id), State::InForce);
    }
    let shown = c.thread(&root).unwrap().state;
    assert_eq!(shown, crate::statement::OpenState::Open);
}
