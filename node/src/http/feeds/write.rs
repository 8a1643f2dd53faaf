//! A feed as bytes: Atom (RFC 4287) and RSS 2.0 (<https://www.rssboard.org/rss-specification>).

use std::fmt::Write as _;

use commun_forge::crosswalk::xml;

use crate::http::text::{rfc3339, visible};

/// What a feed says of itself.
pub(super) struct Feed {
    /// Its id: an IRI that stays, equal on every node.
    pub(super) id: String,
    /// Its title.
    pub(super) title: String,
    /// What it is, in a sentence.
    pub(super) about: String,
    /// The language of its own words.
    pub(super) lang: &'static str,
    /// Who made it, for entries without an author.
    pub(super) author: String,
    /// Its own address.
    pub(super) own: String,
    /// The address of the page that shows the same.
    pub(super) page: String,
    /// The entries, newest first.
    pub(super) entries: Vec<Entry>,
}

/// One item.
pub(super) struct Entry {
    /// An IRI that stays.
    pub(super) id: String,
    /// Its title, and the language of that, if known.
    pub(super) title: String,
    pub(super) lang: String,
    /// Its page.
    pub(super) link: String,
    /// Seconds since 1970.
    pub(super) updated: u64,
    /// Who made it; never empty.
    pub(super) authors: Vec<String>,
    /// What it is about; may be empty.
    pub(super) summary: String,
    /// The address of its licence.
    pub(super) licence: Option<String>,
    /// What it is about and for: a value and its name.
    pub(super) categories: Vec<(String, String)>,
}

impl Feed {
    /// When something in it changed last; the epoch where it is empty, so that it stays the same.
    pub(super) fn updated(&self) -> u64 {
        self.entries.iter().map(|e| e.updated).max().unwrap_or(0)
    }

    /// As Atom.
    pub(super) fn atom(&self) -> String {
        let mut out = String::from("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n");
        let _ = write!(
            out,
            "<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"{}\">\n<id>{}</id>\n<title>{}</title>\n<subtitle>{}</subtitle>\n\
             <updated>{}</updated>\n<author><name>{}</name></author>\n<generator uri=\"{}\">Commun</generator>\n\
             <link rel=\"self\" type=\"application/atom+xml\" href=\"{}\"/>\n<link rel=\"alternate\" type=\"text/html\" href=\"{}\"/>\n",
            self.lang,
            escaped(&self.id),
            escaped(&self.title),
            escaped(&self.about),
            rfc3339(self.updated()),
            escaped(&self.author),
            escaped(origin(&self.own)),
            escaped(&self.own),
            escaped(&self.page),
        );
        for entry in &self.entries {
            let lang = lang_attribute(&entry.lang);
            let _ = write!(
                out,
                "<entry{lang}>\n<id>{}</id>\n<title>{}</title>\n<updated>{}</updated>\n<link rel=\"alternate\" type=\"text/html\" href=\"{}\"/>\n",
                escaped(&entry.id),
                escaped(&entry.title),
                rfc3339(entry.updated),
                escaped(&entry.link),
            );
            for author in &entry.authors {
                let _ = writeln!(out, "<author><name>{}</name></author>", escaped(author));
            }
            if let Some(licence) = &entry.licence {
                // RFC 4946.
                let _ = writeln!(out, "<link rel=\"license\" href=\"{}\"/>", escaped(licence));
            }
            for (term, label) in &entry.categories {
                let _ = writeln!(
                    out,
                    "<category term=\"{}\" label=\"{}\"/>",
                    escaped(term),
                    escaped(label)
                );
            }
            if !entry.summary.is_empty() {
                let _ = writeln!(out, "<summary>{}</summary>", escaped(&entry.summary));
            }
            out.push_str("</entry>\n");
        }
        out.push_str("</feed>\n");
        out
    }

