//! What is known of an item besides its record: what it is, what it was made from, what it holds.

use commun_index::Kind;
use commun_specs::metadata::{Relation, View};

use crate::{collections::MemberState, items::Shown};

/// Members of a collection that its record names.
const MAX_MEMBERS: usize = 200;

/// The record as it goes out: `root` is the address of this node.
pub fn told(item: &Shown, root: &str) -> View {
    let mut view = item.view.clone();
    view.kind = view.kind.or_else(|| match item.kind {
        Kind::Repository => Some("component".to_owned()),
        Kind::Collection => Some("collection".to_owned()),
        Kind::Resource => None,
    });
    let mut relate = |kind: &str, name: &str, title: Option<&String>| {
        let target = format!("{root}/{name}");
        let known = |relation: &&mut Relation| {
            relation.kind == kind && (relation.target == target || relation.target == name)
        };
        match view.relations.iter_mut().find(known) {
            Some(relation) => relation.title = relation.title.take().or(title.cloned()),
            None => view.relations.push(Relation {
                kind: kind.to_owned(),
                target,
                title: title.cloned(),
                ..Relation::default()
            }),
        }
    };
    for source in &item.derived_from {
        if let Some(name) = &source.name {
            relate("isBasedOn", name, source.title.as_ref());
        }
    }
    for member in item.members.iter().flatten().take(MAX_MEMBERS) {
        if member.state == MemberState::Here {
            relate("hasPart", &member.item.name, member.item.title.as_ref());
        }
    }
    view
}
