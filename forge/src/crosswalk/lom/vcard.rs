//! Persons: vCard 2.1 to 4.0 as records carry it (RFC 2426, RFC 6350), whole or collapsed on one line.

use commun_specs::metadata::{Affiliation, Creator, MAX_LINE_CHARS, idref, is_target, orcid, ror};

use super::words::fold;

/// Most properties of a card that are looked at.
const MAX_PROPERTIES: usize = 100;

/// Longest card that is read, in bytes: a card with a small picture has 20 KiB, and what is longer names nobody better.
pub(super) const MAX_CARD: usize = 64 * 1024;

/// Properties that begin a line; a card on one line is cut before them.
const NAMES: [&str; 30] = [
    "BEGIN",
    "VERSION",
    "N",
    "FN",
    "ORG",
    "EMAIL",
    "TEL",
    "URL",
    "UID",
    "NOTE",
    "ADR",
    "KIND",
    "REV",
    "TITLE",
    "ROLE",
    "END",
    "LANG",
    "PRODID",
    "SOURCE",
    "CATEGORIES",
    "NICKNAME",
    "PHOTO",
    "LOGO",
    "BDAY",
    "GEO",
    "TZ",
    "LABEL",
    "IMPP",
    "MEMBER",
    "NAME",
];

/// Properties that are nobody's business.
const PRIVATE: [&str; 7] = ["TEL", "ADR", "LABEL", "BDAY", "PHOTO", "GEO", "IMPP"];

/// What a card says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Card {
    /// The person or organisation; `None` where no name is found.
    pub person: Option<Creator>,
    /// It had lost its line breaks.
    pub one_line: bool,
    /// It is no card, only a name.
    pub bare: bool,
    /// It is longer than what is read of a card (64 KiB): the rest was left out.
    pub cut: bool,
    /// Values that are wrong: identifiers whose check digit fails.
    pub wrong: Vec<String>,
    /// Properties that the model has no place for: `TITLE:…`.
    pub rest: Vec<String>,
    /// Properties left out because they are nobody's business: `TEL`, `ADR`, `BDAY`, `PHOTO`.
    pub private: Vec<&'static str>,
}

/// The cards of a text, which should be one.
pub(super) fn apart(text: &str) -> Vec<&str> {
    let lower = text.to_ascii_lowercase();
    let mut starts: Vec<usize> = lower
        .match_indices("begin:vcard")
        .map(|(at, _)| at)
        .collect();
    match starts.first_mut() {
        Some(first) => *first = 0,
        None => return vec![text],
    }
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    starts
        .iter()
        .zip(ends)
        .map(|(from, to)| &text[*from..to])
        .collect()
}

/// Reads a card.
pub fn read(text: &str) -> Card {
    let text = text.trim();
    let mut card = Card {
        cut: text.len() > MAX_CARD,
        ..Card::default()
    };
    let text = &text[..text.floor_char_boundary(MAX_CARD)];
    if !text
        .get(..11)
        .is_some_and(|head| head.eq_ignore_ascii_case("BEGIN:VCARD"))
    {
        card.bare = true;
        // `Marie Curie <marie@example.org>`: what the address is must not stand in the name.
        let (name, mail) = match text
            .strip_suffix('>')
            .and_then(|rest| rest.rsplit_once('<'))
        {
            Some((name, mail)) if is_mail(mail.trim()) => (name, Some(mail.trim().to_owned())),
            _ => (text, None),
        };
        // An address alone is all that is known of a person.
        let name = line(name).or_else(|| line(mail.as_deref()?));
        card.person = name.map(|name| Creator {
            name,
            email: mail,
            ..Creator::default()
        });
        return card;
    }
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let lines = match text.contains('\n') {
        true => unfold(&text),
        false => {
            card.one_line = true;
            // Some lost theirs by writing `\n` for them.
            cut(&text.replace("\\n", " "))
        }
    };
    let mut fields = Fields::default();
    for property in lines.iter().take(MAX_PROPERTIES) {
        fields.take(property, &mut card);
    }
    card.person = fields.person(&mut card);
    card
}

