//! The shared hostile documents: their text is taken, bounded, in time, and nothing of what they would do.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::resource::{MAX_TEXT_BYTES, extract_text, media_type, scan};

fn web() -> PathBuf {
    let shared = std::env::var_os("COMMUN_SHARED")
        .expect("COMMUN_SHARED names the folder of shared data, which holds data/hostile");
    PathBuf::from(shared).join("data/hostile/web")
}

#[test]
#[ignore = "needs COMMUN_SHARED"]
fn acceptance_hostile_documents_give_bounded_text_in_time() {
    let found = scan(&web()).expect("the folder has publishable names");
    assert!(found.files.len() >= 30, "only {} files", found.files.len());
    for file in found.files {
        let bytes = fs::read(&file.absolute).expect("readable");
        let begin = Instant::now();
        let text = extract_text(&file.media_type, &bytes).unwrap_or_default();
        // The corpus allows five seconds to an optimised program.
        assert!(
            begin.elapsed() < Duration::from_secs(5),
            "{} took {:?}",
            file.path,
            begin.elapsed()
        );
        assert!(text.len() <= MAX_TEXT_BYTES, "{}", file.path);
        assert!(
            !text.chars().any(|c| c.is_control() && c != '\n'),
            "{}",
            file.path
        );
    }
}

#[test]
#[ignore = "needs COMMUN_SHARED"]
fn acceptance_a_notebook_gives_no_active_output() {
    let path = web().join("text/ipynb-xss.ipynb");
    let kind = media_type(&Path::new("ipynb-xss.ipynb").to_string_lossy());
    let text = extract_text(&kind, &fs::read(path).expect("readable")).unwrap_or_default();
    assert!(
        !text.contains("<script") && !text.contains("onerror="),
        "{text}"
    );
}
