//! Where the code of an OAuth login arrives: one small request on the loopback address, or one pasted line.
//!
//! In: the state that the login began with. Out: the code. A request with another state is answered and passed over:
//! any page that the browser shows could send one. The browser that ficsync opens is led on to the service's page from
//! here (`door`). Not an HTTP server: it reads 8 KiB at most, for two seconds at most.

use super::door::Door;
use super::peer;
use crate::credentials::input;
use crate::exit::Exit;
use crate::report::Problem;
use crate::shutdown::Shutdown;
use anyhow::Result;
use secrecy::SecretString;
use std::io::{BufRead, ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};
use url::Url;

/// The redirect address that the app must have registered.
pub const REDIRECT: &str = "http://127.0.0.1:8788/callback";
const ADDRESS: &str = "127.0.0.1:8788";
/// How long a person has to log in.
const MOST_WAIT: Duration = Duration::from_secs(300);
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// Browsers open connections that they do not use: they must not hold up the one that counts.
const MOST_REQUEST: Duration = Duration::from_secs(2);
const MOST_HEAD: usize = 8 * 1024;

/// What a redirect address says.
#[derive(Debug)]
enum LoginAnswer {
    Code(SecretString),
    Refused(String),
    OtherState,
    Nothing,
}

/// The listener on the loopback address.
#[derive(Debug)]
pub struct Callback {
    listener: TcpListener,
}

impl Callback {
    /// Begins to listen.
    ///
    /// # Errors
    /// When the port is in use.
    pub fn listen() -> Result<Self> {
        let listener = TcpListener::bind(ADDRESS).and_then(|l| l.set_nonblocking(true).map(|()| l)).map_err(|e| {
            Problem::failed(
                format!("could not listen on {ADDRESS} for the browser: {e}"),
                "end what uses the port, or add --paste",
            )
        })?;
        Ok(Self { listener })
    }

    /// Waits for the code; who comes to the door meanwhile is led on.
    ///
    /// # Errors
    /// When the person refuses (77), five minutes pass (1) or a signal comes (75).
    pub fn wait(&self, state: &str, door: Option<&Door>, shutdown: &Shutdown) -> Result<SecretString> {
        let until = Instant::now() + MOST_WAIT;
        while Instant::now() < until {
            match self.listener.accept() {
                Ok((stream, _)) => {
                    if let Some(result) = serve(stream, state, door) {
                        return result;
                    }
                }
                Err(e) if e.kind() == ErrorKind::WouldBlock => {
                    if !shutdown.sleep(LOOK_EVERY) {
                        return Err(stopped());
                    }
                }
                Err(e) => {
                    log::debug!("a connection to the loopback address failed: {e}");
                    shutdown.sleep(LOOK_EVERY);
                }
            }
        }
        Err(nobody())
    }
}

/// Reads a request and answers it. `None`: it was not the one waited for.
fn serve(mut stream: TcpStream, state: &str, door: Option<&Door>) -> Option<Result<SecretString>> {
    let target = head(&mut stream).and_then(|head| target(&head));
    if let Some(way) = target.as_deref().and_then(|target| door?.way(target)) {
        lead_on(&mut stream, way);
        return None;
    }
    let (status, text, result) = match target.map(|target| answer_in(&target, state)) {
        Some(LoginAnswer::Code(code)) => (
            "200 OK",
            "ficsync has what it needs. This window can be closed; the rest is in the terminal.",
            Some(Ok(code)),
        ),
        Some(LoginAnswer::Refused(why)) => {
            ("200 OK", "The login was refused. This window can be closed.", Some(Err(refused(&why))))
        }
        Some(LoginAnswer::OtherState) => {
            log::warn!("a browser brought the answer to another login; still waiting");
            ("400 Bad Request", "This answer belongs to another login. Open the address that ficsync shows.", None)
        }
        Some(LoginAnswer::Nothing) => ("404 Not Found", "Nothing here.", None),
        None => ("400 Bad Request", "Not understood.", None),
    };
    respond(&mut stream, status, "", text);
    result
}

/// Leads a browser of ours on to the service's page. Others would learn the state of the login there.
fn lead_on(stream: &mut TcpStream, way: &str) {
    if peer::is_ours(stream) {
        return respond(stream, "302 Found", &format!("Location: {way}\r\n"), "");
    }
    log::warn!("a program of another user, or of another machine, asked for the address to open; it was not told");
    respond(stream, "403 Forbidden", "", "This is for the user who logs in. Open the address that ficsync shows.");
}

fn respond(stream: &mut TcpStream, status: &str, more: &str, text: &str) {
    let answer = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\n{more}\
         Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\nConnection: close\r\n\r\n{text}",
        text.len()
    );
    // A code is here already: whether the browser shows the sentence does not matter. Who was to be led on opens the
    // address by hand.
    let _ = stream.write_all(answer.as_bytes());
}

fn head(stream: &mut TcpStream) -> Option<String> {
    let until = Instant::now() + MOST_REQUEST;
    stream.set_nonblocking(false).ok()?;
    stream.set_write_timeout(Some(MOST_REQUEST)).ok()?;
    let mut head = Vec::new();
    let mut part = [0_u8; 1024];
    while !head.windows(4).any(|w| w == b"\r\n\r\n") {
        let left = until.checked_duration_since(Instant::now()).filter(|d| !d.is_zero())?;
        stream.set_read_timeout(Some(left)).ok()?;
        let n = stream.read(&mut part).ok().filter(|n| *n > 0)?;
        head.extend_from_slice(&part[..n]);
        if head.len() > MOST_HEAD {
            return None;
        }
    }
    String::from_utf8(head).ok()
}

