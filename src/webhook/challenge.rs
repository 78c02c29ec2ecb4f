//! The challenge by which the service makes sure that a sink is ours.
//!
//! In: the headers and the target of a GET. Out: the challenge, and the answer to it. Whether
//! it may be answered is decided elsewhere.

/// The name of the header, or of the query parameter.
pub const CHALLENGE: &str = "x-fic-verification-challenge";

/// The documentation's examples have 36 characters.
const LONGEST: usize = 512;

/// The challenge in these headers (in any case), else in the target's query.
pub fn challenge<'a>(headers: impl IntoIterator<Item = (&'a str, &'a str)>, target: &str) -> Option<String> {
    let header = headers
        .into_iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(CHALLENGE))
        .map(|(_, value)| value.trim().to_owned());
    header.or_else(|| from_query(target)).filter(|value| (1..=LONGEST).contains(&value.len()))
}

fn from_query(target: &str) -> Option<String> {
    let (_, query) = target.split_once('?')?;
    url::form_urlencoded::parse(query.as_bytes())
        .find(|(name, _)| name.eq_ignore_ascii_case(CHALLENGE))
        .map(|(_, value)| value.into_owned())
}

/// The JSON that the service wants to see.
pub fn answer(challenge: &str) -> String {
    serde_json::json!({ "verification": challenge }).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_then_query_then_nothing() {
        let long = "x".repeat(513);
        let name = "X-FIC-Verification-Challenge";
        for (header, target, wanted) in [
            (Some("abc"), "/s", Some("abc")),
            (Some(" abc "), "/s?x-fic-verification-challenge=def", Some("abc")),
            (None, "/s?a=b&X-Fic-Verification-Challenge=d%20e%22", Some("d e\"")),
            (None, "/s?x-fic-verification-challenge=", None),
            (None, "/s?x-fic-verification-challenge", None),
            (None, "/s?x-other=1", None),
            (None, "/s", None),
            (Some(""), "/s", None),
            (Some(&long), "/s", None),
        ] {
            let headers = [("Host", "a")].into_iter().chain(header.map(|v| (name, v)));
            assert_eq!(challenge(headers, target).as_deref(), wanted, "{header:?} {target}");
        }
    }

    #[test]
    fn the_answer_is_json_whatever_the_challenge() {
        assert_eq!(answer("abc"), r#"{"verification":"abc"}"#);
        assert_eq!(answer("\"<è\n"), "{\"verification\":\"\\\"<è\\n\"}");
    }
}
