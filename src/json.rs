//! Walking through a JSON text whose grammar serde_json has checked before (a `RawValue`, a row's `raw`).
//!
//! In: the text. Out: names and values as they stand in it; what is not wanted is passed over without being looked into,
//! several times as fast as a parser that checks it once more. A text that is no JSON ends in [`Broken`] or in values that
//! are none, never in a panic. Understands no value: numbers and texts are read by who wants them.

use memchr::memchr2;
use std::borrow::Cow;

/// The text is not what it was taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the JSON that should stand at byte {0}")]
pub struct Broken(pub usize);

/// A place in a text.
#[derive(Debug)]
pub struct Walk<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Walk<'a> {
    /// The beginning of a text.
    pub fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// The byte with which the next thing begins.
    pub fn peek(&mut self) -> Option<u8> {
        let rest = self.text.as_bytes().get(self.at..)?;
        let spaces = rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        self.at += spaces;
        rest.get(spaces).copied()
    }

    /// Enters an object (`{`) or a list (`[`), where one begins here.
    pub fn enter(&mut self, open: u8) -> bool {
        let here = self.peek() == Some(open);
        self.at += usize::from(here);
        here
    }

    /// In an object: the name of its next member, whose value comes next. Nothing at the end, which it then has left.
    ///
    /// # Errors
    /// [`Broken`].
    pub fn name(&mut self) -> Result<Option<Cow<'a, str>>, Broken> {
        if !self.next_of(b'}')? {
            return Ok(None);
        }
        let from = self.at;
        let escaped = self.pass_text()?;
        let quoted = self.since(from).ok_or(Broken(from))?;
        if self.peek() != Some(b':') {
            return Err(Broken(self.at));
        }
        self.at += 1;
        if escaped {
            return serde_json::from_str(quoted).map(|name: String| Some(Cow::Owned(name))).map_err(|_| Broken(from));
        }
        quoted.get(1..quoted.len() - 1).map(|name| Some(Cow::Borrowed(name))).ok_or(Broken(from))
    }

    /// In a list: whether another element comes. At the end, which it then has left, there is none.
    ///
    /// # Errors
    /// [`Broken`].
    pub fn element(&mut self) -> Result<bool, Broken> {
        self.next_of(b']')
    }

    fn next_of(&mut self, close: u8) -> Result<bool, Broken> {
        if self.peek() == Some(b',') {
            self.at += 1;
        }
        let next = self.peek().ok_or(Broken(self.at))?;
        self.at += usize::from(next == close);
        Ok(next != close)
    }

    /// Passes over a value. Returns its text.
    ///
    /// # Errors
    /// [`Broken`].
    pub fn value(&mut self) -> Result<&'a str, Broken> {
        let first = self.peek().ok_or(Broken(self.at))?;
        let from = self.at;
        match first {
            b'"' => _ = self.pass_text()?,
            b'{' | b'[' => self.pass_nested()?,
            _ => self.pass_bare(),
        }
        self.since(from).filter(|value| !value.is_empty()).ok_or(Broken(from))
    }

    /// Where it is.
    pub fn at(&self) -> usize {
        self.at
    }

    /// The text from an earlier place up to here.
    pub fn since(&self, from: usize) -> Option<&'a str> {
        self.text.get(from..self.at)
    }

    /// Passes over a text with its quotes. Whether something in it is escaped.
    fn pass_text(&mut self) -> Result<bool, Broken> {
        let (bytes, from) = (self.text.as_bytes(), self.at);
        if bytes.get(from) != Some(&b'"') {
            return Err(Broken(from));
        }
        self.at += 1;
        let mut escaped = false;
        loop {
            let rest = bytes.get(self.at..).ok_or(Broken(from))?;
            let found = end_of_text(rest).ok_or(Broken(from))?;
            if rest.get(found) == Some(&b'"') {
                self.at += found + 1;
                return Ok(escaped);
            }
            // What is escaped is passed over, too.
            self.at += found + 2;
            escaped = true;
        }
    }

    fn pass_nested(&mut self) -> Result<(), Broken> {
        let (bytes, from) = (self.text.as_bytes(), self.at);
        let mut depth = 0_usize;
        loop {
            match bytes.get(self.at).ok_or(Broken(from))? {
                b'"' => {
                    self.pass_text()?;
                    continue;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth -= 1,
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                return Ok(());
            }
        }
    }

    fn pass_bare(&mut self) {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        let is_end =
            |byte: &u8| matches!(byte, b',' | b'}' | b']' | b':' | b'"' | b'{' | b'[') || byte.is_ascii_whitespace();
        self.at += rest.iter().position(is_end).unwrap_or(rest.len());
    }
}

