//! Where a repository comes from.

use std::{collections::BTreeMap, path::Path};

use commun_specs::name::Slug;

use crate::failure::{Code, Failure};

/// A place that Git may fetch from.
pub(super) struct Source {
    /// What Git is told.
    pub(super) place: String,
    /// Whether it is a folder of this machine.
    pub(super) local: bool,
}

/// What a source offers.
#[derive(Default)]
pub(super) struct Advertised {
    /// The branch that it shows first, as a full name.
    pub(super) head: Option<String>,
    /// Branches and tags, with the objects that they name.
    pub(super) refs: BTreeMap<String, String>,
    /// Other refs, counted by the first two parts of their names.
    pub(super) others: BTreeMap<String, usize>,
}

impl Source {
    /// Reads what was typed.
    pub(super) fn parse(text: &str) -> Result<Source, Failure> {
        let wrong = |what: &str| {
            Failure::new(Code::Usage, what.to_owned()).hint(
                "Name an http, https, ssh or git URL, user@host:path, or a folder of this machine.",
            )
        };
        if text.is_empty() || text.starts_with('-') || text.contains(char::is_control) {
            return Err(wrong("This is no place that Git can read."));
        }
        if let Some((scheme, rest)) = text.split_once("://") {
            if !["http", "https", "ssh", "git"].contains(&scheme) {
                return Err(wrong("Only http, https, ssh and git URLs are read."));
            }
            let authority = rest.split('/').next().unwrap_or_default();
            let user = authority.rsplit_once('@').map(|(user, _)| user);
            if user.is_some_and(|user| user.contains(':')) {
                return Err(wrong(
                    "The URL holds a password, which other users of this machine could see.",
                ));
            }
            return Ok(Source {
                place: text.to_owned(),
                local: false,
            });
        }
        if Path::new(text).is_dir() {
            let path = std::path::absolute(text)
                .map_err(|e| wrong(&format!("Cannot find the folder: {e}")))?;
            let place = path
                .to_str()
                .ok_or_else(|| wrong("The folder's name is not UTF-8."))?;
            return Ok(Source {
                place: place.to_owned(),
                local: true,
            });
        }
        // `host:path` of scp; `ext::command` and its like would run programs.
        let remote = text.split_once(':').is_some_and(|(host, path)| {
            !host.is_empty() && !host.contains('/') && !path.is_empty() && !path.starts_with(':')
        });
        if remote {
            return Ok(Source {
                place: text.to_owned(),
                local: false,
            });
        }
        Err(Failure::new(
            Code::No,
            "There is no such folder, and it is no URL.",
        ))
    }

    /// A name made of the last part of the place.
    pub(super) fn slug(&self) -> Result<Slug, Failure> {
        let path = self.place.trim_end_matches('/');
        let path = path.strip_suffix("/.git").unwrap_or(path);
        let last = path.rsplit(['/', ':']).next().unwrap_or_default();
        let last = last.strip_suffix(".git").unwrap_or(last).to_lowercase();
        let plain: String = last
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
            .collect();
        let words: Vec<&str> = plain.split('-').filter(|word| !word.is_empty()).collect();
        Slug::new(&words.join("-")).map_err(|cause| {
            Failure::new(
                Code::Usage,
                format!("No name can be made of this place: {cause}"),
            )
            .hint("Choose one with --slug.")
        })
    }
}

impl Advertised {
    /// Reads what `git ls-remote --symref` printed.
    pub(super) fn read(text: &str) -> Advertised {
        let mut found = Advertised::default();
        for line in text.lines() {
            let Some((oid, name)) = line.split_once('\t') else {
                continue;
            };
            if let Some(target) = oid.strip_prefix("ref: ") {
                // What is no name of a branch is not asked Git about.
                if name == "HEAD" && is_branch(target) {
                    found.head = Some(target.to_owned());
                }
            } else if name.ends_with("^{}") || name == "HEAD" {
                // What an annotated tag points at is not a ref of its own.
            } else if name.starts_with("refs/heads/") || name.starts_with("refs/tags/") {
                found.refs.insert(name.to_owned(), oid.to_owned());
            } else {
                let prefix: Vec<&str> = name.split('/').take(2).collect();
                *found
                    .others
                    .entry(format!("{}/", prefix.join("/")))
                    .or_default() += 1;
            }
        }
        found
    }
}

/// Whether a name that a source sent is one of a branch: it begins as these do, so that Git takes it for nothing else.
fn is_branch(name: &str) -> bool {
    let inside = name.strip_prefix("refs/heads/");
    let steers = |c: char| c.is_control() || c.is_whitespace() || "~^:?*[\\".contains(c);
    inside.is_some_and(|rest| {
        !rest.is_empty() && !rest.starts_with('-') && !rest.contains("..") && !rest.contains(steers)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_that_git_would_take_for_an_option_is_none() {
        let head = |target: &str| Advertised::read(&format!("ref: {target}\tHEAD\n")).head;
        assert_eq!(head("refs/heads/main").as_deref(), Some("refs/heads/main"));
        for bad in [
            "--output=x",
            "-Ox",
            "main",
            "HEAD",
            "refs/heads/",
            "refs/heads/-x",
            "refs/heads/a b",
            "refs/heads/a..b",
            "refs/heads/a:b",
            "refs/tags/v1",
        ] {
            assert_eq!(head(bad), None, "{bad:?} was taken");
        }
    }

    #[test]
    fn places_that_would_run_programs_or_show_passwords_are_refused() {
        for bad in [
            "",
            "-u",
            "--upload-pack=x",
            "ext::sh -c id",
            "file:///etc",
            "https://ada:secret@example.org/x.git",
            "fd::3",
            "a\nb",
            "/no/such/folder",
        ] {
            assert!(Source::parse(bad).is_err(), "{bad:?} was taken");
        }
        for (good, slug) in [
            ("https://example.org/a/My_Tool.git", "my-tool"),
            ("ssh://git@example.org:22/a/tool.git/", "tool"),
            ("git@example.org:a/outil.git", "outil"),
        ] {
            let source = Source::parse(good).unwrap();
            assert!(!source.local);
            assert_eq!(source.slug().unwrap().as_str(), slug);
        }
    }

    #[test]
    fn a_listing_is_sorted_into_branches_tags_and_the_rest() {
        let text = "ref: refs/heads/master\tHEAD\naa\tHEAD\naa\trefs/heads/master\nbb\trefs/tags/v1\naa\trefs/tags/v1^{}\n\
                    cc\trefs/pull/1/head\ncc\trefs/pull/2/head\ndd\trefs/notes/commits\n";
        let found = Advertised::read(text);
        assert_eq!(found.head.as_deref(), Some("refs/heads/master"));
        assert_eq!(found.refs.len(), 2);
        assert_eq!(found.others["refs/pull/"], 2);
        assert_eq!(found.others["refs/notes/"], 1);
    }
}
