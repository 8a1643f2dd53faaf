//! Writing XML: everything that is put in is escaped, everything that is opened is closed.

/// Writes a document from top to bottom.
#[derive(Clone, Debug)]
pub struct Writer {
    out: String,
    open: Vec<String>,
}

impl Default for Writer {
    fn default() -> Self {
        Writer::new()
    }
}

impl Writer {
    /// A document with its declaration.
    pub fn new() -> Writer {
        Writer {
            out: "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".into(),
            open: Vec::new(),
        }
    }

    /// A part of a document, without a declaration.
    pub fn part() -> Writer {
        Writer {
            out: String::new(),
            open: Vec::new(),
        }
    }

    /// Opens an element. Names are ours; values are escaped.
    pub fn open(&mut self, name: &str, attributes: &[(&str, &str)]) -> &mut Self {
        self.tag(name, attributes);
        self.out.push('>');
        self.open.push(name.to_owned());
        self
    }

    /// Closes the element that was opened last.
    pub fn close(&mut self) -> &mut Self {
        if let Some(name) = self.open.pop() {
            self.out.push_str("</");
            self.out.push_str(&name);
            self.out.push('>');
        }
        self
    }

    /// An element that holds text.
    pub fn leaf(&mut self, name: &str, attributes: &[(&str, &str)], text: &str) -> &mut Self {
        self.tag(name, attributes);
        if text.is_empty() {
            self.out.push_str("/>");
            return self;
        }
        self.out.push('>');
        escape(text, false, &mut self.out);
        self.out.push_str("</");
        self.out.push_str(name);
        self.out.push('>');
        self
    }

    /// A line break, for people who read the source.
    pub fn newline(&mut self) -> &mut Self {
        self.out.push('\n');
        self
    }

    /// What is XML already, from another writer or checked by [`parse`](super::parse).
    pub fn raw(&mut self, xml: &str) -> &mut Self {
        self.out.push_str(xml);
        self
    }

    /// How many bytes there are so far.
    pub fn len(&self) -> usize {
        self.out.len()
    }

    /// Whether nothing was written yet.
    pub fn is_empty(&self) -> bool {
        self.out.is_empty()
    }

    /// Takes what was written so far out, so that a long document can be sent in pieces.
    pub fn take(&mut self) -> String {
        std::mem::take(&mut self.out)
    }

    /// Closes what is open and gives the document.
    pub fn finish(mut self) -> String {
        while !self.open.is_empty() {
            self.close();
        }
        self.out
    }

    fn tag(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.out.push('<');
        self.out.push_str(name);
        for (name, value) in attributes {
            self.out.push(' ');
            self.out.push_str(name);
            self.out.push_str("=\"");
            escape(value, true, &mut self.out);
            self.out.push('"');
        }
    }
}

/// Text as XML holds it, inside an element or an attribute. Characters that XML forbids are left out: whoever wants a reader to
/// see that they were there has made them visible before.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    escape(text, true, &mut out);
    out
}

/// The same at the end of what is written already; with `attribute`, as the value of one.
pub fn escape(text: &str, attribute: bool, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' if attribute => out.push_str("&quot;"),
            // A parser would make these a space in an attribute, and a carriage return a line feed anywhere.
            '\n' | '\t' if attribute => out.push_str(if c == '\n' { "&#10;" } else { "&#9;" }),
            '\r' => out.push_str("&#13;"),
            c if super::legal(c) => out.push(c),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_forbids_is_left_out_and_the_rest_is_read_back_as_it_was() {
        let mut forbidden: Vec<char> = ('\0'..'\u{20}').collect();
        forbidden.retain(|c| !matches!(c, '\t' | '\n' | '\r'));
        forbidden.extend(['\u{fffe}', '\u{ffff}']);
        let text: String = forbidden.into_iter().collect();
        assert_eq!(escaped(&text), "");
        // Unwise, and allowed (XML 1.0, 2.2).
        let kept = "a<b> & \"c\" 'd'\t\n\r\u{7f}\u{85}\u{fdd0}\u{fffd}\u{10ffff} ]]>";
        let xml = format!(
            "<x y=\"{}\">{}</x>",
            escaped(kept),
            escaped(&format!("\u{1}{kept}\u{b}"))
        );
        let document = roxmltree::Document::parse(&xml).unwrap();
        let root = document.root_element();
        assert_eq!(root.attribute("y"), Some(kept));
        assert_eq!(root.text(), Some(kept));
        let mut element = String::new();
        escape("a \"b\"\nc\u{b}", false, &mut element);
        assert_eq!(element, "a \"b\"\nc");
    }
}
