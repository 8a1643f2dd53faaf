//! Where the references of a package lead: a file of the package, an address elsewhere, or nowhere that anybody may go.

use std::collections::{HashMap, HashSet};
use std::io::{Read, Seek};

use icu_normalizer::ComposingNormalizerBorrowed;

use super::archive::Archive;
use crate::crosswalk::draft;

/// The longest reference that is looked at, in bytes.
const MAX_HREF_BYTES: usize = 4096;

/// Why a reference is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It leaves the package: `/etc/passwd`, `../..`, `C:\`.
    Leaves,
    /// A browser would run it or open a file of its user: `javascript:`, `data:`, `file:`.
    Runs,
    /// It has characters that no path has, or is longer than any: no file can be meant.
    Hidden,
    /// It is an address of a kind that a package does not have: `mailto:`, `ftp:`.
    Unknown,
}

/// What references are relative to (XML Base): a folder of the package, or an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Base {
    /// A folder, without a final `/`; empty for the root.
    Folder(String),
    /// `http` or `https`, up to its last `/`.
    Address(String),
}

impl Default for Base {
    fn default() -> Base {
        Base::Folder(String::new())
    }
}

impl Base {
    /// The folder of a file.
    pub fn of(path: &str) -> Base {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        Base::Folder(folder.to_owned())
    }

    /// The base within this one that an `xml:base` names: its last segment is a file unless it ends with `/` (RFC 3986,
    /// 5.2.3).
    ///
    /// # Errors
    /// It leads where no reference may.
    pub fn within(&self, written: &str) -> Result<Base, Fault> {
        let written = written.trim();
        if written.is_empty() {
            return Ok(self.clone());
        }
        let last = written.rfind('/').map_or(0, |at| at + 1);
        match self.refer(written)? {
            Reference::Address(url) => {
                let end = url.rfind('/').map_or(url.len(), |at| at + 1);
                Ok(Base::Address(url[..end].to_owned()))
            }
            Reference::File { .. } => match self.refer(&written[..last])? {
                Reference::File { path, .. } => Ok(Base::Folder(path)),
                Reference::Address(url) => Ok(Base::Address(url)),
            },
        }
    }

    /// Where a reference leads from here. Percent-encoding is resolved once, query and fragment are kept apart, and
    /// what Windows programs write (`\`) is a `/`.
    ///
    /// # Errors
    /// It leads where nobody may go.
    pub fn refer(&self, written: &str) -> Result<Reference, Fault> {
        let written = written.trim();
        let hidden = |c: char| c.is_control() || commun_specs::metadata::is_forbidden(c);
        if written.len() > MAX_HREF_BYTES || written.contains(hidden) {
            return Err(Fault::Hidden);
        }
        if let Some(scheme) = scheme(written) {
            if !matches!(&*scheme, "http" | "https") {
                // `C:\cours\page.html` is no address either.
                return Err(match &*scheme {
                    "javascript" | "data" | "vbscript" | "file" | "blob" => Fault::Runs,
                    _ if scheme.len() == 1 => Fault::Leaves,
                    _ => Fault::Unknown,
                });
            }
            let url = draft::address(&written.replace(' ', "%20")).ok_or(Fault::Hidden)?;
            return Ok(Reference::Address(url));
        }
        if written.starts_with(['/', '\\']) {
            return Err(Fault::Leaves);
        }
        let end = written.find(['?', '#']).unwrap_or(written.len());
        let (bare, suffix) = written.split_at(end);
        let folder = match self {
            Base::Folder(folder) => folder,
            Base::Address(base) => {
                let url = draft::address(&format!("{base}{}", written.replace(' ', "%20")));
                let up = bare.split('/').any(|part| part == "..");
                return url
                    .filter(|_| !up)
                    .map(Reference::Address)
                    .ok_or(Fault::Leaves);
            }
        };
        let slashed = bare.replace('\\', "/");
        let path = within(folder, &decode(&slashed)?)?;
        let raw = within(folder, &slashed)?;
        Ok(Reference::File {
            raw: (raw != path).then_some(raw),
            respelt: slashed != bare,
            path,
            suffix: suffix.to_owned(),
        })
    }
}