    /// As RSS 2.0.
    pub(super) fn rss(&self) -> String {
        let mut out = String::from("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n");
        let _ = write!(
            out,
            "<rss version=\"2.0\" xmlns:atom=\"http://www.w3.org/2005/Atom\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\">\n<channel>\n\
             <title>{}</title>\n<link>{}</link>\n<description>{}</description>\n<language>{}</language>\n\
             <lastBuildDate>{}</lastBuildDate>\n<generator>Commun</generator>\n<docs>https://www.rssboard.org/rss-specification</docs>\n\
             <atom:link rel=\"self\" type=\"application/rss+xml\" href=\"{}\"/>\n",
            escaped(&tagless(&self.title)),
            escaped(&self.page),
            escaped(&html(&self.about)),
            self.lang,
            http_date(self.updated()),
            escaped(&self.own),
        );
        for entry in &self.entries {
            let _ = write!(
                out,
                "<item>\n<title>{}</title>\n<link>{}</link>\n<guid isPermaLink=\"false\">{}</guid>\n<pubDate>{}</pubDate>\n",
                escaped(&tagless(&entry.title)),
                escaped(&entry.link),
                escaped(&entry.id),
                http_date(entry.updated),
            );
            for author in &entry.authors {
                let _ = writeln!(
                    out,
                    "<dc:creator>{}</dc:creator>",
                    escaped(&tagless(author))
                );
            }
            if let Some(licence) = &entry.licence {
                let _ = writeln!(out, "<dc:rights>{}</dc:rights>", escaped(licence));
            }
            for (_, label) in &entry.categories {
                let _ = writeln!(out, "<category>{}</category>", escaped(&tagless(label)));
            }
            if !entry.summary.is_empty() {
                let _ = writeln!(
                    out,
                    "<description>{}</description>",
                    escaped(&html(&entry.summary))
                );
            }
            out.push_str("</item>\n");
        }
        out.push_str("</channel>\n</rss>\n");
        out
    }
}

/// Text that XML may hold, escaped; what hides is made visible.
fn escaped(text: &str) -> String {
    xml::escaped(&visible(text))
}

/// Text as HTML, which the descriptions of RSS are: escaped once more.
fn html(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// A title of RSS is text to some readers and markup to others: no tag is left in it for either.
fn tagless(text: &str) -> String {
    text.replace('<', "‹").replace('>', "›")
}

fn lang_attribute(tag: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
    match !tag.is_empty() && tag != "und" && tag.chars().all(plain) {
        true => format!(" xml:lang=\"{tag}\""),
        false => String::new(),
    }
}

/// The beginning of an address: scheme and host.
fn origin(address: &str) -> &str {
    let after = address.find("://").map_or(0, |at| at + 3);
    let end = address[after..].find('/').map(|at| after + at);
    &address[..end.unwrap_or(address.len())]
}

/// A moment as HTTP (RFC 9110, 5.6.7) and RSS write it: `Sun, 06 Nov 1994 08:49:37 GMT`.
pub(super) fn http_date(seconds: u64) -> String {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let written = rfc3339(seconds);
    // What cannot be written is the epoch.
    let seconds = match written.starts_with("1970-01-01T00:00:00") {
        true => 0,
        false => seconds,
    };
    let part = |range: std::ops::Range<usize>| written.get(range).unwrap_or_default();
    let month = part(5..7).parse::<usize>().unwrap_or(1);
    let day = DAYS[(seconds / 86_400 % 7) as usize];
    let month = MONTHS[month.clamp(1, 12) - 1];
    format!(
        "{day}, {} {month} {} {} GMT",
        part(8..10),
        part(0..4),
        part(11..19)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_as_http_writes_them() {
        assert_eq!(http_date(784_111_777), "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(http_date(0), "Thu, 01 Jan 1970 00:00:00 GMT");
        assert_eq!(http_date(u64::MAX), "Thu, 01 Jan 1970 00:00:00 GMT");
    }

    #[test]
    fn what_others_wrote_stays_text() {
        assert_eq!(
            escaped("a<b> & \"\u{7}\u{202e}\u{ffff}"),
            "a&lt;b&gt; &amp; &quot;⟨U+0007⟩⟨U+202E⟩"
        );
        assert_eq!(escaped(&html("<b>")), "&amp;lt;b&amp;gt;");
        assert_eq!(lang_attribute("fr\" x=\"y"), "");
        assert_eq!(origin("https://a.example/x/y"), "https://a.example");
        assert_eq!(origin("https://a.example"), "https://a.example");
    }
}
