//! What the fold keeps of what a head says.

use std::sync::Arc;

use crate::{
    id::StatementId,
    name::Slug,
    statement::{
        self, Acceptance, Adoption, CharterMarker, Collection, Enrolment, Erasure, MergeRequest,
        Profile, Refs, Report, Repository, Review, Revocation, Thread, Transfer, VersionRef,
        Withdrawal,
    },
};

/// A statement's facts, without what no rule of the fold reads: of these there is one in memory for each statement of the
/// commons. What is large and rare stands elsewhere, so that a version of a resource, of which there are most, costs little.
#[derive(Debug, Clone)]
pub(in crate::fold) enum Facts {
    CharterMarker(Box<CharterMarker>),
    Enrolment(Box<Enrolment>),
    Revocation(Revocation),
    Profile(Profile),
    Repository(Box<Repository>),
    Refs(Box<Refs>),
    Resource(Resource),
    Description(Description),
    Withdrawal(Box<Withdrawal>),
    Erasure(Erasure),
    Thread(Thread),
    MergeRequest(Box<MergeRequest>),
    Review(Review),
    Adoption(Box<Adoption>),
    Collection(Box<Collection>),
    Report(Box<Report>),
    Transfer(Transfer),
    Acceptance(Acceptance),
}

/// A version of a resource.
#[derive(Debug, Clone)]
pub(in crate::fold) struct Resource {
    pub(in crate::fold) slug: Slug,
    /// One text for all statements of a log that name it.
    pub(in crate::fold) licence: Arc<str>,
    pub(in crate::fold) derived_from: Box<[VersionRef]>,
}

/// What a node read out of content.
#[derive(Debug, Clone)]
pub(in crate::fold) struct Description {
    pub(in crate::fold) of: StatementId,
}

impl From<statement::Facts> for Facts {
    fn from(facts: statement::Facts) -> Self {
        use statement::Facts as Read;
        match facts {
            Read::CharterMarker(m) => Facts::CharterMarker(Box::new(m)),
            Read::Enrolment(e) => Facts::Enrolment(Box::new(e)),
            Read::Revocation(r) => Facts::Revocation(r),
            Read::Profile(p) => Facts::Profile(p),
            Read::Repository(r) => Facts::Repository(Box::new(r)),
            Read::Refs(r) => Facts::Refs(Box::new(r)),
            Read::Resource(r) => Facts::Resource(Resource {
                slug: r.slug,
                licence: r.licence.into(),
                derived_from: r.derived_from.into(),
            }),
            Read::Description(d) => Facts::Description(Description { of: d.of }),
            Read::Withdrawal(w) => Facts::Withdrawal(Box::new(w)),
            Read::Erasure(e) => Facts::Erasure(e),
            Read::Thread(t) => Facts::Thread(t),
            Read::MergeRequest(m) => Facts::MergeRequest(Box::new(m)),
            Read::Review(r) => Facts::Review(r),
            Read::Adoption(a) => Facts::Adoption(Box::new(a)),
            Read::Collection(c) => Facts::Collection(Box::new(c)),
            Read::Report(r) => Facts::Report(Box::new(r)),
            Read::Transfer(t) => Facts::Transfer(t),
            Read::Acceptance(a) => Facts::Acceptance(a),
        }
    }
}
