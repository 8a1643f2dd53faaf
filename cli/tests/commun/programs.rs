//! Commands that become `commun-node` or `commun-testnet`.

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use crate::program::{COMMUN, clean, run};

/// A folder with `commun` and programs that say a version and print their arguments.
fn folder(version: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::copy(COMMUN, folder.path().join("commun")).unwrap();
    for name in ["commun-node", "commun-testnet"] {
        let script = format!(
            "#!/bin/sh\nif [ \"$1\" = --version ]; then echo '{name} {version}'; exit 0; fi\necho {name} \"$@\"\nexit 4\n"
        );
        let path = folder.path().join(name);
        fs::write(&path, script).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    folder
}

fn type_in(folder: &Path, line: &str) -> (i32, String, String) {
    run(clean(&folder.join("commun"), folder).args(line.split_whitespace()))
}

#[test]
fn a_command_becomes_the_program_beside_it_with_its_exit_code() {
    let folder = folder(env!("CARGO_PKG_VERSION"));
    let home = folder.path().display();
    let data = format!("--data {home}/.local/share/commun");
    for (line, expected) in [
        (
            "init --institution A --handle univ-a --commons C",
            format!("commun-node init {data} --institution A --handle univ-a --commons C"),
        ),
        (
            "init --institution A --handle univ-a --join commun1x --data d",
            "commun-node init --data d --institution A --handle univ-a --join commun1x".into(),
        ),
        ("node run", format!("commun-node run {data}")),
        (
            "node run --http 127.0.0.1:0 --listen /ip4/a --listen /ip4/b --alone --data d",
            "commun-node run --data d --http 127.0.0.1:0 --listen /ip4/a --listen /ip4/b --alone"
                .into(),
        ),
        ("node rebuild", format!("commun-node rebuild {data}")),
        ("node verify", format!("commun-node verify {data}")),
        ("config", format!("commun-node config {data}")),
        ("config --json", format!("commun-node config {data} --json")),
        ("doctor", format!("commun-node doctor {data}")),
        (
            "backup f --passphrase-file p",
            format!("commun-node backup {data} f --passphrase-file p"),
        ),
        ("restore f", format!("commun-node restore {data} f")),
        ("carry out d", format!("commun-node carry {data} out d")),
        ("carry in d", format!("commun-node carry {data} in d")),
        ("scrub", format!("commun-node scrub {data}")),
        ("demo", "commun-testnet demo --nodes 3".into()),
        (
            "demo --nodes 2 --dir d --json",
            "commun-testnet demo --nodes 2 --dir d --json".into(),
        ),
    ] {
        let (code, out, talk) = type_in(folder.path(), line);
        assert_eq!((code, out.trim()), (4, expected.as_str()), "{line}: {talk}");
    }
}

#[test]
fn a_program_of_another_release_is_not_started() {
    let folder = folder("0.0.9");
    for line in ["node run", "demo"] {
        let (code, out, talk) = type_in(folder.path(), line);
        assert_eq!((code, out.as_str()), (5, ""));
        assert!(
            talk.contains("0.0.9") && talk.contains("Hint: Install"),
            "{talk}"
        );
    }
}

#[test]
fn a_program_that_is_not_there_is_named() {
    let folder = folder(env!("CARGO_PKG_VERSION"));
    fs::remove_file(folder.path().join("commun-node")).unwrap();
    let (code, out, talk) = type_in(folder.path(), "node run");
    assert_eq!((code, out.as_str()), (5, ""));
    assert!(
        talk.contains("commun-node is not beside this one"),
        "{talk}"
    );
}
