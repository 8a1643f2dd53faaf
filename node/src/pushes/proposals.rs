//! The part of a push that goes to `refs/for/…`: each becomes a merge request, or a version of one ([`crate::talk`]).

use commun_forge::git::Oid;
use commun_specs::certificate;

use super::{Answered, Answers, Asked, Place, Pusher, Pushes, Question};
use crate::talk::{PREFIX, Unfit, short};

/// The commands that propose, and a question with the others.
pub(super) fn part(question: &Question) -> (Vec<usize>, Question) {
    let is = |asked: &Asked| asked.name.starts_with(PREFIX);
    let proposals = (0..question.commands.len()).filter(|at| is(&question.commands[*at]));
    let others = question.commands.iter().filter(|asked| !is(asked));
    let others = Question {
        push: question.push.clone(),
        commands: others
            .map(|asked| Asked {
                name: asked.name.clone(),
                old: asked.old.clone(),
                new: asked.new.clone(),
            })
            .collect(),
        atomic: question.atomic,
    };
    (proposals.collect(), others)
}

/// The answers of both parts, in the order of the commands.
pub(super) fn joined(question: &Question, proposals: Answers, refs: Answers) -> Answers {
    let (mut said, mut moved) = (proposals.refs.into_iter(), refs.refs.into_iter());
    let answers = question.commands.iter().map(|asked| {
        let from = if asked.name.starts_with(PREFIX) {
            &mut said
        } else {
            &mut moved
        };
        from.next().unwrap_or_default()
    });
    Answers {
        refs: answers.collect(),
        said: proposals.said + &refs.said,
    }
}

impl Pushes {
    /// Takes the proposals of a push; `which`: their places among the commands.
    pub(super) async fn propose(
        &self,
        pusher: &Pusher,
        question: &Question,
        which: &[usize],
    ) -> Answers {
        let mut answers = Answers::default();
        for at in which {
            let asked = &question.commands[*at];
            let answer = match self.propose_one(pusher, asked, question).await {
                Ok((place, said)) => {
                    answers.said.push_str(&said);
                    Answered {
                        refused: None,
                        elsewhere: Some(place),
                    }
                }
                Err(why) => Answered::refused(why),
            };
            answers.refs.push(answer);
        }
        answers
    }

    async fn propose_one(
        &self,
        pusher: &Pusher,
        asked: &Asked,
        question: &Question,
    ) -> Result<(Place, String), String> {
        let lang = pusher.lang;
        if question.atomic && question.commands.len() > 1 {
            return Err(super::Why::Atomic.text(lang));
        }
        let item = self.item(&pusher.item).map_err(|e| e.text(lang))?;
        let repository = self.0.repos.get(&pusher.item.to_string());
        let repository = repository.map_err(|e| super::Why::failed(e).text(lang))?;
        // The owner's room is looked at when the push begins.
        let me = &self.0.core.identity().handle;
        if item.owner != *me
            && let Some(full) = self.0.quotas.full(me)
        {
            return Err(Unfit::Full(full).text(lang));
        }
        let new = asked.new.as_deref().and_then(|oid| Oid::parse(oid).ok());
        let talk = &self.0.talk;
        let proposed = talk
            .propose(
                &pusher.person,
                &item,
                &repository,
                &asked.name,
                new.as_ref(),
                pusher.body.as_deref().and_then(certificate::from_body),
            )
            .await
            .map_err(|unfit| unfit.text(lang))?;
        let page = format!(
            "{}/{}/{}/merge-requests/{}",
            talk.url(),
            item.owner,
            item.slug,
            short(&proposed.id)
        );
        let said = proposed.text(lang, &page, &asked.name);
        let place = Place {
            name: proposed.reference,
            old: None,
            new: asked.new.clone(),
        };
        Ok((place, said))
    }
}