/// Joins folded lines; lines that a pretty-printer indented begin with a property all the same, spelt as the first one is,
/// or indented as the first one is where all of them are.
fn unfold(text: &str) -> Vec<String> {
    let capitals = text.starts_with('B');
    let indent = |line: &str| line.len() - line.trim_start().len();
    let inner = || {
        let rest = text.lines().skip(1).filter(|line| !line.trim().is_empty());
        rest.filter(|line| property(line) != Some("END"))
    };
    let printed = inner()
        .next()
        .map(indent)
        .filter(|_| inner().all(|line| indent(line) > 0));
    let begins = |line: &str| {
        let bare = line.trim_start();
        let spelt = !capitals
            || bare.starts_with(|c: char| c.is_ascii_uppercase())
            || printed == Some(indent(line));
        spelt && property(bare).is_some()
    };
    let mut lines: Vec<String> = Vec::new();
    // Of the last line; asked once, not after each of its breaks.
    let mut quoted = false;
    for line in text.lines() {
        let folded = line.starts_with([' ', '\t']) && !begins(line);
        match lines.last_mut() {
            // A soft line break of quoted-printable.
            Some(last) if quoted && last.ends_with('=') => {
                last.pop();
                last.push_str(line.trim_start());
            }
            Some(last) if folded => last.push_str(&line[1..]),
            _ if line.trim().is_empty() => {}
            // White space at the end is part of a value that goes on.
            _ => {
                let line = line.trim_start();
                quoted = is_quoted(line);
                lines.push(line.to_owned());
            }
        }
    }
    lines
}

/// Whether the value of a property is quoted-printable, as in vCard 2.1.
fn is_quoted(property: &str) -> bool {
    let head = colon(property).map_or("", |(head, _)| head);
    encoding(head) == Encoding::Quoted
}

/// How a value is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Plain,
    /// vCard 2.1.
    Quoted,
    /// `ENCODING=b` of vCard 3.0, `ENCODING=BASE64` or `BASE64` of 2.1.
    Base64,
}

/// The encoding that the parameters of a property name.
fn encoding(head: &str) -> Encoding {
    let upper = head.to_ascii_uppercase();
    let mut params = upper.split(';').skip(1).map(str::trim);
    let base64 = |param: &str| matches!(param, "ENCODING=B" | "ENCODING=BASE64" | "BASE64");
    match upper.contains("QUOTED-PRINTABLE") {
        true => Encoding::Quoted,
        false if params.any(base64) => Encoding::Base64,
        false => Encoding::Plain,
    }
}

/// Base64 as text, which is UTF-8; `None` for anything else. A value is never longer than its card ([`MAX_CARD`]).
fn from_base64(value: &str) -> Option<String> {
    let bytes: Vec<u8> = value.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
    let decoded = data_encoding::BASE64.decode(&bytes).ok()?;
    String::from_utf8(decoded).ok()
}

/// Quoted-printable as text (RFC 2045 section 6.7): UTF-8, else Latin-1.
fn unquoted(value: &str) -> String {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let pair = after
            .get(..2)
            .filter(|pair| pair.iter().all(u8::is_ascii_hexdigit))
            .and_then(|pair| std::str::from_utf8(pair).ok());
        let byte = pair.and_then(|pair| u8::from_str_radix(pair, 16).ok());
        match (first, byte) {
            (b'=', Some(byte)) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|e| {
        let latin = e
            .as_bytes()
            .iter()
            .map(|b| crate::crosswalk::xml::western(*b));
        latin.collect()
    })
}

