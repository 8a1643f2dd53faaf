//! A repository's rules and branches, for people.

use commun_client::{RefState, RepositoryState};

use super::maintainers;
use crate::terminal;

/// Branches and tags that are listed; `--json` has all.
const MAX_LISTED: usize = 50;

/// Who may push, what is protected, how the branches stand; with the commands that bring heads together.
pub(super) fn text(state: &RepositoryState) -> String {
    let mut text = String::new();
    let mut fact = |name: &str, value: &str| {
        text.push_str(format!("{name:12} {}", terminal::line(value)).trim_end());
        text.push('\n');
    };
    for m in &state.maintainers {
        let url = m.url.as_deref().unwrap_or("states no address yet");
        fact(
            "push",
            &format!("{}  {}  {url}", m.institution, maintainers::who(m)),
        );
    }
    for p in &state.protected {
        let mut rule = p.pattern.clone();
        if p.threshold > 1 {
            rule.push_str(&format!(
                "  {} institutions must push a commit",
                p.threshold
            ));
        }
        if p.force {
            rule.push_str("  may be rewritten");
        }
        if p.delete {
            rule.push_str("  may be deleted");
        }
        fact("protected", &rule);
    }
    for r in state.refs.iter().take(MAX_LISTED) {
        fact(kind(&r.name), &line(r));
    }
    if state.refs.len() > MAX_LISTED {
        fact("", &format!("… and {} more", state.refs.len() - MAX_LISTED));
    }
    for r in state.refs.iter().filter(|r| r.state == "diverged") {
        text.push_str(&mend(r));
    }
    for r in &state.refs {
        text.push_str(&agree(r));
    }
    text
}

fn kind(name: &str) -> &'static str {
    if name.starts_with("refs/tags/") {
        "tag"
    } else {
        "branch"
    }
}

fn short(name: &str) -> &str {
    name.strip_prefix("refs/heads/")
        .or_else(|| name.strip_prefix("refs/tags/"))
        .unwrap_or(name)
}

fn line(r: &RefState) -> String {
    let oid = terminal::cut(r.oid.as_deref().unwrap_or_default(), 12);
    let state = match r.state.as_str() {
        "ok" => String::new(),
        "behind" => "  this node is behind: commits are on their way".to_owned(),
        "diverged" => {
            let whose: Vec<&str> = r.heads.iter().map(|h| h.institution.as_str()).collect();
            format!(
                "  diverged: heads of {}; the first is served",
                whose.join(", ")
            )
        }
        "waiting" => {
            let whose: Vec<&str> = r.waiting.iter().map(|h| h.institution.as_str()).collect();
            format!(
                "  waiting: {} pushed what others must push too",
                whose.join(", ")
            )
        }
        other => format!("  {other}"),
    };
    format!("{}  {oid}{state}", short(&r.name))
}

/// The commands that bring the heads of a branch together.
fn mend(r: &RefState) -> String {
    let mut text = format!(
        "\nTo bring the heads of {} together:\n",
        terminal::line(short(&r.name))
    );
    for head in r.heads.iter().skip(1) {
        let place = head.place.as_deref().unwrap_or(&head.oid);
        text.push_str(&format!(
            "    git fetch origin {} && git merge FETCH_HEAD\n",
            terminal::line(place)
        ));
    }
    text.push_str("    git push\n");
    text
}

/// The commands that let a change that waits count.
fn agree(r: &RefState) -> String {
    let mut text = String::new();
    for head in &r.waiting {
        let Some(place) = &head.place else { continue };
        text.push_str(&format!(
            "\nTo agree to what {} pushed to {}, on another institution's node:\n    git fetch origin {} && git push origin FETCH_HEAD:{}\n",
            terminal::line(&head.institution),
            terminal::line(short(&r.name)),
            terminal::line(place),
            terminal::line(&r.name),
        ));
    }
    text
}
