//! The bulk interface: lines of JSON, an action and, for one that puts, its document.

use serde_json::{Value, json};

use super::answer::why;

/// What is to be done with one document.
#[derive(Clone, Debug, PartialEq)]
pub struct Action {
    /// The document's id.
    pub id: String,
    /// The lines, each with its end.
    lines: String,
    /// Whether it deletes.
    deletes: bool,
}

/// What became of an action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is done.
    Done,
    /// The engine is busy: to be sent again.
    Again,
    /// It will never be done so.
    Refused(String),
}

impl Action {
    /// Puts a document, in the place of the one that has the id.
    pub fn index(id: &str, document: &Value) -> Action {
        // A line of JSON has no line end in it: serde_json writes those of texts as \n.
        Action {
            id: id.to_owned(),
            lines: format!("{}\n{document}\n", json!({"index": {"_id": id}})),
            deletes: false,
        }
    }

    /// Deletes a document, or finds that it is not there.
    pub fn delete(id: &str) -> Action {
        Action {
            id: id.to_owned(),
            lines: format!("{}\n", json!({"delete": {"_id": id}})),
            deletes: true,
        }
    }

    /// How many bytes it takes in a request.
    pub fn bytes(&self) -> usize {
        self.lines.len()
    }

    /// Whether it deletes.
    pub fn deletes(&self) -> bool {
        self.deletes
    }

    pub(super) fn write(&self, body: &mut Vec<u8>) {
        body.extend_from_slice(self.lines.as_bytes());
    }
}

/// What an answer says of each action. An answer that does not fit the request proves nothing.
pub(super) fn outcomes(answer: &Value, actions: &[Action]) -> Result<Vec<Outcome>, String> {
    let items = answer["items"].as_array();
    let items = items.ok_or("an answer to a bulk request has no items")?;
    if items.len() != actions.len() {
        return Err(format!(
            "{} answers to {} actions",
            items.len(),
            actions.len()
        ));
    }
    let both = items.iter().zip(actions);
    both.map(|(item, action)| {
        let told = &item[if action.deletes { "delete" } else { "index" }];
        if told["_id"].as_str() != Some(action.id.as_str()) {
            return Err("the answers are not in the order of the actions".to_owned());
        }
        let status = told["status"].as_u64().ok_or("an answer has no status")?;
        Ok(match status {
            200..=299 => Outcome::Done,
            404 if action.deletes && told["error"].is_null() => Outcome::Done,
            429 | 503 => Outcome::Again,
            _ => Outcome::Refused(why(&told["error"])),
        })
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_with_line_ends_is_one_line() {
        let put = Action::index("a\"b", &json!({"title": "one\ntwo\r\u{2028}"}));
        let mut body = Vec::new();
        put.write(&mut body);
        Action::delete("c").write(&mut body);
        let text = String::from_utf8(body).unwrap();
        assert!(text.ends_with('\n') && !text.contains('\r'));
        let lines: Vec<Value> = text
            .split_terminator('\n')
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(lines[0], json!({"index": {"_id": "a\"b"}}));
        assert_eq!(lines[1]["title"], "one\ntwo\r\u{2028}");
        assert_eq!(lines[2], json!({"delete": {"_id": "c"}}));
        assert_eq!(lines.len(), 3);
    }

    #[test]
    fn each_action_has_an_answer_of_its_own() {
        let put = |id| Action::index(id, &json!({}));
        let actions = [
            put("a"),
            put("b"),
            put("c"),
            Action::delete("d"),
            Action::delete("e"),
        ];
        let told = json!({"errors": true, "items": [
            {"index": {"_id": "a", "status": 201}},
            {"index": {"_id": "b", "status": 429, "error": {"type": "es_rejected_execution_exception", "reason": "queue"}}},
            {"index": {"_id": "c", "status": 400, "error": {"type": "mapper_parsing_exception", "reason": "no"}}},
            {"delete": {"_id": "d", "status": 404, "result": "not_found"}},
            {"delete": {"_id": "e", "status": 404, "error": {"type": "index_not_found_exception", "reason": "no such index"}}},
        ]});
        let refused = |text: &str| Outcome::Refused(text.to_owned());
        assert_eq!(
            outcomes(&told, &actions).unwrap(),
            [
                Outcome::Done,
                Outcome::Again,
                refused("mapper_parsing_exception: no"),
                Outcome::Done,
                refused("index_not_found_exception: no such index"),
            ]
        );
    }

    #[test]
    fn an_answer_that_does_not_fit_proves_nothing() {
        let actions = [Action::delete("a"), Action::delete("b")];
        let told = |id: &str| json!({"delete": {"_id": id, "status": 200}});
        for bad in [
            json!({}),
            json!({"items": [told("a")]}),
            json!({"items": [told("b"), told("a")]}),
            json!({"items": [told("a"), {"index": {"_id": "b", "status": 200}}]}),
            json!({"items": [told("a"), {"delete": {"_id": "b"}}]}),
        ] {
            assert!(outcomes(&bad, &actions).is_err(), "{bad} was taken");
        }
    }
}