/// Cuts one line before each property.
fn cut(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(last) if property(word).is_none() => {
                last.push(' ');
                last.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// The name of the property that a line begins with.
fn property(line: &str) -> Option<&'static str> {
    let end = line.find([':', ';'])?;
    let name = line[..end].rsplit('.').next()?;
    let head = name.get(..2).filter(|_| name.len() > 2);
    if head.is_some_and(|head| head.eq_ignore_ascii_case("X-")) {
        return Some("X-");
    }
    NAMES
        .into_iter()
        .find(|known| known.eq_ignore_ascii_case(name))
}

#[derive(Default)]
struct Fields {
    name: Option<String>,
    parts: Vec<String>,
    org: Option<String>,
    email: Option<String>,
    organisation: bool,
    ids: Vec<String>,
}

impl Fields {
    fn take(&mut self, written: &str, card: &mut Card) {
        let Some(name) = property(written) else {
            if !written.trim().is_empty() {
                card.rest.push(written.trim().to_owned());
            }
            return;
        };
        let Some((head, value)) = colon(written) else {
            return;
        };
        let decoded = match encoding(head) {
            Encoding::Plain => None,
            Encoding::Quoted => Some(unquoted(value)),
            Encoding::Base64 => match from_base64(value) {
                Some(text) => Some(text),
                None if PRIVATE.contains(&name) => None,
                // A picture, or what nobody can read: it names nobody.
                None => {
                    card.rest.push(written.trim().to_owned());
                    return;
                }
            },
        };
        let value = decoded.as_deref().unwrap_or(value).trim();
        if value.is_empty() {
            return;
        }
        match name {
            "BEGIN" | "END" | "VERSION" | "REV" | "PRODID" | "LANG" => {}
            "FN" | "NAME" => self.name = self.name.take().or_else(|| line(&unescape(value))),
            "N" => self.parts = parts(value),
            "ORG" => {
                let units: Vec<String> =
                    parts(value).into_iter().filter(|p| !p.is_empty()).collect();
                self.org = line(&units.join(", "));
            }
            "EMAIL" => {
                let mail = value
                    .strip_prefix("mailto:")
                    .unwrap_or(value)
                    .trim()
                    .to_owned();
                match is_mail(&mail) {
                    true => self.email = Some(mail),
                    false => card.wrong.push(mail),
                }
            }
            "KIND" => self.organisation = matches!(&*fold(value), "org" | "organization" | "group"),
            name if PRIVATE.contains(&name) => {
                if !card.private.contains(&name) {
                    card.private.push(name);
                }
            }
            "URL" | "UID" | "SOURCE" => self.ids.push(unescape(value)),
            "NOTE" | "X-" => {
                let text = unescape(value);
                match numbered(head, &text) {
                    Some(id) => self.ids.push(id),
                    None => card.rest.push(written.trim().to_owned()),
                }
            }
            _ => card.rest.push(written.trim().to_owned()),
        }
    }

    fn person(self, card: &mut Card) -> Option<Creator> {
        let part = |at: usize| self.parts.get(at).filter(|p| !p.is_empty()).cloned();
        let (family, given) = (part(0), part(1));
        let spelt = || {
            let both: Vec<String> = [given.clone(), family.clone()]
                .into_iter()
                .flatten()
                .collect();
            (!both.is_empty()).then(|| both.join(" "))
        };
        let name = self
            .name
            .clone()
            .or_else(spelt)
            .or_else(|| self.org.clone())?;
        let own = self
            .org
            .as_ref()
            .is_some_and(|org| fold(org) == fold(&name));
        let organisation = self.organisation || own;
        // An organisation, or a person of one name, has all of it as family name.
        let split = given.is_some() || family.as_ref().is_some_and(|f| fold(f) != fold(&name));
        let mut person = Creator {
            kind: organisation.then(|| "organisation".to_owned()),
            given: given.filter(|_| !organisation),
            family: family.filter(|_| split && !organisation),
            honorific: part(3),
            email: self.email,
            affiliation: self.org.filter(|_| !own).map(|name| Affiliation {
                name,
                ..Affiliation::default()
            }),
            name,
            ..Creator::default()
        };
        for id in self.ids {
            identify(&mut person, id, card);
        }
        Some(person)
    }
}

/// Puts an identifier where the model has it.
fn identify(person: &mut Creator, id: String, card: &mut Card) {
    let id = id.trim().to_owned();
    let lower = id.to_ascii_lowercase();
    let checked = |read: Result<String, &str>, card: &mut Card| {
        if read.is_err() {
            card.wrong.push(id.clone());
        }
        read.ok()
    };
    if lower.contains("orcid") || orcid(&id).is_ok() {
        let bare = id.rsplit([':', '/', '=']).next().unwrap_or(&id).trim();
        person.orcid = checked(orcid(bare), card).or(person.orcid.take());
    } else if lower.contains("idref") {
        let bare = id.trim_end_matches("/id").rsplit(['/', ':', '=']).next();
        person.idref = checked(idref(bare.unwrap_or(&id).trim()), card).or(person.idref.take());
    } else if lower.contains("ror.org/") {
        let read = checked(ror(&id), card);
        match &mut person.affiliation {
            Some(place) if person.kind.is_none() => place.ror = read,
            _ => person.ror = read,
        }
    } else if let Some(isni) = isni(&lower) {
        person.ids.push(isni);
    } else if is_target(&id) && id.contains(':') && id.chars().count() <= MAX_LINE_CHARS {
        if !person.ids.contains(&id) {
            person.ids.push(id);
        }
    } else {
        card.rest.push(id);
    }
}

/// An ISNI in any of its spellings as its address.
fn isni(lower: &str) -> Option<String> {
    if !lower.contains("isni") {
        return None;
    }
    let digits: String = lower
        .chars()
        .filter(|c| c.is_ascii_digit() || *c == 'x')
        .collect();
    (digits.len() == 16).then(|| format!("https://isni.org/isni/{}", digits.to_ascii_uppercase()))
}

/// `NOTE:SIREN=180089013`, `X-ORCID:…`, `NOTE:ISNI 0000 0001 …`.
fn numbered(head: &str, text: &str) -> Option<String> {
    let head = head.to_ascii_lowercase();
    let lower = text.to_ascii_lowercase();
    for (name, length) in [("siret", 14), ("siren", 9)] {
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        if (lower.starts_with(name) || head.contains(name)) && digits.len() == length {
            return Some(format!("urn:{name}:{digits}"));
        }
    }
    let short = text.chars().count() <= 80;
    for name in ["orcid", "idref", "isni"] {
        if short && (lower.starts_with(name) || head.contains(name)) {
            let joined = lower.contains(name) || lower.contains("://");
            return Some(match joined {
                true => text.to_owned(),
                false => format!("{name}:{text}"),
            });
        }
    }
    (is_target(text) && text.contains("://")).then(|| text.to_owned())
}

/// The first colon outside quotes: parameters end there.
fn colon(written: &str) -> Option<(&str, &str)> {
    let mut quoted = false;
    let at = written.find(|c| {
        quoted ^= c == '"';
        c == ':' && !quoted
    })?;
    Some((&written[..at], &written[at + 1..]))
}

/// The parts between semicolons that are not escaped.
fn parts(value: &str) -> Vec<String> {
    let mut all = vec![String::new()];
    let mut escaped = false;
    for c in value.chars() {
        match (c, all.last_mut()) {
            (';', _) if !escaped => all.push(String::new()),
            (c, Some(last)) => last.push(c),
            (_, None) => {}
        }
        escaped = c == '\\' && !escaped;
    }
    all.iter()
        .map(|part| line(&unescape(part)).unwrap_or_default())
        .collect()
}

fn unescape(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let mut rest = value.chars();
    while let Some(c) = rest.next() {
        match c {
            '\\' => match rest.next() {
                Some('n' | 'N') => out.push(' '),
                Some(other) => out.push(other),
                None => {}
            },
            c => out.push(c),
        }
    }
    out.trim().to_owned()
}

/// A text fit for one line of the model; `None` where nothing is left.
fn line(text: &str) -> Option<String> {
    let fit = crate::crosswalk::text::fit(text, crate::crosswalk::text::Room::Line);
    (!fit.text.is_empty()).then_some(fit.text)
}

/// As far as it is worth looking.
pub(crate) fn is_mail(text: &str) -> bool {
    text.chars().count() <= MAX_LINE_CHARS
        && text.split('@').filter(|part| !part.is_empty()).count() == 2
        && text.matches('@').count() == 1
        && !text.contains(|c: char| {
            c.is_whitespace()
                || c.is_control()
                || commun_specs::metadata::is_forbidden(c)
                || matches!(c, '<' | '>' | '"' | '?' | '&' | ',' | ':')
        })
}

/// Writes a card, vCard 3.0.
pub fn write(person: &Creator) -> String {
    let mut out = String::from("BEGIN:VCARD\nVERSION:3.0\n");
    let mut put = |name: &str, value: &str| {
        out.push_str(name);
        out.push(':');
        out.push_str(value);
        out.push('\n');
    };
    let part = |text: &Option<String>| text.as_deref().map(escape).unwrap_or_default();
    let name = match (&person.family, &person.given) {
        (None, None) => format!("{};;;{};", escape(&person.name), part(&person.honorific)),
        (family, given) => format!(
            "{};{};;{};",
            part(family),
            part(given),
            part(&person.honorific)
        ),
    };
    put("N", &name);
    put("FN", &escape(&person.name));
    let organisation = person.kind.as_deref() == Some("organisation");
    match &person.affiliation {
        _ if organisation => put("ORG", &escape(&person.name)),
        Some(place) => put("ORG", &escape(&place.name)),
        None => {}
    }
    if let Some(mail) = &person.email {
        put("EMAIL;TYPE=INTERNET", mail);
    }
    let place = person.affiliation.as_ref().and_then(|a| a.ror.as_ref());
    let known = [
        ("https://orcid.org/", person.orcid.as_ref()),
        ("https://www.idref.fr/", person.idref.as_ref()),
        ("https://ror.org/", person.ror.as_ref()),
        ("https://ror.org/", place.filter(|_| !organisation)),
    ];
    for (host, id) in known {
        if let Some(id) = id {
            put("URL", &format!("{host}{id}"));
        }
    }
    for id in &person.ids {
        match id.strip_prefix("urn:siren:") {
            Some(number) => put("NOTE", &format!("SIREN={number}")),
            None if id.starts_with("http") => put("URL", id),
            None => put("UID", id),
        }
    }
    out.push_str("END:VCARD");
    out
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            ',' | ';' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            c => out.push(c),
        }
    }
    out
}
