//! Who may say what, at one point of a log (R-04-10 to R-04-23).

use super::{Allowed, Effect, Facts, Known, LogState, enrolled};
use crate::{
    charter::{Chain, Institution},
    fold::{
        authority::Who,
        ids::Ids,
        item::ItemKind,
        licence,
        state::{Needed, Reason},
    },
    id::StatementId,
    name::{Role, Slug},
    statement::{EnrolmentKey, Thread},
};

impl LogState {
    /// This institution, as the charter of the last marker lists it.
    fn institution<'c>(&self, chain: &'c Chain) -> Option<&'c Institution> {
        chain.get(self.marker?)?.0.institution(&self.handle)
    }

    fn signed_by_institution(&self, chain: &Chain, k: &Known) -> bool {
        self.institution(chain).is_some_and(|i| {
            i.keys
                .iter()
                .filter(|key| k.by.signers.contains(key))
                .count() as u64
                >= i.threshold
        })
    }

    /// Who may say what: the table of FORMATS section 2.
    pub(super) fn rights(&self, chain: &Chain, k: &Known, ids: &Ids) -> Result<Allowed, Reason> {
        let allowed = |effect, person| Allowed {
            effect,
            person,
            developer: false,
        };
        match &k.facts {
            Facts::CharterMarker(_) => Err(Reason::Marker),
            Facts::Enrolment(e) => {
                let who = enrolled(k.id, e);
                let person = match &e.of {
                    EnrolmentKey::Node { .. } => {
                        if !self.signed_by_institution(chain, k) {
                            return Err(Reason::NotTheInstitution);
                        }
                        if !k.by.signers.contains(&e.key) {
                            return Err(Reason::NodeDidNotSign);
                        }
                        None
                    }
                    EnrolmentKey::Person { person, .. } => {
                        let by = if self.signed_by_institution(chain, k) {
                            None
                        } else {
                            Some(self.role(k, &[Role::Admin], Needed::Admin)?)
                        };
                        if person.is_some() && !self.authority.stands(&who) {
                            return Err(Reason::NoSuchEnrolment);
                        }
                        by
                    }
                };
                if !self.authority.is_free_for(&e.key, &who) {
                    return Err(Reason::KeyTaken);
                }
                Ok(allowed(Effect::Enrol, person))
            }
            Facts::Revocation(r) => {
                let who = self
                    .authority
                    .of_enrolment(&r.of)
                    .filter(|w| self.authority.stands(w))
                    .ok_or(Reason::NoSuchEnrolment)?;
                let needs_institution = match &who {
                    Who::Node(_) => true,
                    Who::Person(first) => self.authority.has_role(first, Role::Admin),
                };
                let person = if self.signed_by_institution(chain, k) {
                    None
                } else if needs_institution {
                    return Err(Reason::NotTheInstitution);
                } else {
                    Some(self.role(k, &[Role::Admin], Needed::Admin)?)
                };
                Ok(allowed(Effect::Revoke(who), person))
            }
            Facts::Profile(p) => {
                let by = self.person(k)?;
                if let Some(of) = &p.of
                    && self.authority.person(of).is_none()
                {
                    return Err(Reason::NoSuchEnrolment);
                }
                if p.of != Some(by) && !self.authority.has_role(&by, Role::Admin) {
                    return Err(Reason::Role(Needed::AdminOrSelf));
                }
                Ok(allowed(Effect::Nothing, Some(by)))
            }
            Facts::Repository(r) => {
                let by = self.role(k, &[Role::Developer], Needed::Developer)?;
                self.claim(k, ItemKind::Repository, &r.slug, ids)?;
                self.licensed(chain, &r.licence)?;
                Ok(allowed(
                    Effect::Claim {
                        slug: r.slug.clone(),
                    },
                    Some(by),
                ))
            }
            Facts::Resource(r) => {
                let by = self.publisher(k)?;
                self.claim(k, ItemKind::Resource, &r.slug, ids)?;
                self.licensed(chain, &r.licence)?;
                self.own_or_librarian(k, by, ids)?;
                Ok(allowed(
                    Effect::Claim {
                        slug: r.slug.clone(),
                    },
                    Some(by),
                ))
            }
            Facts::Collection(c) => {
                let by = self.publisher(k)?;
                self.claim(k, ItemKind::Collection, &c.slug, ids)?;
                self.own_or_librarian(k, by, ids)?;
                Ok(allowed(
                    Effect::Claim {
                        slug: c.slug.clone(),
                    },
                    Some(by),
                ))
            }
            Facts::Refs(_) => {
                let actor = self.authority.actor(k)?;
                if !actor.node {
                    return Err(Reason::Role(Needed::NodeForPerson));
                }
                let by = actor.person.ok_or(Reason::NotThatPerson)?;
                Ok(Allowed {
                    effect: Effect::Nothing,
                    person: Some(by),
                    developer: self.authority.has_role(&by, Role::Developer),
                })
            }
            Facts::Description(d) => {
                let actor = self.authority.actor(k)?;
                if !actor.node {
                    return Err(Reason::Role(Needed::Node));
                }
                self.part_of_item(&d.of, k.item, ids)?;
                Ok(allowed(Effect::Nothing, actor.person))
            }
            Facts::Withdrawal(w) => {
                let by = self.person(k)?;
                let item = k.item.ok_or(Reason::NotOwner)?;
                let local = self.created(&item, ids);
                if local.is_none() && !self.accepted.contains_key(&item) {
                    return Err(Reason::NotOwner);
                }
                let may = local.is_some_and(|l| l.creator == Some(by))
                    || self.authority.has_role(&by, Role::Librarian)
                    || (local.is_none_or(|l| l.kind == ItemKind::Repository)
                        && self.authority.has_role(&by, Role::Developer));
                if !may {
                    return Err(Reason::Role(Needed::LibrarianOrCreator));
                }
                if let Some(of) = &w.of {
                    self.part_of_item(of, k.item, ids)?;
                }
                let effect = match &w.release {
                    None => Effect::Nothing,
                    Some(slug) => {
                        if !self.authority.has_role(&by, Role::Admin) {
                            return Err(Reason::Role(Needed::AdminForSlug));
                        }
                        if self.slugs.get(slug) != Some(&item) {
                            return Err(Reason::NotItsSlug);
                        }
                        Effect::Release { slug: slug.clone() }
                    }
                };
                Ok(allowed(effect, Some(by)))
            }
            Facts::Erasure(e) => {
                let by = self.person(k)?;
                let admin = self.authority.has_role(&by, Role::Admin);
                for of in &e.of {
                    let record = self.earlier(of, ids).ok_or(Reason::NotEarlier)?;
                    if !admin && record.person() != Some(by) {
                        return Err(Reason::Role(Needed::AdminOrMaker));
                    }
                }
                Ok(allowed(Effect::Nothing, Some(by)))
            }
            Facts::Transfer(t) => {
                let by = self.role(k, &[Role::Admin], Needed::Admin)?;
                let charter = self.marker.and_then(|n| chain.get(n));
                let listed = charter.is_some_and(|(c, _)| c.institution(&t.to).is_some());
                if !listed || t.to == self.handle {
                    return Err(Reason::NoReceiver);
                }
                Ok(allowed(Effect::Nothing, Some(by)))
            }
            Facts::Acceptance(a) => {
                let by = self.role(k, &[Role::Admin], Needed::Admin)?;
                self.slug_free(&a.slug, k.item)?;
                let slug = a.slug.clone();
                Ok(allowed(Effect::Accept { slug }, Some(by)))
            }
            // Whether the item is one, and whose it is, is decided where all logs are seen.
            Facts::Thread(Thread::Opens { .. } | Thread::Comment { .. })
            | Facts::Review(_)
            | Facts::Report(_) => Ok(allowed(Effect::Nothing, Some(self.person(k)?))),
            Facts::Thread(Thread::Change { .. }) | Facts::MergeRequest(_) => {
                let by = self.role(k, &[Role::Developer], Needed::Developer)?;
                Ok(allowed(Effect::Nothing, Some(by)))
            }
            Facts::Adoption(_) => {
                let by = self.role(
                    k,
                    &[Role::Developer, Role::Librarian],
                    Needed::DeveloperOrLibrarian,
                )?;
                Ok(allowed(Effect::Nothing, Some(by)))
            }
        }
    }

    /// The person who speaks.
    fn person(&self, k: &Known) -> Result<StatementId, Reason> {
        self.authority.actor(k)?.person.ok_or(Reason::NotThatPerson)
    }

    /// The person who speaks, if they have one of the roles (an admin has all).
    fn role(&self, k: &Known, roles: &[Role], wanted: Needed) -> Result<StatementId, Reason> {
        let by = self.person(k)?;
        if roles.iter().any(|r| self.authority.has_role(&by, *r)) {
            Ok(by)
        } else {
            Err(Reason::Role(wanted))
        }
    }

    fn publisher(&self, k: &Known) -> Result<StatementId, Reason> {
        let roles = [Role::Publisher, Role::Librarian];
        self.role(k, &roles, Needed::PublisherOrLibrarian)
    }

    /// A publisher changes what they created, a librarian everything.
    fn own_or_librarian(&self, k: &Known, by: StatementId, ids: &Ids) -> Result<(), Reason> {
        if let Some(item) = &k.item
            && self.created(item, ids).and_then(|i| i.creator) != Some(by)
            && !self.authority.has_role(&by, Role::Librarian)
        {
            return Err(Reason::Role(Needed::LibrarianForOthers));
        }
        Ok(())
    }

    /// The rules that all statements of items share: owner, kind, slug.
    fn claim(&self, k: &Known, kind: ItemKind, slug: &Slug, ids: &Ids) -> Result<(), Reason> {
        if let Some(item) = &k.item {
            // Of what it accepted, the log alone does not know the kind.
            let fits = match self.created(item, ids) {
                Some(local) => local.kind == kind,
                None => self.accepted.contains_key(item),
            };
            if !fits {
                return Err(Reason::NotOwner);
            }
        }
        self.slug_free(slug, k.item)
    }

    fn licensed(&self, chain: &Chain, licence: &str) -> Result<(), Reason> {
        let charter = self.marker.and_then(|n| chain.get(n));
        if !charter.is_some_and(|(c, _)| licence::accepted(&c.licences, licence)) {
            return Err(Reason::Licence);
        }
        Ok(())
    }

    /// A slug stands for one item.
    fn slug_free(&self, slug: &Slug, item: Option<StatementId>) -> Result<(), Reason> {
        match self.slugs.get(slug) {
            Some(owner) if Some(*owner) != item => Err(Reason::SlugTaken),
            _ => Ok(()),
        }
    }

    /// Whether an id is that of an earlier statement of this log that is a version of the item, or a push to it.
    fn part_of_item(
        &self,
        of: &StatementId,
        item: Option<StatementId>,
        ids: &Ids,
    ) -> Result<(), Reason> {
        let record = self.earlier(of, ids).ok_or(Reason::NotEarlier)?;
        let version = record.said.known().is_some_and(|k| {
            matches!(
                k.facts,
                Facts::Repository(_) | Facts::Resource(_) | Facts::Collection(_) | Facts::Refs(_)
            )
        });
        if version && record.item() == item {
            Ok(())
        } else {
            Err(Reason::NotEarlier)
        }
    }
}