/// The target of a GET.
fn target(head: &str) -> Option<String> {
    let mut words = head.lines().next()?.split(' ');
    (words.next() == Some("GET")).then(|| words.next())?.map(str::to_owned)
}

/// What the target or the whole address says.
fn answer_in(address: &str, state: &str) -> LoginAnswer {
    let base = Url::parse(REDIRECT).ok();
    let Ok(url) = Url::options().base_url(base.as_ref()).parse(address) else { return LoginAnswer::Nothing };
    let value = |name: &str| url.query_pairs().find(|(n, _)| n == name).map(|(_, v)| v.into_owned());
    if url.path() != "/callback" {
        return LoginAnswer::Nothing;
    }
    match (value("state"), value("code"), value("error")) {
        (_, None, None) => LoginAnswer::Nothing,
        (Some(other), ..) if other != state => LoginAnswer::OtherState,
        (None, ..) => LoginAnswer::OtherState,
        (Some(_), _, Some(error)) => {
            LoginAnswer::Refused(value("error_description").map_or(error.clone(), |text| format!("{text} [{error}]")))
        }
        (Some(_), Some(code), None) if input::is_token(&code) => LoginAnswer::Code(code.into()),
        _ => LoginAnswer::Nothing,
    }
}

/// Reads the pasted address, or the bare code, from standard input.
///
/// # Errors
/// When it is neither, belongs to another login, or does not come within five minutes.
pub fn pasted(state: &str, shutdown: &Shutdown) -> Result<SecretString> {
    let (sender, line) = crossbeam_channel::bounded(1);
    // A thread of its own: a read from a terminal does not end when a signal comes. It ends with the process.
    std::thread::Builder::new().name("paste".to_owned()).spawn(move || {
        let mut text = String::new();
        let read = std::io::stdin().lock().take(MOST_HEAD as u64).read_line(&mut text);
        // Nobody waits for it any more when the login has ended.
        let _ = sender.send(read.map(|_| text));
    })?;
    crossbeam_channel::select! {
        recv(line) -> text => from_paste(text??.trim(), state),
        recv(shutdown.bell()) -> _ => Err(stopped()),
        default(MOST_WAIT) => Err(nobody()),
    }
}

fn from_paste(text: &str, state: &str) -> Result<SecretString> {
    let not_one = || {
        Problem::failed(
            "what was pasted is no redirect address and no code",
            "log in again and paste the whole address",
        )
        .into()
    };
    // Some browsers copy their address line without the scheme that they hide.
    let with_scheme = format!("http://{text}");
    let text = if text.starts_with(ADDRESS) { &with_scheme } else { text };
    if !text.contains("://") {
        let bare = input::is_token(text) && !text.contains(['?', '&', '=']);
        return if bare { Ok(SecretString::from(text)) } else { Err(not_one()) };
    }
    match answer_in(text, state) {
        LoginAnswer::Code(code) => Ok(code),
        LoginAnswer::Refused(why) => Err(refused(&why)),
        LoginAnswer::OtherState => Err(Problem::failed(
            "the pasted address belongs to another login (its state differs)",
            "log in again and paste the address that this login leads to",
        )
        .into()),
        LoginAnswer::Nothing => Err(not_one()),
    }
}

fn refused(why: &str) -> anyhow::Error {
    let why: String = why.chars().filter(|c| !c.is_control()).take(300).collect();
    Problem::new(Exit::Denied, format!("the login was refused: {why}")).hint("log in again and allow ficsync in").into()
}

fn stopped() -> anyhow::Error {
    Problem::new(Exit::Stopped, "the login was stopped by a signal").hint("log in again").into()
}

fn nobody() -> anyhow::Error {
    Problem::failed("nobody logged in within five minutes", "log in again").into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    #[test]
    fn an_address_says_a_code_only_with_our_state() {
        let code = |address: &str| match answer_in(address, "st") {
            LoginAnswer::Code(code) => code.expose_secret().to_owned(),
            other => format!("{other:?}"),
        };
        assert_eq!(code("/callback?code=c%2Fx&state=st"), "c/x");
        assert_eq!(code("http://127.0.0.1:8788/callback?state=st&code=c/x"), "c/x");
        for (address, words) in [
            ("/callback?code=c/x&state=other", "OtherState"),
            ("/callback?code=c/x", "OtherState"),
            ("/callback?error=access_denied&state=st", "Refused(\"access_denied\")"),
            ("/callback?error=access_denied&state=other", "OtherState"),
            ("/favicon.ico", "Nothing"),
            ("/callback", "Nothing"),
            ("/callback?code=&state=st", "Nothing"),
            ("/else?code=c/x&state=st", "Nothing"),
        ] {
            assert_eq!(code(address), words, "{address}");
        }
    }

    #[test]
    fn a_paste_is_an_address_or_a_code() {
        assert_eq!(from_paste("c/abc", "st").expect("code").expose_secret(), "c/abc");
        let address = "http://127.0.0.1:8788/callback?code=c/abc&state=st";
        for whole in [address, &address[7..]] {
            assert_eq!(from_paste(whole, "st").expect(whole).expose_secret(), "c/abc");
        }
        for bad in ["", "a b", "code=c/abc&state=x", "http://x", "http://127.0.0.1:8788/callback?code=c/abc&state=x"] {
            let error = from_paste(bad, "st").expect_err(bad);
            assert!(!crate::report::one_line(&error).contains("c/abc"), "{bad}");
        }
    }

    #[test]
    fn only_a_get_has_a_target() {
        assert_eq!(target("GET /callback?code=x HTTP/1.1\r\n\r\n").as_deref(), Some("/callback?code=x"));
        assert_eq!(target("POST /callback HTTP/1.1\r\n\r\n"), None);
        assert_eq!(target(""), None);
    }
}
