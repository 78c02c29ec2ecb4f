//! What a notification says: of which event, about which records.
//!
//! In: headers and body of a POST. Out: a [`Message`], which costs nothing and knows only whose
//! event it claims to be, for the signature check; then, from it, a [`Notification`]. Both
//! CloudEvents modes are read, and told apart by content, never by Content-Type. Nothing is
//! refused: what is rightly signed must be taken whatever it says, so that what cannot be
//! understood is only marked as strange.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::event_type::EventType;
use super::verify::Stated;
use ids::Ids;

mod ids;

pub use ids::RecordId;

/// Longest text of an attribute that is kept. Real ones have some 70 characters.
const LONGEST: usize = 1024;

/// The attributes of an event, as text.
#[derive(Clone, Debug, Default)]
struct Attributes {
    id: Option<String>,
    kind: Option<String>,
    source: Option<String>,
    subject: Option<String>,
    time: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    /// Attributes in `ce-*` headers.
    Binary,
    /// Attributes in the body.
    Structured,
    /// Attributes nowhere.
    Neither,
}

/// A message whose signature is still to be checked.
#[derive(Debug)]
pub struct Message<'a> {
    mode: Mode,
    attributes: Attributes,
    /// The JSON text of the record ids.
    ids: Option<&'a RawValue>,
    strange: Option<&'static str>,
}

/// What the service has said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notification {
    /// The event's own id; none if the message hides it: then the token's `jti` stands for it.
    pub event_id: Option<String>,
    /// The full name of the event's type.
    pub event_type: Option<String>,
    /// The type, if it is a known one.
    pub known_type: Option<EventType>,
    /// Where it says it comes from.
    pub source: Option<String>,
    /// Whose event it says it is: `company:<id>`.
    pub subject: Option<String>,
    /// When it happened, as sent (RFC 3339).
    pub occurred_at: Option<String>,
    /// The records that it is about, in order, each once.
    pub ids: Vec<RecordId>,
    /// What is odd about it, if anything is: to be stored, but there is nothing to do for it.
    pub strange: Option<&'static str>,
}

/// The parts of a body that matter, unread. Other members are passed over.
#[derive(Default, Deserialize)]
struct Body<'a> {
    #[serde(borrow)]
    specversion: Option<&'a RawValue>,
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    #[serde(borrow, rename = "type")]
    kind: Option<&'a RawValue>,
    #[serde(borrow)]
    source: Option<&'a RawValue>,
    #[serde(borrow)]
    subject: Option<&'a RawValue>,
    #[serde(borrow)]
    time: Option<&'a RawValue>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
    /// Where binary mode has no `data` around it.
    #[serde(borrow)]
    ids: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
struct Data<'a> {
    #[serde(borrow)]
    ids: Option<&'a RawValue>,
}