impl Fault {
    /// Whether nobody of good faith writes it, so that the package is refused.
    pub fn refuses(self) -> bool {
        matches!(self, Fault::Leaves | Fault::Runs)
    }
}

/// Where a reference leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reference {
    /// A file of the package.
    File {
        /// Its path.
        path: String,
        /// The path without resolving percent-encoding, where it differs: some exporters do not encode what has a `%`.
        raw: Option<String>,
        /// Query and fragment, as written.
        suffix: String,
        /// Whether it had a `\` for a `/`.
        respelt: bool,
    },
    /// An address elsewhere.
    Address(String),
}

/// The scheme of an address, in lower case.
fn scheme(written: &str) -> Option<String> {
    let (scheme, _) = written.split_once(':')?;
    let first = scheme.chars().next()?;
    let word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    (first.is_ascii_alphabetic() && scheme.chars().all(word)).then(|| scheme.to_ascii_lowercase())
}

/// Percent-encoding resolved once; what is not hexadecimal stays.
fn decode(path: &str) -> Result<String, Fault> {
    let mut decoded = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        let hex = after
            .get(..2)
            .filter(|two| *byte == b'%' && two.iter().all(u8::is_ascii_hexdigit))
            .and_then(|two| std::str::from_utf8(two).ok());
        let value = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        decoded.push(value.unwrap_or(*byte));
        rest = if value.is_some() { &after[2..] } else { after };
    }
    // Old French packages have `le%E7on.html`: Latin-1.
    let path = String::from_utf8(decoded)
        .unwrap_or_else(|wrong| wrong.as_bytes().iter().copied().map(char::from).collect());
    if path.contains(|c: char| c.is_control()) {
        return Err(Fault::Hidden);
    }
    if path.starts_with(['/', '\\']) || path.contains('\\') || scheme(&path).is_some() {
        return Err(Fault::Leaves);
    }
    Ok(path)
}

/// A path from a folder, without `.` and `..`, in Unicode form C as archives have their names.
fn within(folder: &str, path: &str) -> Result<String, Fault> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop().ok_or(Fault::Leaves)?;
            }
            part => parts.push(part),
        }
    }
    let path = parts.join("/");
    Ok(ComposingNormalizerBorrowed::new_nfc()
        .normalize(&path)
        .into_owned())
}

/// The file that a reference names, seen from a folder; nothing when it leaves the package.
pub fn join(folder: &str, href: &str) -> Option<String> {
    match Base::Folder(folder.to_owned()).refer(href).ok()? {
        Reference::File { path, .. } => Some(path),
        Reference::Address(_) => None,
    }
}

/// The names of a package's files; of a manifest alone, nothing is known about them.
#[derive(Clone, Debug, Default)]
pub struct Files {
    known: Option<Names>,
}

#[derive(Clone, Debug, Default)]
struct Names {
    exact: HashSet<String>,
    /// By lower case.
    folded: HashMap<String, String>,
}

/// What is at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// The file, or what nobody knows.
    There(String),
    /// A file whose name differs in case, or in how it is encoded.
    Alike(String),
    /// Nothing.
    Missing,
}

impl Files {
    /// The files of an archive.
    pub fn of<R: Read + Seek>(archive: &Archive<R>) -> Files {
        let mut names = Names::default();
        for entry in archive.entries().iter().filter(|entry| !entry.folder) {
            names.exact.insert(entry.path.clone());
            names
                .folded
                .insert(entry.path.to_lowercase(), entry.path.clone());
        }
        Files { known: Some(names) }
    }

    /// Whether anything is known.
    pub fn known(&self) -> bool {
        self.known.is_some()
    }

    /// What is at a path, or at its other spelling.
    pub fn find(&self, path: &str, raw: Option<&str>) -> Found {
        let Some(names) = &self.known else {
            return Found::There(path.to_owned());
        };
        if names.exact.contains(path) {
            return Found::There(path.to_owned());
        }
        let other = raw.filter(|raw| names.exact.contains(*raw));
        let alike = other.map(str::to_owned);
        match alike.or_else(|| names.folded.get(&path.to_lowercase()).cloned()) {
            Some(path) => Found::Alike(path),
            None => Found::Missing,
        }
    }
}

