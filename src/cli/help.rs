//! Which help page shows which global flag. Every command takes all of them, so that a script may put them anywhere; a page
//! shows those that its command heeds.
//!
//! In: the command line as it is described. Out: the same with flags hidden. The manual page shows them all.

use super::Cli;
use clap::{Arg, Command, CommandFactory};

/// Commands that ask the service.
const ASKING: &[&str] = &[
    "account add",
    "account check",
    "account login",
    "account remove",
    "account set-token",
    "doctor",
    "events drain",
    "subscriptions create",
    "subscriptions delete",
    "subscriptions ensure",
    "subscriptions sync",
    "subscriptions verify",
    "sync",
    "sync-subscriptions",
    "webhook-listen",
];
/// Flags that concern some commands only.
const FOR_SOME: &[(&str, &[&str])] = &[
    ("api_url", ASKING),
    ("timeout", ASKING),
    ("listen", &["doctor", "webhook-listen"]),
    ("workers", &["events drain", "webhook-listen"]),
    (
        "public_url",
        &[
            "account remove",
            "doctor",
            "subscriptions create",
            "subscriptions ensure",
            "subscriptions sync",
            "sync-subscriptions",
            "webhook-listen",
        ],
    ),
];
/// Flags that concern all commands but those that print a text.
const FOR_DATA: &[&str] = &["config", "db"];
const PRINTING: &[&str] = &["completions", "man"];

/// The command line, each help page with what concerns its command.
pub fn command() -> Command {
    let all = Cli::command();
    let flags: Vec<Arg> = all.get_arguments().filter(|flag| flag.is_global_set()).cloned().collect();
    let root = flags.iter().fold(all, |root, flag| root.mut_arg(flag.get_id(), |flag| shown_for("", flag)));
    below(root, "", &flags)
}

/// The same for what stands below a command.
fn below(command: Command, path: &str, flags: &[Arg]) -> Command {
    let names: Vec<String> = command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
    names.iter().fold(command, |command, name| {
        let path = format!("{path} {name}");
        let own = flags.iter().map(|flag| shown_for(path.trim_start(), flag.clone()));
        command.mut_subcommand(name, |sub| below(sub.args(own), &path, flags))
    })
}

fn shown_for(path: &str, flag: Arg) -> Arg {
    let id = flag.get_id().as_str();
    let hidden = match FOR_SOME.iter().find(|(name, _)| *name == id) {
        Some((_, commands)) => !commands.contains(&path),
        None => FOR_DATA.contains(&id) && PRINTING.contains(&path),
    };
    flag.hide(hidden)
}
