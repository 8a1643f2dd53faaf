//! One channel: a command is run, its bytes go both ways, and its end is told.

use commun_forge::git::{Outcome, PushError, Repository, ServiceError, ServiceKind};
use commun_specs::{fold::Item, id::StatementId};
use russh::{Channel, server::Msg};
use tokio::{
    io::{AsyncRead, AsyncWrite, AsyncWriteExt},
    sync::oneshot,
    time::timeout,
};

use super::{
    Shared,
    command::Asked,
    limits::{ASK, PACK_STALL, STALL, WALL, WRITE},
    talk::{Environment, Order},
    wire::{Activity, Noted},
};
use crate::{
    core::{Access, Person},
    http::{auth, git, lang::TerminalLang},
    pushes::{Pusher, fault_text},
};

/// The exit status of a command that Git's side ended.
const FAILED: u32 = 128;
/// The exit status of a command that was refused.
const REFUSED: u32 = 1;

/// How a command ended: its exit status, and what is said on standard error.
struct Ended {
    status: u32,
    why: Option<String>,
}

impl Ended {
    fn well() -> Self {
        Self {
            status: 0,
            why: None,
        }
    }

    fn refused(why: impl ToString) -> Self {
        Self {
            status: REFUSED,
            why: Some(format!("commun: {}", why.to_string())),
        }
    }

    fn failed(why: impl ToString) -> Self {
        Self {
            status: FAILED,
            why: Some(format!("commun: {}", why.to_string())),
        }
    }
}

/// Waits for the channel's order, does it, and closes the channel. Dropped, it ends what runs.
pub async fn channel(
    shared: &Shared,
    person: StatementId,
    channel: Channel<Msg>,
    ordered: oneshot::Receiver<Order>,
) {
    let (mut from, to) = channel.split();
    let ended = match timeout(ASK, ordered).await {
        Ok(Ok(order)) => {
            let input = from.make_reader();
            let output = to.make_writer();
            run(shared, person, order, input, output).await
        }
        // Nobody asked for anything.
        _ => Ended::refused("nothing was asked for"),
    };
    let close = async {
        if let Some(why) = ended.why {
            let mut errors = to.make_writer_ext(Some(1));
            let _ = errors.write_all(format!("{why}\n").as_bytes()).await;
        }
        let _ = to.exit_status(ended.status).await;
        let _ = to.eof().await;
        let _ = to.close().await;
    };
    let _ = timeout(WRITE, close).await;
}

async fn run(
    shared: &Shared,
    person: StatementId,
    order: Order,
    input: impl AsyncRead + Unpin,
    output: impl AsyncWrite + Unpin,
) -> Ended {
    // Who was revoked since the connection began does nothing more over it.
    let Some(person) = shared.app.core.person(&person) else {
        return Ended::refused(
            "your enrolment has ended; ask an admin of your institution\nvotre enregistrement a pris fin ; adressez-vous à un administrateur de votre établissement",
        );
    };
    let (asked, environment) = match order {
        Order::Refuse(why) => return Ended::refused(why),
        Order::Greet(environment) => {
            return Ended {
                status: REFUSED,
                why: Some(greeting(shared, &person, &environment)),
            };
        }
        Order::Git(asked, environment) => (asked, environment),
    };
    let (item, repository) = match git::find(&shared.app, &asked.handle, &asked.slug) {
        Ok(found) => found,
        Err(why) => {
            let why = why.text(environment.lang(shared.language()));
            let named = format!("{}/{}: {why}", asked.handle, asked.slug);
            return Ended::refused(named);
        }
    };
    let Some(_turn) = shared.turn(person.id).await else {
        return Ended::refused("too many commands run at once; try again in a moment");
    };
    let activity = Activity::default();
    let input = Noted {
        stream: input,
        activity: activity.clone(),
    };
    let output = Noted {
        stream: output,
        activity: activity.clone(),
    };
    let served = converse(
        shared,
        person,
        &asked,
        environment,
        &item,
        repository,
        input,
        output,
    );
    tokio::select! {
        ended = served => ended,
        () = activity.ended(STALL) => Ended::failed("nothing was sent or taken for ten minutes"),
    }
}

#[allow(clippy::too_many_arguments)]
async fn converse(
    shared: &Shared,
    person: Person,
    asked: &Asked,
    environment: Environment,
    item: &Item,
    repository: Repository,
    input: impl AsyncRead,
    output: impl AsyncWrite,
) -> Ended {
    let app = &shared.app;
    let lang = environment.lang(shared.language());
    match asked.kind {
        ServiceKind::UploadPack => {
            if !git::holds_any(item, &repository).await {
                return Ended::refused(git::NoRepository::NotYet.text(lang));
            }
            let service = match repository.upload_pack_stream(environment.protocol).await {
                Ok(service) => service,
                Err(e @ ServiceError::Busy) => return Ended::refused(e),
                Err(e) => {
                    tracing::error!("ssh: upload-pack: {e}");
                    return Ended::failed("the node failed; its log says why");
                }
            };
            // How long either side may be silent is measured over both directions, by the caller.
            match service.run(input, output, WALL).await {
                Ok(()) => Ended::well(),
                Err(e) => ended_early("upload-pack", &e),
            }
        }
        ServiceKind::ReceivePack => {
            let access = Access::of(person);
            let admitted = match auth::may_push(app, item, &access) {
                Ok(admitted) => admitted,
                Err(why) => return Ended::refused(why.text(lang)),
            };
            let flying = app.pushes.begin(Pusher {
                item: item.id,
                person: access.person.clone(),
                lang,
                body: None,
            });
            let judge = app
                .certificates
                .judge(&flying, &item.id, &access.person, lang);
            let push = repository
                .receive_pack(&flying.hook)
                .proposals_only(admitted.proposals_only(lang))
                .certified(&judge)
                .saying(move |fault| fault_text(fault, lang))
                .offering(app.certificates.nonce(&item.id))
                .pack_within(PACK_STALL)
                .over_stream(environment.protocol);
            match push.run(input, output, WALL).await {
                Ok(Outcome::Done | Outcome::Empty | Outcome::Refused(_)) => Ended::well(),
                Err(PushError::Service(e)) => ended_early("receive-pack", &e),
                Err(e @ PushError::Malformed(_)) => Ended::failed(e),
            }
        }
    }
}

fn ended_early(program: &str, e: &ServiceError) -> Ended {
    match e {
        ServiceError::Failed(said) => {
            tracing::info!("ssh: {program}: {e}");
            Ended {
                status: FAILED,
                why: Some(said.clone()),
            }
        }
        // A client that goes away is no event, and hears nothing any more.
        e => {
            tracing::debug!("ssh: {program}: {e}");
            Ended::failed(e)
        }
    }
}

/// What people see who wanted a shell.
fn greeting(shared: &Shared, person: &Person, environment: &Environment) -> String {
    let core = &shared.app.core;
    let me = &core.identity().handle;
    let name = core.name_of(Some(&person.id), me);
    let name = plain(name.as_deref().unwrap_or("you"));
    match environment.lang(shared.language()) {
        TerminalLang::Fr => format!(
            "Bonjour {name}, voici le nœud de {me} : votre clé est la bonne ; il n'y a pas de shell ici."
        ),
        TerminalLang::En => {
            format!("Hello {name}, this is {me}'s node: your key is good; there is no shell here.")
        }
    }
}

/// A name without what a terminal would obey.
fn plain(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(200).collect()
}
