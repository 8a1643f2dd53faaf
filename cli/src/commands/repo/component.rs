//! What `commun repo show` says of a repository as a component.

use serde_json::Value;

use crate::terminal;

/// Release, users and problems of an item's document, a line each; nothing where there is nothing to say.
pub(super) fn lines(item: &Value) -> String {
    let component = &item["component"];
    let mut text = String::new();
    if let Some(release) = component["release"].as_str() {
        text.push_str(&format!("release      {}\n", terminal::line(release)));
    }
    if let Some(users @ 1..) = item["adoptions"].as_u64() {
        text.push_str(&format!(
            "used by      {users} (`commun adopt --list ITEM` names them)\n"
        ));
    }
    let count = |name: &str| component[name].as_u64().unwrap_or(0);
    let (errors, warnings) = (count("errors"), count("warnings"));
    if errors + warnings > 0 {
        text.push_str(&format!(
            "metadata     {errors} errors, {warnings} warnings: the item's page says what to mend\n"
        ));
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_there_is_is_said() {
        assert_eq!(lines(&json!({"adoptions": 0})), "");
        let item =
            json!({"adoptions": 2, "component": {"errors": 1, "warnings": 0, "release": "1.2.0"}});
        let text = lines(&item);
        assert!(
            text.contains("release      1.2.0\n") && text.contains("used by      2"),
            "{text}"
        );
        assert!(text.contains("1 errors, 0 warnings"), "{text}");
    }
}
