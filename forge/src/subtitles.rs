//! Subtitles for browsers: SubRip and WebVTT as WebVTT (W3C, Candidate Recommendation 2019) that is made anew, cue by cue.
//!
//! What comes in was written by anybody. What goes out has times, the settings of places, and text in which only
//! `<b>`, `<i>` and `<u>` are tags: no styles, no regions, no notes.

use std::fmt::Write as _;

use crate::resource::text::decode;

/// The most bytes of a file of subtitles that are read: a day of talk.
pub const MAX_BYTES: usize = 4 << 20;
/// The most cues.
const MAX_CUES: usize = 50_000;
/// The most characters of one cue: more covers the picture.
const MAX_CUE_CHARS: usize = 2_000;
/// The most tags of one cue that are kept; a word in bold within a line in italics needs two.
const MAX_CUE_TAGS: usize = 100;
/// The most bytes of what goes out. Nothing that is written to be read comes near: signs that are escaped may make a text five
/// times as long.
const MAX_OUT: usize = 2 * MAX_BYTES;

/// The subtitles as WebVTT; nothing where the file has none.
pub fn webvtt(bytes: &[u8]) -> Option<String> {
    let text = decode(&bytes[..bytes.len().min(MAX_BYTES)]).replace("\r\n", "\n");
    let text = text.replace('\r', "\n").replace('\0', "\u{fffd}");
    let mut out = String::from("WEBVTT\n");
    let mut cues = 0;
    let mut lines = text.trim_start_matches('\u{feff}').lines().peekable();
    while let Some(line) = lines.next() {
        let Some((start, end, settings)) = timing(line) else {
            continue;
        };
        let mut said = String::new();
        while let Some(line) =
            lines.next_if(|line| !line.trim().is_empty() && timing(line).is_none())
        {
            if !said.is_empty() {
                said.push('\n');
            }
            said.push_str(line.trim());
        }
        let said = clean(&said);
        if said.is_empty() || cues == MAX_CUES {
            continue;
        }
        let cue = format!("\n{} --> {}{settings}\n{said}\n", time(start), time(end));
        if out.len() + cue.len() > MAX_OUT {
            break;
        }
        out.push_str(&cue);
        cues += 1;
    }
    (cues > 0).then_some(out)
}

/// Start and end in milliseconds, and the settings that are kept, of a line `00:01,000 --> 00:02.500 align:start`.
fn timing(line: &str) -> Option<(u64, u64, String)> {
    let (start, rest) = line.split_once("-->")?;
    let start = milliseconds(start.trim())?;
    let mut rest = rest.split_whitespace();
    let end = milliseconds(rest.next()?)?;
    let mut settings = String::new();
    for setting in rest.take(8) {
        let Some((name, value)) = setting.split_once(':') else {
            continue;
        };
        let number = value.strip_suffix('%').unwrap_or(value);
        let number = number.strip_prefix('-').unwrap_or(number);
        let number = !number.is_empty()
            && number.len() <= 6
            && number.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        let fits = match name {
            "align" => ["start", "center", "end", "left", "right"].contains(&value),
            "vertical" => ["rl", "lr"].contains(&value),
            "line" | "position" | "size" => number,
            _ => false,
        };
        if fits {
            let _ = write!(settings, " {name}:{value}");
        }
    }
    (end > start).then_some((start, end, settings))
}

/// `1:02:03,400`, `02:03.4`: milliseconds.
fn milliseconds(text: &str) -> Option<u64> {
    let (clock, fraction) = text.split_once([',', '.']).unwrap_or((text, "0"));
    let digits = |text: &str, most: usize| {
        let fits =
            !text.is_empty() && text.len() <= most && text.bytes().all(|b| b.is_ascii_digit());
        fits.then(|| text.parse::<u64>().ok()).flatten()
    };
    let mut seconds = 0;
    let parts: Vec<&str> = clock.split(':').collect();
    if !(2..=3).contains(&parts.len()) {
        return None;
    }
    for part in parts {
        seconds = seconds * 60 + digits(part, 3)?;
    }
    let fraction = format!("{:0<3}", fraction.get(..3).unwrap_or(fraction));
    Some(seconds * 1_000 + digits(&fraction, 3)?)
}

fn time(milliseconds: u64) -> String {
    let (seconds, rest) = (milliseconds / 1_000, milliseconds % 1_000);
    let (hours, minutes) = (seconds / 3_600, seconds / 60 % 60);
    format!("{hours:02}:{minutes:02}:{:02}.{rest:03}", seconds % 60)
}

/// Longest tag, in bytes: behind it nothing is looked for.
const MAX_TAG: usize = 256;

fn end_of(tag: &str, sign: u8) -> Option<usize> {
    tag.bytes().take(MAX_TAG).position(|b| b == sign)
}