/// Whether an address leads to a machine of the reader's own network, which no package has business with.
pub fn is_local(url: &str) -> bool {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = match authority.strip_prefix('[') {
        Some(six) => six.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    if let Ok(four) = host.parse::<std::net::Ipv4Addr>() {
        return four.is_loopback()
            || four.is_private()
            || four.is_link_local()
            || four.is_unspecified();
    }
    if let Ok(six) = host.parse::<std::net::Ipv6Addr>() {
        let mapped = six.to_ipv4_mapped();
        return six.is_loopback()
            || six.is_unspecified()
            || six.segments()[0] & 0xfe00 == 0xfc00
            || six.segments()[0] & 0xffc0 == 0xfe80
            || mapped.is_some_and(|four| is_local(&format!("http://{four}/")));
    }
    // `2130706433`, `0x7f000001`: what resolvers take for an IPv4 address.
    let number = !host.is_empty() && host.bytes().all(|b| b.is_ascii_digit());
    number
        || host.starts_with("0x")
        || host == "localhost"
        || host.ends_with(".localhost")
        || !host.contains('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(folder: &str, href: &str) -> Option<String> {
        join(folder, href)
    }

    #[test]
    fn references_stay_in_the_package_and_are_decoded_once() {
        assert_eq!(path("", "a/b.html?x=1#y").as_deref(), Some("a/b.html"));
        assert_eq!(path("a", "../b%20c.html").as_deref(), Some("b c.html"));
        assert_eq!(path("a", "./%2541.html").as_deref(), Some("a/%41.html"));
        assert_eq!(path("", "a\\b.html").as_deref(), Some("a/b.html"));
        assert_eq!(path("", "e\u{301}.html").as_deref(), Some("é.html"));
        assert_eq!(path("", "100%.html").as_deref(), Some("100%.html"));
        assert_eq!(path("", "a%+1.html").as_deref(), Some("a%+1.html"));
        assert_eq!(path("", "le%E7on.html").as_deref(), Some("leçon.html"));
        for bad in [
            "../x",
            "a/../../x",
            "%2e%2e/%2e%2e/etc/passwd",
            "%2e%2e%2fx",
            "/etc/passwd",
            "%2fetc/passwd",
            "\\\\serveur\\part",
            "C:\\x",
            "%43:/x",
            "javascript:alert(1)",
            "JAVASCRIPT:alert(1)",
            "data:text/html,x",
            "file:///etc/passwd",
            "a%00.html",
            "mailto:ada@univ-demo.example",
            "a\u{202e}.html",
            "%81.html",
        ] {
            assert_eq!(path("", bad), None, "{bad:?}");
        }
    }

    #[test]
    fn a_base_is_a_folder_up_to_its_last_slash() {
        let root = Base::default();
        let folder = |base: &Base| match base {
            Base::Folder(folder) => folder.clone(),
            Base::Address(url) => url.clone(),
        };
        assert_eq!(folder(&root.within("a/b/").unwrap()), "a/b");
        assert_eq!(folder(&root.within("a/b").unwrap()), "a");
        assert_eq!(folder(&root.within("").unwrap()), "");
        let inner = root.within("a/").unwrap().within("../c/").unwrap();
        assert_eq!(folder(&inner), "c");
        assert_eq!(root.within("../../"), Err(Fault::Leaves));
        assert_eq!(root.within("/"), Err(Fault::Leaves));
        let outer = root.within("https://cours.example/a/b").unwrap();
        let page = outer.refer("page.html").unwrap();
        assert_eq!(
            page,
            Reference::Address("https://cours.example/a/page.html".into())
        );
        assert!(outer.refer("../page.html").is_err());
    }

    #[test]
    fn addresses_of_the_own_network_are_told_apart() {
        for local in [
            "http://127.0.0.1:9/admin",
            "http://10.0.0.1/",
            "http://[::1]/",
            "http://[::ffff:127.0.0.1]/",
            "http://[fd00::1]/",
            "http://localhost/",
            "http://intranet/",
            "http://2130706433/",
            "http://0x7f.1/",
            "http://169.254.169.254/latest",
        ] {
            assert!(is_local(local), "{local}");
        }
        assert!(!is_local("https://cours.example/a"));
        assert!(!is_local("https://93.184.216.34/"));
    }
}
