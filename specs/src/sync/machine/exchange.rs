//! The exchange of what both sides hold, and what is asked for because of it (R-06-10 to R-06-23).

use super::{
    super::{Evidence, Hello, Message, Millis, Offence, Output, Summary, limits},
    Sync,
};
use crate::{key::PublicKey, name::Handle};

use super::super::message::Digest;

/// What can be asked of a peer. One question at a time; the order is that of R-06-20.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Ask {
    /// Amendments from this number on.
    Charter(u64),
    /// Drafts that have this digest.
    Drafts(Digest),
    /// Successions that have this digest.
    Successions(Handle, Digest),
    /// Evidence of this digest.
    Evidence(Handle, Digest),
}

impl Sync {
    /// Something changed that others want to know: everybody is told soon.
    pub(super) fn tell_all(&mut self, now: Millis) {
        for p in self.peers.values_mut().filter(|p| p.up()) {
            p.talk.due = p.talk.due.min(now + limits::HELLO_SOON);
        }
    }

    pub(super) fn hello_due(&mut self, now: Millis, out: &mut Vec<Output>) {
        for peer in self.audience(now) {
            let Some(p) = self.peers.get(&peer) else {
                continue;
            };
            let early = p.talk.told.is_some_and(|t| now < t + limits::HELLO_GAP);
            if p.talk.due > now || early {
                continue;
            }
            let hello = self.make_hello(&peer);
            out.push(Output::Send {
                peer,
                message: Message::Hello(hello),
            });
            let every = limits::HELLO_EVERY + limits::HELLO_EVERY_LOG * self.logs.len() as u64;
            let every = self.random.jitter(every);
            if let Some(p) = self.peers.get_mut(&peer) {
                p.talk.told = Some(now);
                p.talk.due = now
                    + if p.talk.echoed {
                        every
                    } else {
                        limits::HELLO_AGAIN
                    };
            }
        }
    }

    fn make_hello(&self, peer: &PublicKey) -> Hello {
        let (head, id) = self.chain.head();
        let theirs = self.institution_of(peer);
        // The receiver's own log first: its start depends on it. Then those of members.
        let mut logs: Vec<_> = self.logs.iter().collect();
        logs.sort_by_key(|(handle, _)| {
            (
                Some(*handle) != theirs.as_ref(),
                head.institution(handle).is_none(),
            )
        });
        let talk = self.peers.get(peer).map(|p| &p.talk);
        Hello {
            commons: self.chain.commons(),
            nonce: self.nonce,
            echo: talk.and_then(|t| t.hello.as_ref()).map(|h| h.nonce),
            charter: head.number,
            charter_id: id,
            drafts: self.drafts.digest(),
            logs: logs
                .into_iter()
                .take(limits::MAX_LOGS)
                .map(|(handle, log)| log.summary(handle))
                .collect(),
        }
    }

    pub(super) fn hello(
        &mut self,
        now: Millis,
        peer: PublicKey,
        hello: Hello,
        out: &mut Vec<Output>,
    ) {
        if hello.commons != self.chain.commons() || hello.logs.len() > limits::MAX_LOGS {
            self.blame(now, peer, Offence::Form, out);
            return;
        }
        let echoed = hello.echo == Some(self.nonce);
        let Some(p) = self.peers.get_mut(&peer) else {
            return;
        };
        let before = p.talk.hello.replace(hello);
        let new_start = before.map(|h| h.nonce) != p.talk.hello.as_ref().map(|h| h.nonce);
        let met = echoed && !p.talk.echoed;
        p.talk.echoed |= echoed;
        p.talk.barren.clear();
        if new_start || !echoed {
            // The peer waits for an answer to its start, or has not heard of ours.
            p.talk.due = p.talk.due.min(now);
        }
        if met {
            self.show_witnessed(peer, out);
        }
        self.reread(now, peer, out);
    }

    /// A node that is no member here is heard in one thing: amendments, which prove themselves. It may have
    /// been admitted by one that this node lacks, and that its other peers do not tell of (R-06-03).
    pub(super) fn stranger(
        &mut self,
        now: Millis,
        peer: PublicKey,
        message: Message,
        out: &mut Vec<Output>,
    ) {
        let up = |p: &super::peers::Peer| p.up() && !p.silent(now);
        if !self.peers.get(&peer).is_some_and(up) || !self.take_token(now, &peer) {
            return;
        }
        let from = self.chain.head().0.number + 1;
        let commons = self.chain.commons();
        let Some(p) = self.peers.get_mut(&peer) else {
            return;
        };
        match message {
            Message::Hello(hello)
                if hello.commons == commons
                    && hello.charter >= from
                    && p.talk.ask.as_ref().is_none_or(|(_, until)| *until <= now) =>
            {
                p.talk.ask = Some((Ask::Charter(from), now + limits::STALL));
                let message = Message::AskCharter { from };
                out.push(Output::Send { peer, message });
            }
            Message::Charter(list) if p.talk.ask.is_some() => {
                self.got_charter(now, peer, &list, out);
            }
            _ => {}
        }
    }

    /// Takes from a peer's last `Hello` what can be understood with what is known now.
    pub(super) fn reread(&mut self, now: Millis, peer: PublicKey, out: &mut Vec<Output>) {
        let Some(hello) = self.peers.get(&peer).and_then(|p| p.talk.hello.clone()) else {
            return;
        };
        for summary in &hello.logs {
            self.read_summary(now, peer, summary, out);
            if !self.heard(now, &peer) {
                return;
            }
        }
        self.count_answer(&peer, &hello);
    }