/// The text of a cue with its emphasis; other tags go, all that could be one is escaped.
fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut open: Vec<char> = Vec::new();
    let mut rest = text;
    let (mut chars, mut tags) = (0, 0);
    while let Some(c) = rest.chars().next() {
        if chars >= MAX_CUE_CHARS {
            break;
        }
        if let Some(tag) = rest.strip_prefix('<')
            && let Some(end) = end_of(tag, b'>')
        {
            let name = tag[..end].trim().to_ascii_lowercase();
            rest = &tag[end + 1..];
            let (closing, name) = match name.strip_prefix('/') {
                Some(name) => (true, name),
                None => (false, name.as_str()),
            };
            let Some(letter) = ["b", "i", "u"]
                .iter()
                .find(|known| **known == name)
                .and_then(|name| name.chars().next())
            else {
                continue;
            };
            match closing {
                false if tags == MAX_CUE_TAGS => {}
                false => {
                    tags += 1;
                    open.push(letter);
                    let _ = write!(out, "<{letter}>");
                }
                true if open.last() == Some(&letter) => {
                    open.pop();
                    let _ = write!(out, "</{letter}>");
                }
                true => {}
            }
            continue;
        }
        // Where programs of another kind put a line: `{\an8}`.
        if let Some(tag) = rest.strip_prefix("{\\")
            && let Some(end) = end_of(tag, b'}')
        {
            rest = &tag[end + 1..];
            continue;
        }
        let entity = ["&amp;", "&lt;", "&gt;", "&nbsp;", "&lrm;", "&rlm;"];
        if let Some(entity) = entity.into_iter().find(|entity| rest.starts_with(entity)) {
            out.push_str(entity);
            rest = &rest[entity.len()..];
            chars += 1;
            continue;
        }
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '\n' => out.push('\n'),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
        chars += 1;
        rest = &rest[c.len_utf8()..];
    }
    while let Some(letter) = open.pop() {
        let _ = write!(out, "</{letter}>");
    }
    // A line without a character would end the cue.
    let lines = out.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subrip_becomes_webvtt() {
        let srt = "\u{feff}1\r\n00:00:01,000 --> 00:00:02,500\r\n{\\an8}Le <i>vent</i> & le <font color=red>sable\r\n\
                   deuxième ligne\r\n\r\n2\r\n0:01:02,5 --> 00:01:04,000\r\n1 < 2\r\n";
        assert_eq!(
            webvtt(srt.as_bytes()).unwrap(),
            "WEBVTT\n\n00:00:01.000 --> 00:00:02.500\nLe <i>vent</i> &amp; le sable\ndeuxième ligne\n\n\
             00:01:02.500 --> 00:01:04.000\n1 &lt; 2\n"
        );
        // Old files are in Latin 1.
        let latin = b"1\n00:00:01,000 --> 00:00:02,500\n\xe9t\xe9\n";
        assert!(webvtt(latin).unwrap().contains("été"));
    }

    #[test]
    fn hostile_webvtt_keeps_its_words_only() {
        let hostile = "WEBVTT\n\nSTYLE\n::cue { background: url(http://127.0.0.1:9/x) }\n\nREGION\nid:a\n\n\
                       NOTE <script>x</script>\n\nid --> x\n00:01.000 --> 00:02.000 align:start line:-1 region:a position:\"x\"\n\
                       <v Ada><script>alert(1)</script><b>gras</i> --> <c.x>&lt;b&gt; & <00:01.500>fin\n";
        assert_eq!(
            webvtt(hostile.as_bytes()).unwrap(),
            "WEBVTT\n\n00:00:01.000 --> 00:00:02.000 align:start line:-1\nalert(1)<b>gras --&gt; &lt;b&gt; &amp; fin</b>\n"
        );
    }

    #[test]
    fn what_has_no_cue_is_none() {
        for none in [
            "",
            "WEBVTT",
            "--> ",
            "00:01 --> ",
            "00:02.000 --> 00:01.000\nback",
            "00:00:01,000 --> 00:00:02,000\n\n",
            "1000:1000:1000:1 --> 9:9\nx",
            "99999999999999999999:00 --> 9:9\nx",
        ] {
            assert_eq!(webvtt(none.as_bytes()), None, "{none:?}");
        }
        assert_eq!(webvtt(&[0xff; 300]), None);
        let long = "00:01 --> 00:02\nx\n\n".repeat(60_000);
        assert_eq!(
            webvtt(long.as_bytes()).unwrap().matches("-->").count(),
            50_000
        );
    }

    #[test]
    fn what_goes_out_is_bounded_whatever_comes_in() {
        let tags = format!("00:01 --> 00:02\n{}x\n\n", "<b>".repeat(1_000_000));
        let cue = webvtt(tags.as_bytes()).unwrap();
        assert_eq!(cue.matches("<b>").count(), MAX_CUE_TAGS);
        assert_eq!(cue.matches("</b>").count(), MAX_CUE_TAGS);
        // Each sign becomes five.
        let signs = format!("00:01 --> 00:02\n{}\n\n", "&".repeat(MAX_CUE_CHARS));
        let signs = signs.repeat(MAX_BYTES / signs.len());
        let out = webvtt(signs.as_bytes()).unwrap();
        assert!(out.len() <= MAX_OUT && out.len() > MAX_OUT - 20_000);
        assert!(out.ends_with("&amp;\n"), "a whole cue");
    }
}
