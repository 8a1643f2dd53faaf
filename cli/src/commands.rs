//! The commands: one file each, its options with their help, and `run`.

use clap::{Parser, Subcommand};

use crate::{failure::Failure, settings::Settings};

mod adopt;
mod charter;
mod collection;
mod config;
mod demo;
mod derive;
mod duplicates;
mod edit;
mod export;
mod feed;
mod folder;
mod get;
mod git_credential;
mod import;
mod init;
mod institution;
mod invite;
mod log;
mod merge_request;
mod node;
mod not_built;
mod person;
mod publish;
mod quality;
mod repo;
mod review;
mod search;
mod show;
mod takedown;
mod talk;
mod thread;
mod token;
mod verify;

/// A peer-to-peer commons for open-source components and open educational resources
///
/// Commands talk to a node over HTTP, or start the programs beside this one. Data goes to stdout,
/// all else to stderr; with --json, stdout gets one JSON value.
///
/// ITEM is handle/slug, an item's id, or the first 8 characters or more of one.
///
/// Reading needs no access token. Writing takes it from COMMUN_TOKEN, else, on the node's own
/// machine, from keys/admin.token of the data folder.
///
/// Exit codes: 0 done; 1 the answer is no (not found, verification failed); 2 usage; 3 node
/// unreachable; 4 refused (not allowed, over a limit); 5 the node failed; 6 not built yet.
#[derive(Parser, Debug)]
#[command(verbatim_doc_comment)]
#[command(name = "commun", version)]
pub struct Cli {
    #[command(flatten)]
    settings: Settings,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    Demo(demo::Args),
    Init(init::Args),
    #[command(subcommand)]
    Node(node::Command),
    Config(config::Args),
    Doctor(folder::Doctor),
    Invite(invite::Args),
    #[command(subcommand)]
    Charter(charter::Command),
    #[command(subcommand)]
    Institution(institution::Command),
    #[command(subcommand)]
    Person(person::Command),
    #[command(subcommand)]
    Token(token::Command),
    #[command(subcommand)]
    Repo(repo::Command),
    Publish(publish::Args),
    Import(import::Args),
    Export(export::Args),
    Derive(derive::Args),
    Edit(edit::Args),
    #[command(subcommand)]
    Duplicates(duplicates::Command),
    Quality(quality::Args),
    Withdraw(takedown::Withdraw),
    Erase(takedown::Erase),
    Hide(takedown::Hide),
    Unhide(takedown::Unhide),
    #[command(subcommand)]
    Collection(collection::Command),
    Review(review::Args),
    Adopt(adopt::Args),
    #[command(subcommand)]
    Thread(thread::Command),
    #[command(subcommand)]
    MergeRequest(merge_request::Command),
    Report(takedown::Report),
    Search(search::Args),
    Show(show::Args),
    Get(get::Args),
    Verify(verify::Args),
    #[command(subcommand)]
    Log(log::Command),
    Backup(folder::Backup),
    Restore(folder::Restore),
    #[command(subcommand)]
    Carry(folder::Carry),
    Scrub(folder::Scrub),
    GitCredential(git_credential::Args),
    #[command(subcommand)]
    Feed(feed::Command),
}

/// Does what was typed.
pub fn run(cli: Cli) -> Result<(), Failure> {
    let settings = &cli.settings;
    match cli.command {
        Command::Demo(args) => demo::run(args),
        Command::Init(args) => init::run(settings, args),
        Command::Node(command) => node::run(settings, command),
        Command::Config(args) => config::run(settings, args),
        Command::Doctor(args) => folder::doctor(settings, args),
        Command::Invite(args) => invite::run(settings, args),
        Command::Charter(command) => charter::run(settings, command),
        Command::Institution(command) => institution::run(settings, command),
        Command::Person(command) => person::run(settings, command),
        Command::Token(command) => token::run(settings, command),
        Command::Repo(command) => repo::run(settings, command),
        Command::Publish(args) => publish::run(settings, args),
        Command::Import(args) => import::run(settings, args),
        Command::Export(args) => export::run(settings, args),
        Command::Derive(args) => derive::run(settings, args),
        Command::Edit(args) => edit::run(settings, args),
        Command::Duplicates(command) => duplicates::run(settings, command),
        Command::Quality(args) => quality::run(settings, args),
        Command::Withdraw(args) => takedown::withdraw(settings, args),
        Command::Erase(args) => takedown::erase(settings, args),
        Command::Hide(args) => takedown::hide(settings, args),
        Command::Unhide(args) => takedown::unhide(settings, args),
        Command::Collection(command) => collection::run(settings, command),
        Command::Review(args) => review::run(settings, args),
        Command::Adopt(args) => adopt::run(settings, args),
        Command::Thread(command) => thread::run(settings, command),
        Command::MergeRequest(command) => merge_request::run(settings, command),
        Command::Report(args) => takedown::report(settings, args),
        Command::Search(args) => search::run(settings, args),
        Command::Show(args) => show::run(settings, args),
        Command::Get(args) => get::run(settings, args),
        Command::Verify(args) => verify::run(settings, args),
        Command::Log(command) => log::run(settings, command),
        Command::Backup(args) => folder::backup(settings, args),
        Command::Restore(args) => folder::restore(settings, args),
        Command::Carry(command) => folder::carry(settings, command),
        Command::Scrub(args) => folder::scrub(settings, args),
        Command::GitCredential(args) => git_credential::run(settings, args),
        Command::Feed(command) => feed::run(settings, command),
    }
}
