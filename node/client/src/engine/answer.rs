//! What an engine answers.

use serde_json::Value;
use ureq::{Body, http};

use super::{EngineError, MAX_ANSWER};

/// Most characters of a reason that are repeated.
const MAX_WHY: usize = 500;

/// Reads an answer: JSON, or why not.
pub(super) fn read(place: &str, mut answer: http::Response<Body>) -> Result<Value, EngineError> {
    let status = answer.status().as_u16();
    let retry_after = answer.headers().get("retry-after");
    let retry_after = retry_after.and_then(|v| v.to_str().ok()?.trim().parse().ok());
    let body = answer
        .body_mut()
        .with_config()
        .limit(MAX_ANSWER)
        .read_to_vec();
    // A page of a proxy in front says with its status what it means.
    let json = match &body {
        Ok(bytes) => serde_json::from_slice::<Value>(bytes).ok(),
        Err(_) => None,
    };
    match status {
        200..=299 => match (body, json) {
            (Ok(_), Some(json)) => Ok(json),
            (Ok(_), None) => Err(EngineError::Answer {
                place: place.to_owned(),
                what: "it is not JSON".to_owned(),
            }),
            (Err(cause), _) => Err(unreachable(place, &cause)),
        },
        429 | 502..=504 => Err(EngineError::Busy {
            status,
            retry_after,
        }),
        413 => Err(EngineError::TooLarge),
        409 => Err(EngineError::Conflict(why(
            &json.unwrap_or_default()["error"],
        ))),
        300..=399 => Err(EngineError::Answer {
            place: place.to_owned(),
            what: "it sends to another address".to_owned(),
        }),
        _ => Err(EngineError::Refused {
            status,
            why: why(&json.unwrap_or_default()["error"]),
        }),
    }
}

/// The kind and the reason of an error, with what is below it: `mapper_parsing_exception: failed to parse field [updated]`.
pub(super) fn why(error: &Value) -> String {
    let mut parts = Vec::new();
    let mut at = error;
    for _ in 0..4 {
        let text = |name: &str| at[name].as_str();
        match (text("type"), text("reason"), at.as_str()) {
            (Some(kind), Some(reason), _) => parts.push(format!("{kind}: {reason}")),
            (Some(text), None, _) | (None, Some(text), _) | (None, None, Some(text)) => {
                parts.push(text.to_owned());
            }
            (None, None, None) => break,
        }
        at = &at["caused_by"];
    }
    if parts.is_empty() {
        return "it does not say why".to_owned();
    }
    let all = parts.join("; ");
    match all.char_indices().nth(MAX_WHY) {
        Some((end, _)) => format!("{}…", &all[..end]),
        None => all,
    }
}

/// No answer.
pub(super) fn unreachable(place: &str, cause: &ureq::Error) -> EngineError {
    let cause = match cause {
        ureq::Error::HostNotFound => "the host name is not known".to_owned(),
        ureq::Error::Timeout(_) => "no answer in time".to_owned(),
        ureq::Error::ConnectionFailed => "no connection".to_owned(),
        ureq::Error::Io(cause) => cause.to_string(),
        other => other.to_string(),
    };
    EngineError::Unreachable {
        place: place.to_owned(),
        cause,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn reasons_are_told_with_what_caused_them_and_end() {
        let error = json!({"type": "mapper_parsing_exception", "reason": "failed to parse field [updated]",
            "caused_by": {"type": "illegal_argument_exception", "reason": "bad date"}});
        assert_eq!(
            why(&error),
            "mapper_parsing_exception: failed to parse field [updated]; illegal_argument_exception: bad date"
        );
        assert_eq!(
            why(&json!("IndexMissingException")),
            "IndexMissingException"
        );
        assert_eq!(why(&Value::Null), "it does not say why");
        let long = why(&json!({"type": "x", "reason": "é".repeat(10_000)}));
        assert_eq!(long.chars().count(), MAX_WHY + 1);
    }
}
