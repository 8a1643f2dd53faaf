//! What a client asks for over its connection, and what it is answered.

use std::{collections::HashMap, sync::Arc, sync::OnceLock, time::Duration};

use commun_forge::git::sanitise_protocol;
use commun_specs::{id::StatementId, key::PublicKey};
use russh::{
    Channel, ChannelId, ChannelOpenFailure, MethodKind, MethodSet, Pty,
    keys::PublicKey as SshKey,
    server::{
        Auth, ChannelOpenHandle, Handler, Msg, PublicKeyOffer, Response, Session, VerifiedPublicKey,
    },
};
use tokio::sync::{Notify, oneshot};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    Shared,
    command::{self, Asked},
    limits::{MAX_CHANNELS, MAX_LANGUAGE},
    serve,
    wire::Activity,
};
use crate::{core::Person, http::lang::TerminalLang};

/// The user name that everybody connects with: who they are, their key says.
const USER: &str = "git";

/// What a connection's task sees of it.
#[derive(Default)]
pub struct State {
    accepted: Notify,
    commands: TaskTracker,
    activity: Activity,
}

impl State {
    /// Waits for an accepted key.
    pub async fn logged_in(&self) {
        self.accepted.notified().await;
    }

    /// Waits until nothing has run for `silence`.
    pub async fn idle(&self, silence: Duration) {
        loop {
            self.activity.ended(silence).await;
            if self.commands.is_empty() {
                return;
            }
            self.activity.note();
        }
    }

    /// Waits until nothing runs, and lets nothing more begin.
    pub async fn finished(&self) {
        self.commands.close();
        self.commands.wait().await;
    }
}

/// What a channel is to do.
pub enum Order {
    /// One of Git's programs.
    Git(Asked, Environment),
    /// Say who is there: somebody wanted a shell.
    Greet(Environment),
    /// Say why not.
    Refuse(String),
}

/// The variables that a client may set.
#[derive(Debug, Clone, Default)]
pub struct Environment {
    /// `GIT_PROTOCOL`, as we would write it.
    pub protocol: Option<&'static str>,
    /// The locale that was sent, with the rank of the variable that it came in.
    language: Option<(u8, String)>,
}

struct Open {
    order: Option<oneshot::Sender<Order>>,
    environment: Environment,
    end: CancellationToken,
}

/// One connection.
pub struct Talk {
    shared: Arc<Shared>,
    state: Arc<State>,
    cut: CancellationToken,
    /// Whose key was accepted. What they may do is asked again for each command.
    person: OnceLock<StatementId>,
    channels: HashMap<ChannelId, Open>,
}

impl Drop for Talk {
    fn drop(&mut self) {
        // The connection is gone: nothing runs on for nobody.
        self.cut.cancel();
    }
}

impl Talk {
    /// A connection that ends, with all that runs for it, when `cut` is cancelled.
    pub fn new(shared: Arc<Shared>, state: Arc<State>, cut: CancellationToken) -> Self {
        Self {
            shared,
            state,
            cut,
            person: OnceLock::new(),
            channels: HashMap::new(),
        }
    }

    /// The person of a key, if they may come in.
    fn person(&self, user: &str, key: &SshKey) -> Option<Person> {
        if user != USER {
            return None;
        }
        let bytes = key.key_data().ed25519()?.0;
        let key = PublicKey::from_bytes(bytes).ok()?;
        self.shared.app.core.person_of_key(&key)
    }

    fn refusal(&self, user: &str) -> String {
        let app = &self.shared.app;
        let me = &app.core.identity().handle;
        if user != USER {
            return format!("Connect to {me}'s node as the user git: ssh://git@…");
        }
        format!(
            "None of the keys that you showed is of a person enrolled at {me}.\n\
             Everybody can clone and fetch over HTTP: {}/HANDLE/SLUG.git\n\
             To push, ask an admin of your institution to enrol your ed25519 key (commun person add --key FILE.pub).\n\
             Aucune des clés présentées n’est celle d’une personne enregistrée à {me}. Chacun peut cloner par HTTP.\n\
             Pour pousser, faites enregistrer votre clé ed25519 par un administrateur de votre établissement.",
            app.url
        )
    }

