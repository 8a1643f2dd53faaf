//! The process that reads documents, as the node runs it: it may run wild and harms nothing.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use commun_forge::text::worker::{Limits, ReadError, Session, Workers};
use commun_forge::text::{Document, Format, MAX_TEXT_BYTES, PAGE_WIDTH, picture_type};
use tokio::io::AsyncWriteExt;

fn workers(limits: Limits) -> Workers {
    Workers::new(env!("CARGO_BIN_EXE_commun-node"), &["extract"], limits)
}

async fn read(session: &mut Session, format: Format, bytes: &[u8]) -> Result<Document, ReadError> {
    session.read(format, bytes.len() as u64, bytes).await
}

/// What the process says, or why it ended.
async fn wild(session: &mut Session, how: &str) -> String {
    match session.run_wild(how).await {
        ReadError::Unread(what) => what,
        other => panic!("{how}: {other}"),
    }
}

#[tokio::test]
async fn documents_are_read_one_after_the_other() {
    let workers = workers(Limits::default());
    let mut session = workers.session();
    for n in 0..3 {
        let text = format!("# Dunes {n}\n\nLe *vent* déplace le sable.");
        let document = read(&mut session, Format::Markdown, text.as_bytes())
            .await
            .unwrap();
        assert_eq!(
            document.sections[0].text,
            format!("Dunes {n}\nLe vent déplace le sable.")
        );
    }
    let garbage = read(&mut session, Format::Pdf, b"%PDF-1.4 and nothing else").await;
    assert!(
        matches!(&garbage, Err(ReadError::Unread(why)) if why == "damaged"),
        "{garbage:?}"
    );
    assert!(read(&mut session, Format::Plain, b"encore").await.is_ok());
    assert_eq!(
        workers.confined(),
        Some(true),
        "this system confines processes"
    );
}

/// A page of a PDF document with text in a font that it does not carry, a form that shows itself again and again, and a
/// script and an address that are to be opened with it.
fn pdf() -> Vec<u8> {
    let paint = "BT /F 40 Tf 50 700 Td (Les dunes) Tj ET /X Do";
    let again = "/X Do /X Do 0 0 9 9 re f";
    let resources = "/Resources<</Font<</F 5 0 R>>/XObject<</X 6 0 R>>>>";
    let objects = [
        "<</Type/Catalog/Pages 2 0 R/OpenAction<</S/URI/URI(http://127.0.0.1:9/)>>/AA<</O<</S/JavaScript/JS(x)>>>>>>".to_owned(),
        "<</Type/Pages/Count 1/Kids[3 0 R]>>".to_owned(),
        format!("<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R{resources}>>"),
        format!("<</Length {}>>stream\n{paint}\nendstream", paint.len()),
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>".to_owned(),
        format!("<</Type/XObject/Subtype/Form/BBox[0 0 99 99]{resources}/Length {}>>stream\n{again}\nendstream", again.len()),
    ];
    let mut out = b"%PDF-1.7\n".to_vec();
    let mut table = String::new();
    for (at, object) in objects.iter().enumerate() {
        table.push_str(&format!("{:010} 00000 n \n", out.len()));
        out.extend(format!("{} 0 obj\n{object}\nendobj\n", at + 1).bytes());
    }
    let start = out.len();
    out.extend(format!("xref\n0 7\n0000000000 65535 f \n{table}trailer\n<</Size 7/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n").bytes());
    out
}

#[tokio::test]
async fn a_page_is_drawn_inside_the_confinement() {
    let workers = workers(commun_node::drawings::LIMITS);
    let mut session = workers.session();
    let bytes = pdf();
    let drawn = session
        .draw(1, PAGE_WIDTH, bytes.len() as u64, &bytes[..])
        .await
        .unwrap();
    assert_eq!(drawn.pages, 1);
    assert_eq!(picture_type(&drawn.png), Some("image/png"));
    assert!(
        drawn.png.len() > 2_000,
        "the letters are on it: {} bytes",
        drawn.png.len()
    );
    assert_eq!(workers.confined(), Some(true));
    for (page, bytes) in [(2, &bytes[..]), (1, b"%PDF-1.7 and nothing else")] {
        let none = session
            .draw(page, PAGE_WIDTH, bytes.len() as u64, bytes)
            .await;
        assert!(matches!(none, Err(ReadError::Unread(_))), "{none:?}");
    }
    // The same process reads on.
    assert!(read(&mut session, Format::Plain, b"encore").await.is_ok());
}

#[tokio::test]
async fn a_process_that_runs_wild_is_ended_and_the_next_document_is_read() {
    let memory = Limits::default();
    let time = Limits {
        cpu_seconds: 1,
        wall: Duration::from_secs(4),
        ..memory
    };
    for (how, limits, why) in [
        ("allocate", memory, &["crashed"][..]),
        ("recurse", memory, &["crashed"]),
        ("crash", memory, &["crashed"]),
        ("chatter", memory, &["crashed"]),
        // Whichever of the two clocks is faster on a machine that does other things.
        ("spin", time, &["too-slow"]),
        ("sleep", time, &["too-slow"]),
    ] {
        let workers = workers(limits);
        let mut session = workers.session();
        let begin = Instant::now();
        let said = wild(&mut session, how).await;
        let most = limits.wall + Duration::from_secs(4);
        assert!(why.contains(&said.as_str()), "{how}: {said}");
        assert!(begin.elapsed() < most, "{how}: {:?}", begin.elapsed());
        let next = read(&mut session, Format::Plain, b"encore").await;
        assert!(next.is_ok(), "after {how}");
    }
}