/// The next quote or backslash. Most texts are shorter than a search by whole words is worth.
fn end_of_text(rest: &[u8]) -> Option<usize> {
    const SHORT: usize = 16;
    let is_end = |byte: &u8| matches!(byte, b'"' | b'\\');
    let (start, more) = rest.split_at(rest.len().min(SHORT));
    start.iter().position(is_end).or_else(|| memchr2(b'"', b'\\', more).map(|at| at + SHORT))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The members of an object, as serde_json or as a walk finds them.
    fn members(text: &str) -> Result<Vec<(String, String)>, Broken> {
        let mut walk = Walk::new(text);
        let mut found = Vec::new();
        if !walk.enter(b'{') {
            return Err(Broken(0));
        }
        while let Some(name) = walk.name()? {
            found.push((name.into_owned(), walk.value()?.to_owned()));
        }
        Ok(found)
    }

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn members_stand_where_they_stand() {
        let text = r#" { "a" : 1 , "b\u0041\"": "x\\\"}\\" ,"c":[1,{"]":"["}, [] ],"":{"n":null},"è": -1.5e3} "#;
        let expected = [
            ("a", "1"),
            ("bA\"", r#""x\\\"}\\""#),
            ("c", r#"[1,{"]":"["}, [] ]"#),
            ("", r#"{"n":null}"#),
            ("è", "-1.5e3"),
        ];
        assert_eq!(members(text), Ok(pairs(&expected)));
        assert_eq!(members("{}"), Ok(Vec::new()));
    }

    #[test]
    fn lists_are_walked_through() {
        let mut walk = Walk::new(r#" [1, "a]" ,{"b":[2]}, [] , null]"#);
        let mut found = Vec::new();
        assert!(!walk.enter(b'{') && walk.enter(b'['));
        while walk.element() == Ok(true) {
            let from = walk.at();
            let value = walk.value().expect("a value");
            assert!(walk.since(from).is_some_and(|text| text.ends_with(value)));
            found.push(value);
        }
        assert_eq!(found, ["1", r#""a]""#, r#"{"b":[2]}"#, "[]", "null"]);
    }

    #[test]
    fn what_is_no_json_does_no_harm() {
        let whole = r#"{"è\"":[1,{"a":"\u00e8"}],"b":nu"#;
        for end in (0..=whole.len()).filter(|end| whole.is_char_boundary(*end)) {
            assert!(members(&whole[..end]).is_err(), "{end}");
        }
        for text in ["{\"a\\", "{\"a\":\"\\è", "{]", "{:}", "{\"a\":}", "{\"a\":]}", "{1:2}", "}", "{\"a\" 1}", "{{"] {
            let _ = members(text);
        }
    }

    proptest::proptest! {
        /// Whatever serde_json takes for an object has the same members here.
        #[test]
        fn it_finds_what_serde_json_finds(texts in proptest::collection::vec((".{0,8}", ".{0,8}"), 0..6)) {
            let mut object = serde_json::Map::new();
            for (n, (name, text)) in texts.iter().enumerate() {
                object.insert(name.clone(), serde_json::json!(text));
                object.insert(format!("{name}{n}"), serde_json::json!([{ name: text }, n, null, -0.5, [], {}, true]));
            }
            let expected: Vec<(String, String)> = object.iter().map(|(name, v)| (name.clone(), v.to_string())).collect();
            for text in [serde_json::to_string(&object), serde_json::to_string_pretty(&object)] {
                let found = members(&text.expect("JSON")).expect("its members");
                let compact = |text: &str| serde_json::from_str::<serde_json::Value>(text).expect("JSON").to_string();
                let found: Vec<_> = found.iter().map(|(name, value)| (name.clone(), compact(value))).collect();
                proptest::prop_assert_eq!(&found, &expected);
            }
        }
    }
}