    /// Gives a channel its one order; `false`: it has one, or there is no such channel.
    fn order(&mut self, channel: ChannelId, order: impl FnOnce(&Environment) -> Order) -> bool {
        let Some(open) = self.channels.get_mut(&channel) else {
            return false;
        };
        let Some(sender) = open.order.take() else {
            return false;
        };
        sender.send(order(&open.environment)).is_ok()
    }
}

/// Answers a request of a channel.
fn answer(session: &mut Session, channel: ChannelId, yes: bool) -> Result<(), russh::Error> {
    if yes {
        session.channel_success(channel)
    } else {
        session.channel_failure(channel)
    }
}

fn unknown() -> Auth {
    Auth::reject()
}

impl Handler for Talk {
    type Error = russh::Error;

    async fn auth_publickey_offered(
        &mut self,
        user: &str,
        offer: PublicKeyOffer<'_>,
    ) -> Result<Auth, Self::Error> {
        Ok(match self.person(user, offer.public_key) {
            Some(_) => Auth::Accept,
            None => unknown(),
        })
    }

    async fn auth_publickey(
        &mut self,
        user: &str,
        key: VerifiedPublicKey<'_>,
    ) -> Result<Auth, Self::Error> {
        Ok(match self.person(user, key.public_key) {
            Some(person) => {
                let _ = self.person.set(person.id);
                Auth::Accept
            }
            None => unknown(),
        })
    }

    /// Clients come here when none of their keys was taken. Nobody gets in: they show people the text, and give up.
    async fn auth_keyboard_interactive<'a>(
        &'a mut self,
        user: &str,
        _submethods: &str,
        response: Option<Response<'a>>,
    ) -> Result<Auth, Self::Error> {
        if response.is_some() {
            return Ok(Auth::Reject {
                proceed_with_methods: Some(MethodSet::from(&[MethodKind::PublicKey][..])),
                partial_success: false,
            });
        }
        Ok(Auth::Partial {
            name: "".into(),
            instructions: self.refusal(user).into(),
            prompts: Vec::new().into(),
        })
    }

    async fn auth_succeeded(&mut self, _session: &mut Session) -> Result<(), Self::Error> {
        self.state.activity.note();
        self.state.accepted.notify_one();
        Ok(())
    }

    async fn channel_open_session(
        &mut self,
        channel: Channel<Msg>,
        reply: ChannelOpenHandle,
        _session: &mut Session,
    ) -> Result<(), Self::Error> {
        let Some(person) = self.person.get().copied() else {
            reply
                .reject(ChannelOpenFailure::AdministrativelyProhibited)
                .await;
            return Ok(());
        };
        // Those that ended: whether the client's word of it reaches us is its own affair.
        self.channels.retain(|_, open| !open.end.is_cancelled());
        if self.channels.len() >= MAX_CHANNELS || self.state.commands.is_closed() {
            reply.reject(ChannelOpenFailure::ResourceShortage).await;
            return Ok(());
        }
        let (order, ordered) = oneshot::channel();
        let end = self.cut.child_token();
        let open = Open {
            order: Some(order),
            environment: Environment::default(),
            end: end.clone(),
        };
        self.channels.insert(channel.id(), open);
        reply.accept().await;
        let (shared, activity) = (self.shared.clone(), self.state.activity.clone());
        self.state.commands.spawn(async move {
            tokio::select! {
                () = end.cancelled() => {}
                () = serve::channel(&shared, person, channel, ordered) => {}
            }
            end.cancel();
            activity.note();
        });
        Ok(())
    }

    async fn channel_close(
        &mut self,
        channel: ChannelId,
        _session: &mut Session,
    ) -> Result<(), Self::Error> {
        if let Some(open) = self.channels.remove(&channel) {
            open.end.cancel();
        }
        Ok(())
    }

    async fn env_request(
        &mut self,
        channel: ChannelId,
        name: &str,
        value: &str,
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        let taken = self
            .channels
            .get_mut(&channel)
            .is_some_and(|open| open.environment.set(name, value));
        answer(session, channel, taken)
    }

    async fn exec_request(
        &mut self,
        channel: ChannelId,
        data: &[u8],
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        let asked = command::read(data);
        let done = self.order(channel, |environment| match asked {
            Ok(asked) => Order::Git(asked, environment.clone()),
            Err(why) => Order::Refuse(why.to_string()),
        });
        answer(session, channel, done)
    }

    async fn shell_request(
        &mut self,
        channel: ChannelId,
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        let done = self.order(channel, |environment| Order::Greet(environment.clone()));
        answer(session, channel, done)
    }

    async fn subsystem_request(
        &mut self,
        channel: ChannelId,
        _name: &str,
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        answer(session, channel, false)
    }

    #[allow(clippy::too_many_arguments)]
    async fn pty_request(
        &mut self,
        channel: ChannelId,
        _term: &str,
        _col_width: u32,
        _row_height: u32,
        _pix_width: u32,
        _pix_height: u32,
        _modes: &[(Pty, u32)],
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        answer(session, channel, false)
    }

    async fn x11_request(
        &mut self,
        channel: ChannelId,
        _single_connection: bool,
        _protocol: &str,
        _cookie: &str,
        _screen: u32,
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        answer(session, channel, false)
    }

    async fn window_change_request(
        &mut self,
        channel: ChannelId,
        _col_width: u32,
        _row_height: u32,
        _pix_width: u32,
        _pix_height: u32,
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        answer(session, channel, false)
    }

    // Forwarding of ports, sockets and the agent, and every other kind of channel, is refused by the library where
    // it is not taken here.
}

