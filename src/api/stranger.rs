//! Who answers at an address of our own: a request as a stranger makes it, without a token.
//!
//! In: the public base URL and a path. Out: status, `Server` and body of what answers there. Uses up no quota: it is
//! not the service that is asked.

use super::Fault;
use super::transport::{Request, Transport};
use std::time::Duration;
use url::Url;

/// What answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// The HTTP status.
    pub status: u16,
    /// The `Server` header; a reverse proxy may put its own name there.
    pub server: Option<String>,
    /// The body.
    pub body: String,
}

/// Sends an empty POST to `path` behind `base`, through DNS and TLS like everybody.
///
/// # Errors
/// When no whole answer came: what happened, for people, and of which kind it was.
pub fn ask(base: &Url, path: &str, timeout: Duration) -> Result<Answered, (String, Fault)> {
    let answer = Transport::new(base, timeout, 1).send_without_token(&Request::post(path, "{}".to_owned()));
    let answer = answer.map_err(|(why, fault)| match fault {
        Fault::Timeout => (format!("nothing answered within {} s", timeout.as_secs_f32()), fault),
        // The system's resolver says so in words alone: it is asked once more.
        Fault::Other if base.socket_addrs(|| None).is_err() => (why, Fault::NoName),
        _ => (why, fault),
    })?;
    let server = answer.header("Server").map(str::to_owned);
    Ok(Answered { status: answer.status, server, body: answer.body })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::net::TcpListener;

    #[test]
    fn what_answers_is_told_whatever_it_is() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let base = format!("http://{}/below/", listener.local_addr().expect("an address"));
        let server = std::thread::spawn(move || {
            let mut asked = Vec::new();
            for answer in [
                "HTTP/1.1 401 X\r\nServer: ficsync\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno",
                "HTTP/1.1 302 X\r\nLocation: https://example.invalid/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
            ] {
                let (mut stream, _) = listener.accept().expect("a client");
                let mut head = [0; 2048];
                let n = stream.read(&mut head).expect("a request");
                asked.push(String::from_utf8_lossy(&head[..n]).into_owned());
                stream.write_all(answer.as_bytes()).expect("an answer");
            }
            asked
        });
        let ask = || ask(&Url::parse(&base).expect("a URL"), "/api/x", Duration::from_secs(5));
        let ours = ask().expect("an answer");
        assert_eq!((ours.status, ours.server.as_deref(), ours.body.as_str()), (401, Some("ficsync"), "no"));
        // A redirect is an answer, and is not followed.
        assert_eq!(ask().expect("an answer").status, 302);
        let asked = server.join().expect("the server");
        assert!(asked[0].starts_with("POST /below/api/x HTTP/1.1\r\n"), "{}", asked[0]);
        assert!(!asked.concat().to_lowercase().contains("authorization"), "a stranger has no token");
        assert_eq!(ask().map_err(|(_, fault)| fault), Err(Fault::Refused), "nobody listens");
    }
}
