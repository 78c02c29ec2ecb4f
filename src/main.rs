//! The program: parse, log, settings, dispatch, print the error, exit code.

use clap::Parser;
use ficsync::cli::Cli;
use ficsync::exit::Exit;
use ficsync::settings::{self, Settings};
use ficsync::{commands, exit, logging, report};
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let exit = run(cli).unwrap_or_else(|error| {
        report::print_error(&error);
        if report::is_broken_pipe(&error) { Exit::Done } else { exit::of(&error) }
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
