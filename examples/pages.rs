//! Writes the manual pages and the shells' completions, made from the command line's own description, into a folder:
//! `ficsync.1`, a page for each subcommand, `ficsync.bash`, `_ficsync`, `ficsync.fish`. Used by `make build`.

use clap::CommandFactory;
use clap_complete::Shell;
use ficsync::cli::Cli;
use std::path::Path;

fn main() -> std::io::Result<()> {
    let Some(folder) = std::env::args_os().nth(1) else {
        return Err(std::io::Error::other("name the folder to write to"));
    };
    let folder = Path::new(&folder);
    std::fs::create_dir_all(folder)?;
    clap_mangen::generate_to(Cli::command(), folder)?;
    for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
        clap_complete::generate_to(shell, &mut Cli::command(), "ficsync", folder)?;
    }
    Ok(())
}