    fn read_summary(
        &mut self,
        now: Millis,
        peer: PublicKey,
        summary: &Summary,
        out: &mut Vec<Output>,
    ) {
        let handle = &summary.handle;
        let Some(log) = self.logs.get(handle) else {
            return;
        };
        let same = summary.epoch == log.epoch() && summary.successions == log.digest();
        if !same || log.successions.forked() {
            // Its checkpoints may be of another writer: successions first.
            return;
        }
        let mut claim = match &summary.note {
            None if summary.size == log.cut().0 => summary.size,
            _ => 0,
        };
        for (text, whole) in [(&summary.note, true), (&summary.heard, false)] {
            let Some(text) = text else { continue };
            let Some(signed) = self.logs.get(handle).and_then(|l| l.open_text(text)) else {
                self.blame(now, peer, Offence::Signature, out);
                return;
            };
            if whole {
                claim = signed.checkpoint.size;
            }
            self.learn(now, handle, signed, out);
        }
        if let Some(log) = self.logs.get_mut(handle) {
            log.claims.insert(peer, claim);
        }
    }

    /// Asks a peer for the first thing that it has and this node lacks.
    pub(super) fn pursue(&mut self, now: Millis, peer: PublicKey, out: &mut Vec<Output>) {
        if !self.heard(now, &peer) {
            return;
        }
        let Some(talk) = self.peers.get(&peer).map(|p| &p.talk) else {
            return;
        };
        if talk.ask.is_some() {
            return;
        }
        let Some(hello) = &talk.hello else { return };
        let Some(ask) = self.wanted(hello).find(|ask| !talk.barren.contains(ask)) else {
            return;
        };
        let message = match &ask {
            Ask::Charter(from) => Message::AskCharter { from: *from },
            Ask::Drafts(_) => Message::AskDrafts,
            Ask::Successions(handle, _) => Message::AskSuccessions {
                handle: handle.clone(),
                from: self.logs.get(handle).map_or(0, super::log::Log::epoch),
            },
            Ask::Evidence(handle, _) => Message::AskEvidence {
                handle: handle.clone(),
            },
        };
        out.push(Output::Send { peer, message });
        if let Some(p) = self.peers.get_mut(&peer) {
            p.talk.ask = Some((ask, now + limits::STALL));
        }
    }

    /// What a peer has and this node lacks, the most important first. Nothing else is asked for while
    /// amendments are missing: they decide who may say what.
    fn wanted<'a>(&'a self, hello: &'a Hello) -> Box<dyn Iterator<Item = Ask> + 'a> {
        let (head, id) = self.chain.head();
        if hello.charter > head.number {
            return Box::new(std::iter::once(Ask::Charter(head.number + 1)));
        }
        let other_head = hello.charter == head.number && hello.charter_id != id;
        let fork = other_head.then_some(Ask::Charter(head.number));
        let same = hello.charter_id == id;
        let drafts = hello
            .drafts
            .filter(|d| same && Some(*d) != self.drafts.digest())
            .map(Ask::Drafts);
        let successions = hello.logs.iter().filter_map(|s| {
            let log = self.logs.get(&s.handle);
            let known = log.map(|l| (l.epoch(), l.digest()));
            let news = known.is_none_or(|(epoch, digest)| {
                s.epoch > epoch || (s.epoch == epoch && s.successions != digest)
            });
            news.then(|| Ask::Successions(s.handle.clone(), s.successions))
        });
        let evidence = hello.logs.iter().filter_map(|s| {
            let log = self.logs.get(&s.handle).filter(|l| l.epoch() == s.epoch)?;
            let own = log.frozen.as_ref().map(Evidence::digest);
            let digest = s.frozen.filter(|d| Some(*d) != own)?;
            Some(Ask::Evidence(s.handle.clone(), digest))
        });
        Box::new(
            fork.into_iter()
                .chain(drafts)
                .chain(successions)
                .chain(evidence),
        )
    }

    /// The open question is answered, if it is of this kind. `news` says whether the answer brought anything.
    pub(super) fn answered(&mut self, peer: &PublicKey, news: bool, kind: fn(&Ask) -> bool) {
        if let Some(p) = self.peers.get_mut(peer)
            && let Some((ask, _)) = p.talk.ask.take_if(|(ask, _)| kind(ask))
            && !news
        {
            p.talk.barren.insert(ask);
        }
    }

    /// The charter or successions grew: what gave nothing before may give something now.
    pub(super) fn reread_all(&mut self, now: Millis, out: &mut Vec<Output>) {
        for peer in self.audience(now) {
            if let Some(p) = self.peers.get_mut(&peer) {
                p.talk.barren.clear();
            }
            self.reread(now, peer, out);
            self.pursue(now, peer, out);
        }
    }

    /// Questions that were not answered in time may be asked again, after a pause.
    pub(super) fn asks_due(&mut self, now: Millis, out: &mut Vec<Output>) {
        for peer in self.audience(now) {
            let late = self.peers.get_mut(&peer).and_then(|p| {
                let (_, until) = p.talk.ask.as_ref()?;
                (*until <= now).then(|| p.talk.ask.take())?
            });
            if late.is_some() {
                self.pursue(now, peer, out);
            }
        }
    }
}
