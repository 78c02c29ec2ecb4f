//! The program: parse, log, settings, dispatch, print the error, exit code.

use ficsync::cli::{Cli, Command};
use ficsync::exit::Exit;
use ficsync::settings::{self, Settings};
use ficsync::{commands, logging, report};
use std::os::unix::process::CommandExt;
use std::process::ExitCode;

/// How many heaps the C library may make. By itself it makes eight for each processor, and what a page of records took
/// stays in each: with eight accounts at work that was 16 MB.
const HEAPS: (&str, &str) = ("MALLOC_ARENA_MAX", "2");

fn main() -> ExitCode {
    let cli = Cli::read();
    if matches!(cli.command, Command::Sync(_)) {
        bound_heaps();
    }
    let exit = run(cli).unwrap_or_else(|error| {
        report::print_error(&error);
        if report::is_broken_pipe(&error) { Exit::Done } else { report::exit_of(&error) }
    });
    ExitCode::from(exit.code())
}

fn run(cli: Cli) -> anyhow::Result<Exit> {
    let env = |name: &str| std::env::var(name).ok();
    logging::start(&cli.global, &env)?;
    settings::refuse_unreadable(std::env::vars_os())?;
    let settings = Settings::load(cli.flags(), &env)?;
    commands::run(cli.command, &settings)
}

/// The C library reads the bound when a program starts: so it is started anew, as the same process. Where it cannot be (its
/// file was replaced just now, there is no /proc), it goes on with more heaps.
fn bound_heaps() {
    let (name, bound) = HEAPS;
    if std::env::var_os(name).is_some() {
        return;
    }
    let mut words = std::env::args_os();
    if let (Some(own), Ok(program)) = (words.next(), std::env::current_exe()) {
        // It comes back only with an error.
        let _ = std::process::Command::new(program).arg0(own).args(words).env(name, bound).exec();
    }
}
