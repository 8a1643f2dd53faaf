//! The help is the reference page: `docs/cli.md` is made of it, so that it cannot go stale.

use clap::CommandFactory;

use crate::commands::Cli;

const HEAD: &str = "# The commands\n\n\
    What `commun` prints as help, command by command. This page is made by a test: after a change to the help, run the\n\
    tests of `cli` with `COMMUN_UPDATE=1`. Commands marked *not built yet* say so and end with exit code 6.\n";

fn write(command: &mut clap::Command, path: &str, page: &mut String) {
    let level = if path.contains(' ') { "###" } else { "##" };
    let help = command.render_long_help().to_string();
    let help: Vec<&str> = help.lines().map(str::trim_end).collect();
    // The settings that every command has stand once, with the program.
    let end = match command.get_name() {
        "commun" => help.len(),
        _ => help
            .iter()
            .position(|line| *line == "Global options:")
            .unwrap_or(help.len()),
    };
    page.push_str(&format!(
        "\n{level} `{path}`\n\n```text\n{}\n```\n",
        help[..end].join("\n").trim_end()
    ));
    let names: Vec<String> = command
        .get_subcommands()
        .map(|sub| sub.get_name().to_owned())
        .filter(|name| name != "help")
        .collect();
    for name in names {
        let sub = command
            .find_subcommand_mut(&name)
            .expect("it was just listed");
        write(sub, &format!("{path} {name}"), page);
    }
}

#[test]
fn the_reference_page_is_the_help() {
    let mut page = HEAD.to_owned();
    let mut command = Cli::command();
    // Gives every subcommand its name in usage lines.
    command.build();
    write(&mut command, "commun", &mut page);
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/cli.md");
    if std::env::var_os("COMMUN_UPDATE").is_some() {
        std::fs::write(path, &page).unwrap();
    }
    let written = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        written == page,
        "docs/cli.md is not the help; run this test with COMMUN_UPDATE=1"
    );
}

#[test]
fn the_command_line_is_well_formed() {
    Cli::command().debug_assert();
}

#[test]
fn every_promised_command_is_there() {
    let command = Cli::command();
    let has = |path: &[&str]| {
        let mut at = &command;
        path.iter().all(|name| match at.find_subcommand(name) {
            Some(sub) => {
                at = sub;
                true
            }
            None => false,
        })
    };
    for path in [
        "demo",
        "init",
        "node run",
        "node status",
        "node rebuild",
        "node verify",
        "config",
        "doctor",
        "invite",
        "charter show",
        "charter admit",
        "charter remove",
        "charter propose",
        "charter sign",
        "charter log",
        "institution list",
        "institution show",
        "person add",
        "person list",
        "person revoke",
        "token create",
        "repo create",
        "repo list",
        "repo show",
        "repo import",
        "repo edit",
        "repo transfer",
        "repo accept",
        "repo maintainers",
        "repo protect",
        "publish",
        "import",
        "export",
        "derive",
        "withdraw",
        "erase",
        "hide",
        "unhide",
        "report",
        "collection create",
        "collection add",
        "collection remove",
        "collection move",
        "collection show",
        "collection fork",
        "collection list",
        "review",
        "adopt",
        "thread list",
        "thread show",
        "thread open",
        "thread comment",
        "thread edit",
        "thread label",
        "thread close",
        "thread reopen",
        "merge-request list",
        "merge-request show",
        "merge-request comment",
        "merge-request approve",
        "merge-request reject",
        "merge-request close",
        "merge-request reopen",
        "merge-request merge",
        "merge-request checkout",
        "search",
        "show",
        "get",
        "verify",
        "log show",
        "log verify",
        "backup",
        "restore",
        "carry out",
        "carry in",
        "scrub",
        "git-credential",
        "feed",
    ] {
        assert!(
            has(&path.split(' ').collect::<Vec<_>>()),
            "{path} is missing"
        );
    }
}
