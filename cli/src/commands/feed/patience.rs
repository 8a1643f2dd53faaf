//! Waiting for whoever is away or busy: longer each time, and in the end no more.

use std::{thread, time::Duration};

use crate::terminal;

/// First pause.
const FIRST: Duration = Duration::from_millis(250);
/// Longest pause of our own choice.
const LONGEST: Duration = Duration::from_secs(30);
/// Longest pause that another asks for: `Retry-After` of an hour is as good as no answer.
const MOST_ASKED: u64 = 300;
/// How often somebody is asked who does not get ready, where the work is to end: half a minute in all.
const TRIES: u32 = 8;

/// How often to try, and how long to wait.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    tries: u32,
    endless: bool,
}

impl Patience {
    /// Ends after some tries; without end for what runs until it is stopped.
    pub fn new(endless: bool) -> Self {
        Self { tries: 0, endless }
    }

    /// Waits, and says so; `false` when there is no use in more. `asked`: seconds that the other asks for.
    pub fn wait(&mut self, why: &str, asked: Option<u64>) -> bool {
        self.tries = self.tries.saturating_add(1);
        if !self.endless && self.tries > TRIES {
            return false;
        }
        let pause = self.pause(asked);
        terminal::talk(&format!(
            "{}: again in {:.1} s",
            terminal::line(why),
            pause.as_secs_f64()
        ));
        thread::sleep(pause);
        true
    }

    /// Something went on: the next pause is a first one.
    pub fn renew(&mut self) {
        self.tries = 0;
    }

    fn pause(&self, asked: Option<u64>) -> Duration {
        let doubled = FIRST.saturating_mul(1 << self.tries.saturating_sub(1).min(16));
        let asked = Duration::from_secs(asked.unwrap_or_default().min(MOST_ASKED));
        doubled.min(LONGEST).max(asked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_bound_and_are_at_least_what_was_asked_for() {
        let pause = |tries, asked| {
            let endless = false;
            Patience { tries, endless }.pause(asked)
        };
        assert_eq!(pause(1, None), FIRST);
        assert_eq!(pause(3, None), FIRST * 4);
        assert_eq!(pause(u32::MAX, None), LONGEST);
        assert_eq!(pause(1, Some(7)), Duration::from_secs(7));
        assert_eq!(pause(1, Some(u64::MAX)), Duration::from_secs(MOST_ASKED));
    }
}