impl<'a> Message<'a> {
    /// Finds out whose event a message claims to be. Nothing is copied but short texts, however
    /// large the body: it may come from anybody.
    pub fn read<'h>(headers: impl IntoIterator<Item = (&'h str, &'h str)>, body: &'a [u8]) -> Message<'a> {
        let (found, attributes) = from_headers(headers);
        let (body, strange) = match object(body) {
            Some(body) => (body, None),
            None if body.trim_ascii().is_empty() => (Body::default(), Some("the body is empty")),
            None => (Body::default(), Some("the body is no JSON object")),
        };
        let structured = body.specversion.is_some() || body.kind.is_some();
        let mode = match (found, structured) {
            (true, _) => Mode::Binary,
            (false, true) => Mode::Structured,
            (false, false) => Mode::Neither,
        };
        let attributes = match mode {
            Mode::Structured => from_body(&body),
            Mode::Binary | Mode::Neither => attributes,
        };
        Message {
            mode,
            attributes,
            ids: inner_ids(&body),
            strange: strange.or((mode == Mode::Neither).then_some("not a CloudEvent")),
        }
    }

    /// The id that the token's `jti` must equal.
    pub fn event_id(&self) -> Stated<'_> {
        self.stated(self.attributes.id.as_deref())
    }

    /// The subject that the token's `sub` must equal.
    pub fn subject(&self) -> Stated<'_> {
        self.stated(self.attributes.subject.as_deref())
    }

    /// A header that is not there is missing; a body may be too strange to be read, and then the
    /// token alone counts.
    fn stated<'s>(&self, text: Option<&'s str>) -> Stated<'s> {
        match (text, self.mode) {
            (Some(text), _) => Stated::Is(text),
            (None, Mode::Binary) => Stated::Missing,
            (None, Mode::Structured | Mode::Neither) => Stated::Hidden,
        }
    }

    /// Reads all of it; for after the signature check.
    pub fn notification(self) -> Notification {
        let Attributes { id, kind, source, subject, time } = self.attributes;
        let known_type = kind.as_deref().and_then(EventType::parse);
        let Ids { ids, strange } = self.ids.map(ids::read).unwrap_or_default();
        let about_records = !known_type.is_some_and(EventType::is_welcome);
        let strange = match known_type {
            _ if self.strange.is_some() && about_records => self.strange,
            None if kind.is_none() => Some("no type"),
            None => Some("unknown type"),
            Some(_) if id.is_none() => Some("no id of its own"),
            Some(_) if strange.is_some() => strange,
            Some(_) if about_records && ids.is_empty() => Some("no record ids"),
            Some(_) => None,
        };
        Notification { event_id: id, event_type: kind, known_type, source, subject, occurred_at: time, ids, strange }
    }
}

/// The attributes in `ce-*` headers, and whether there was any such header. Two of a kind that
/// differ are as good as none.
fn from_headers<'h>(headers: impl IntoIterator<Item = (&'h str, &'h str)>) -> (bool, Attributes) {
    let names = ["ce-id", "ce-type", "ce-source", "ce-subject", "ce-time", "ce-specversion"];
    let mut found: [Option<&str>; 6] = [None; 6];
    let mut twice = [false; 6];
    for (name, value) in headers {
        let Some(at) = names.iter().position(|known| name.eq_ignore_ascii_case(known)) else {
            continue;
        };
        twice[at] |= found[at].is_some_and(|first| first != value);
        found[at] = Some(value);
    }
    let text = |at: usize| found[at].filter(|_| !twice[at]).and_then(plain);
    let attributes = Attributes { id: text(0), kind: text(1), source: text(2), subject: text(3), time: text(4) };
    (found.iter().any(Option::is_some), attributes)
}

fn from_body(body: &Body<'_>) -> Attributes {
    let text = |member: Option<&RawValue>| {
        // escapes make a JSON text up to six times as long
        let member = member.map(RawValue::get).filter(|member| member.len() <= 6 * LONGEST + 2)?;
        let text: String = serde_json::from_str(member).ok()?;
        plain(&text)
    };
    Attributes {
        id: text(body.id),
        kind: text(body.kind),
        source: text(body.source),
        subject: text(body.subject),
        time: text(body.time),
    }
}

fn inner_ids<'a>(body: &Body<'a>) -> Option<&'a RawValue> {
    let data = body.data.and_then(|data| object::<Data<'a>>(data.get().as_bytes()));
    data.unwrap_or_default().ids.or(body.ids)
}

/// Reads a JSON object. serde would also take a list, as the members in their order.
fn object<'a, T: Deserialize<'a>>(json: &'a [u8]) -> Option<T> {
    let is_object = json.trim_ascii_start().starts_with(b"{");
    serde_json::from_slice(json).ok().filter(|_| is_object)
}

/// A text that is fit to be stored and shown: control characters would reach a terminal.
fn plain(text: &str) -> Option<String> {
    let text = text.trim();
    let fit = !text.is_empty() && text.len() <= LONGEST && !text.chars().any(char::is_control);
    fit.then(|| text.to_owned())
}

#[cfg(test)]
mod tests;