impl Environment {
    /// The language of what we say: `fr_FR.UTF-8` is French, any other one English. `default`: where none was sent.
    pub fn lang(&self, default: TerminalLang) -> TerminalLang {
        let Some((_, locale)) = &self.language else {
            return default;
        };
        let tag = locale.split(['_', '.', '@']).next().unwrap_or_default();
        TerminalLang::of_tag(tag).unwrap_or(TerminalLang::En)
    }

    /// Takes a variable, if it is one that we take.
    fn set(&mut self, name: &str, value: &str) -> bool {
        match name {
            "GIT_PROTOCOL" => match sanitise_protocol(value) {
                Some(protocol) => self.protocol = Some(protocol),
                None => return false,
            },
            _ => {
                // The strongest one wins, in whichever order they come (POSIX, Base Definitions 8.2).
                let strength = ["LANG", "LC_MESSAGES", "LC_ALL"]
                    .iter()
                    .position(|n| *n == name);
                let Some(rank) = strength.filter(|_| is_language(value)) else {
                    return false;
                };
                let rank = rank as u8;
                if self.language.as_ref().is_none_or(|(had, _)| *had <= rank) {
                    self.language = Some((rank, value.to_owned()));
                }
            }
        }
        true
    }
}

fn is_language(value: &str) -> bool {
    !value.is_empty()
        && value.len() <= MAX_LANGUAGE
        && value
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"_.@-".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_variables_are_taken_and_only_with_values_of_their_kind() {
        let mut environment = Environment::default();
        assert_eq!(environment.lang(TerminalLang::Fr), TerminalLang::Fr);
        assert!(environment.set("LANG", "fr_FR.UTF-8"));
        assert!(environment.set("LC_ALL", "en_GB.UTF-8"));
        assert!(environment.set("LANG", "fr_FR.UTF-8"));
        assert!(environment.set("GIT_PROTOCOL", "version=2"));
        assert!(environment.set("LC_MESSAGES", "fr_FR.UTF-8"));
        assert_eq!(environment.protocol, Some("version=2"));
        assert_eq!(environment.lang(TerminalLang::Fr), TerminalLang::En);
        assert!(environment.set("LC_ALL", "fr_CA.UTF-8"));
        assert_eq!(environment.lang(TerminalLang::En), TerminalLang::Fr);
        assert!(environment.set("LC_ALL", "C"));
        assert_eq!(environment.lang(TerminalLang::Fr), TerminalLang::En);
        for (name, value) in [
            ("GIT_PROTOCOL", "version=9"),
            ("GIT_PROTOCOL", "$(id)"),
            ("LANG", "a b"),
            ("LANG", ""),
            ("LC_ALL", "x\ny"),
            ("LD_PRELOAD", "x"),
            ("GIT_DIR", "x"),
            ("PATH", "x"),
        ] {
            assert!(!environment.set(name, value), "{name}={value}");
        }
        assert!(!environment.set("LANG", &"a".repeat(65)));
    }
}
