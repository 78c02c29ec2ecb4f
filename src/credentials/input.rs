//! Tokens and secrets that a person hands over: in a file or on standard input, never on the command line.
//!
//! In: a path or stdin. Out: a secret of one line, or exit 77 with a sentence. What was read is never said.

use crate::exit::Exit;
use crate::report::{Problem, tell};
use anyhow::Result;
use secrecy::SecretString;
use std::fs::File;
use std::io::{self, BufRead, IsTerminal, Read};
use std::path::Path;

/// Tokens are some 2 KB: what is longer is another file.
const MOST_BYTES: u64 = 64 * 1024;

/// What is asked for, as a person knows it.
#[derive(Debug)]
pub struct Wanted {
    what: &'static str,
    option: &'static str,
}

/// An access token.
pub const TOKEN: Wanted = Wanted { what: "token", option: "--token-file" };
/// The secret of an app, for the OAuth login.
pub const CLIENT_SECRET: Wanted = Wanted { what: "client secret", option: "--client-secret-file" };

/// Reads a secret from a file.
///
/// # Errors
/// Exit 77 when it cannot be read or holds no secret.
pub fn from_file(path: &Path, wanted: &Wanted) -> Result<SecretString> {
    let place = path.display().to_string();
    let open = File::open(path).map_err(|e| refuse(&place, wanted, &format!("cannot be read: {e}")))?;
    all(open, &place, wanted)
}

/// Reads a token from standard input: all of it, or one line when a person types.
///
/// # Errors
/// As [`from_file`].
pub fn from_stdin() -> Result<SecretString> {
    let stdin = io::stdin();
    if !stdin.is_terminal() {
        return all(stdin.lock(), "standard input", &TOKEN);
    }
    tell("paste the token and press Enter")?;
    let mut line = String::new();
    stdin.lock().take(MOST_BYTES).read_line(&mut line)?;
    secret(&line, "standard input", &TOKEN)
}

fn all(from: impl Read, place: &str, wanted: &Wanted) -> Result<SecretString> {
    let mut text = String::new();
    match from.take(MOST_BYTES).read_to_string(&mut text) {
        Ok(_) => secret(&text, place, wanted),
        Err(e) if e.kind() == io::ErrorKind::InvalidData => {
            Err(refuse(place, wanted, &format!("holds no {}: it is not text", wanted.what)))
        }
        Err(e) => Err(refuse(place, wanted, &format!("cannot be read: {e}"))),
    }
}

fn secret(text: &str, place: &str, wanted: &Wanted) -> Result<SecretString> {
    let text = text.trim_start_matches('\u{feff}').trim();
    if text.is_empty() {
        return Err(refuse(place, wanted, "is empty"));
    }
    if text.lines().count() > 1 {
        return Err(refuse(place, wanted, &format!("holds several lines: one with the {} is wanted", wanted.what)));
    }
    if is_token(text) {
        Ok(SecretString::from(text))
    } else {
        Err(refuse(place, wanted, &format!("holds no {}: it has odd characters", wanted.what)))
    }
}

/// Whether a text can be a token: it goes into a header.
pub fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic())
}

fn refuse(place: &str, Wanted { what, option }: &Wanted, why: &str) -> anyhow::Error {
    Problem::new(Exit::Denied, format!("{place} {why}"))
        .hint(format!("put the {what} alone into a file that only you can read, and name it with {option}"))
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    #[test]
    fn a_secret_is_one_line_of_printable_ascii() {
        for good in ["a/token", "  a/token\r\n", "\u{feff}a/token\n\n"] {
            assert_eq!(secret(good, "x", &TOKEN).expect(good).expose_secret(), "a/token");
        }
        for (bad, word) in [("", "empty"), (" \n ", "empty"), ("a\nb", "several"), ("a b", "odd"), ("a/tökèn", "odd")]
        {
            let line = crate::report::one_line(&secret(bad, "the file", &TOKEN).expect_err(bad));
            assert!(line.contains(word) && line.contains("--token-file") && !line.contains("tök"), "{line}");
        }
        let bytes: &[u8] = &[0xff, 0xfe];
        assert!(crate::report::one_line(&all(bytes, "x", &TOKEN).expect_err("bytes")).contains("not text"));
        let line = crate::report::one_line(&secret("a b", "the file", &CLIENT_SECRET).expect_err("a space"));
        assert!(line.contains("client secret") && line.contains("--client-secret-file"), "{line}");
    }
}
