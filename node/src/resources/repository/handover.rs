//! Handing an item to another institution, and taking what was handed (R-04-42 to R-04-45).

use commun_specs::{
    fold::Item,
    id::StatementId,
    json::Object,
    name::{Handle, Role, Slug},
};

use crate::{
    core::{Draft, Person},
    resources::{PublishError, Published, Resources, Target},
};

impl Resources {
    /// States that an item of this institution is handed to another one. It is final; until that one accepts, nobody
    /// changes the item.
    ///
    /// # Errors
    /// See [`PublishError`].
    pub async fn transfer(
        &self,
        person: &Person,
        item: StatementId,
        to: &Handle,
    ) -> Result<Published, PublishError> {
        let known = self.known(person, &item)?;
        let me = &self.core.identity().handle;
        if known.owner != *me {
            return Err(PublishError::NotAllowed(format!(
                "the item belongs to {}; an admin there hands it on",
                known.owner
            )));
        }
        let fields = Object::from([("to".to_owned(), to.as_str().into())]);
        let slug = known.slug.clone();
        self.hand(person, "transfer", item, fields, slug).await
    }

    /// States that this institution takes an item that was handed to it, under a name of its own.
    ///
    /// # Errors
    /// See [`PublishError`].
    pub async fn take_over(
        &self,
        person: &Person,
        item: StatementId,
        slug: Option<Slug>,
    ) -> Result<Published, PublishError> {
        let known = self.known(person, &item)?;
        let me = &self.core.identity().handle;
        let Some((transfer, _)) = known.offered.clone().filter(|(_, to)| to == me) else {
            return Err(PublishError::Conflict(format!(
                "{} does not hand this item to {me}, as far as this node knows",
                known.owner
            )));
        };
        let slug = slug.unwrap_or_else(|| known.slug.clone());
        let fields = Object::from([
            ("transfer".to_owned(), transfer.to_string().into()),
            ("slug".to_owned(), slug.as_str().into()),
        ]);
        self.hand(person, "acceptance", item, fields, slug).await
    }

    fn known(&self, person: &Person, id: &StatementId) -> Result<Item, PublishError> {
        if !person.may(&[Role::Admin]) {
            return Err(PublishError::NotAllowed(
                "handing an item on, and taking one, needs the role admin".to_owned(),
            ));
        }
        let item = self.core.state().catalogue().copy_of(id);
        item.ok_or(PublishError::NoSuchItem)
    }

    async fn hand(
        &self,
        person: &Person,
        kind: &'static str,
        item: StatementId,
        fields: Object,
        slug: Slug,
    ) -> Result<Published, PublishError> {
        let draft = Draft {
            kind,
            item: Some(item),
            fields,
            ..Draft::default()
        };
        let key = self.core.author_key(person).map_err(PublishError::failed)?;
        let written = self
            .append(draft, person, key.as_ref())
            .await
            .map_err(PublishError::of)?;
        let target = Target {
            item: Some(item),
            slug,
            supersedes: Vec::new(),
        };
        Ok(self.published(&target, &written))
    }
}
