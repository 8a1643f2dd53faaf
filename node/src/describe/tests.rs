use super::*;

#[test]
fn the_title_of_a_readme_is_its_first_heading_without_marks() {
    let found = |text: &str| title(text.as_bytes());
    assert_eq!(found("\n# *Outil* de [quiz](https://example.org)\n").as_deref(), Some("Outil de quiz"));
    assert_eq!(found("Outil\n=====\n\ntexte").as_deref(), Some("Outil"));
    assert_eq!(found("```\n# un commentaire\n```\ntexte"), None);
    assert_eq!(found("#sans espace\n## deux"), None);
    assert_eq!(found(""), None);
    assert_eq!(found(&format!("# {}", "a".repeat(9_000))).map(|t| t.len()), Some(MAX_TITLE_CHARS));
}

#[test]
fn a_readme_is_read_as_what_its_name_says_and_cut() {
    assert_eq!(readme_text("README.md", b"# A\n\nun **mot**"), "A\nun mot");
    assert_eq!(readme_text("README", b"# A"), "# A");
    assert!(readme_text("README.txt", "é ".repeat(200_000).as_bytes()).len() <= MAX_README);
    assert_eq!(readme_text("README.md", &[0xff, 0xfe, 0x00]), readme_text("README.md", &[0xff, 0xfe, 0x00]));
}