#[tokio::test]
async fn a_document_that_comes_slowly_is_not_a_slow_document() {
    let limits = Limits {
        wall: Duration::from_secs(4),
        ..Limits::default()
    };
    let workers = workers(limits);
    let mut session = workers.session();
    let (mut disk, document) = tokio::io::duplex(16);
    let words = ["Le vent", " déplace", " le sable", "."];
    let size: usize = words.iter().map(|w| w.len()).sum();
    let given = async move {
        for word in words {
            tokio::time::sleep(Duration::from_millis(1_500)).await;
            disk.write_all(word.as_bytes()).await.unwrap();
        }
    };
    let begin = Instant::now();
    let (read, ()) = tokio::join!(session.read(Format::Plain, size as u64, document), given);
    assert_eq!(read.unwrap().sections[0].text, "Le vent déplace le sable.");
    assert!(begin.elapsed() > limits.wall);
    // One that does not come at all is this machine's trouble, and is not said to be slow either.
    let (_open, never) = tokio::io::duplex(16);
    let failed = session.read(Format::Plain, 10, never).await;
    assert!(matches!(failed, Err(ReadError::Input(_))), "{failed:?}");
    assert!(read_text(&mut session).await);
}

/// The process of this one that has so much processor time.
fn child(cpu_seconds: u64) -> u32 {
    let own = format!("PPid:\t{}\n", std::process::id());
    let limit = format!("Max cpu time              {cpu_seconds} ");
    let said = |pid: u32, what: &str| {
        std::fs::read_to_string(format!("/proc/{pid}/{what}")).unwrap_or_default()
    };
    std::fs::read_dir("/proc")
        .unwrap()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .find(|pid| said(*pid, "status").contains(&own) && said(*pid, "limits").contains(&limit))
        .expect("the process that reads")
}

#[tokio::test]
async fn a_process_that_is_ended_from_outside_is_no_fault_of_the_document() {
    for (signal, cpu_seconds) in [("TERM", 1_234), ("KILL", 1_235)] {
        let limits = Limits {
            cpu_seconds,
            ..Limits::default()
        };
        let workers = workers(limits);
        let mut session = workers.session();
        let (mut disk, document) = tokio::io::duplex(16);
        let given = async move {
            // It has begun when it takes more than what fits between.
            disk.write_all(&[b'x'; 64]).await.unwrap();
            let pid = child(cpu_seconds).to_string();
            let mut kill = std::process::Command::new("kill");
            let ended = kill.args(["-s", signal, &pid]).status().unwrap();
            assert!(ended.success());
            // Whether anybody takes it now is the question.
            let _ = disk.write_all(&[b'x'; 64]).await;
        };
        let (read, ()) = tokio::join!(session.read(Format::Plain, 128, document), given);
        assert!(matches!(read, Err(ReadError::Killed)), "{signal}: {read:?}");
        assert!(read_text(&mut session).await);
    }
}

async fn read_text(session: &mut Session) -> bool {
    read(session, Format::Plain, b"encore").await.is_ok()
}

#[tokio::test]
async fn a_process_can_open_nothing_start_nothing_and_knows_nothing() {
    let workers = workers(Limits::default());
    let mut session = workers.session();
    for how in [
        "fork",
        "thread",
        "write",
        "read",
        "connect",
        "environment",
        "signal",
    ] {
        assert_eq!(wild(&mut session, how).await, "refused", "{how}");
    }
    assert!(!std::env::temp_dir().join("commun-chute").exists());
    assert!(read(&mut session, Format::Plain, b"encore").await.is_ok());
}

#[tokio::test]
#[ignore = "needs COMMUN_SHARED"]
async fn acceptance_hostile_documents_cost_bounded_time_and_give_bounded_text() {
    let shared = std::env::var_os("COMMUN_SHARED")
        .expect("COMMUN_SHARED names the folder of shared data, which holds data/hostile");
    let hostile = PathBuf::from(shared).join("data/hostile");
    let workers = workers(Limits::default());
    let mut session = workers.session();
    let mut seen = 0;
    for folder in [
        "web/pdf",
        "web/html",
        "web/markdown",
        "web/text",
        "web/types",
        "web/svg",
        "zip",
        "imscp",
        "xml/lom",
    ] {
        for entry in std::fs::read_dir(hostile.join(folder)).expect("readable") {
            let path = entry.expect("readable").path();
            let name = path
                .file_name()
                .expect("a file")
                .to_string_lossy()
                .into_owned();
            let media_type = commun_forge::resource::media_type(&name);
            let bytes = std::fs::read(&path).expect("readable");
            // Every packed format has its own way into an archive.
            let mut formats: Vec<Format> = Format::of(&name, &media_type).into_iter().collect();
            if folder == "zip" || folder == "imscp" {
                formats.extend([Format::Epub, Format::OpenDocument, Format::Office]);
            }
            for format in formats {
                let begin = Instant::now();
                let found = read(&mut session, format, &bytes).await;
                let took = begin.elapsed();
                println!(
                    "{folder}/{name} {format:?} {took:?}: {}",
                    match &found {
                        Ok(document) => format!("{} sections", document.sections.len()),
                        Err(cause) => cause.to_string(),
                    }
                );
                assert!(
                    !matches!(found, Err(ReadError::Input(_) | ReadError::Start(_))),
                    "{name}"
                );
                assert!(took < Duration::from_secs(10), "{name} took {took:?}");
                if let Ok(document) = found {
                    let text: String = document.sections.into_iter().map(|s| s.text).collect();
                    assert!(
                        text.len() <= MAX_TEXT_BYTES && !text.contains("<script"),
                        "{name}"
                    );
                }
                seen += 1;
            }
        }
    }
    assert!(seen >= 100, "only {seen} documents");
}
