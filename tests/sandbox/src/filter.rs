//! The service's filter language (`q`), after the vendor's published grammar. In: the decoded text. Out: an
//! expression, or what is wrong. Does not know which fields a list allows; `matches.rs` evaluates.

/// A parsed filter.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Expr {
    And(Box<Expr>, Box<Expr>),
    Or(Box<Expr>, Box<Expr>),
    Test(Test),
}

/// `field op value`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Test {
    pub(crate) field: String,
    pub(crate) op: Op,
    pub(crate) value: Literal,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Op {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    Like,
    NotLike,
    Contains,
    NotContains,
    StartsWith,
    EndsWith,
    IsNull,
    IsNotNull,
}

/// What a field is compared with.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Literal {
    Text(String),
    Number(f64),
    Bool(bool),
    None,
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Open,
    Close,
    Sign(Op),
    Word(String),
    Text(String),
    Number(f64),
}

/// Parses a filter.
pub(crate) fn parse(text: &str) -> Result<Expr, String> {
    let tokens = tokens(text)?;
    let mut parser = Parser { tokens: &tokens };
    let expr = parser.either()?;
    match parser.tokens.first() {
        None => Ok(expr),
        Some(token) => Err(format!("unexpected {token:?}")),
    }
}

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut found = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches([' ', '\t', '\r', '\n']);
        let Some(first) = rest.chars().next() else {
            return Ok(found);
        };
        let (token, used) = match first {
            '(' => (Token::Open, 1),
            ')' => (Token::Close, 1),
            '\'' => quoted(rest)?,
            '=' | '<' | '>' | '!' => sign(rest)?,
            '0'..='9' => number(rest)?,
            'a'..='z' | 'A'..='Z' => word(rest),
            other => return Err(format!("unexpected character {other:?}")),
        };
        found.push(token);
        rest = &rest[used..];
    }
}

fn sign(rest: &str) -> Result<(Token, usize), String> {
    const SIGNS: [(&str, Op); 7] =
        [("<>", Op::Ne), ("!=", Op::Ne), ("<=", Op::Le), (">=", Op::Ge), ("=", Op::Eq), ("<", Op::Lt), (">", Op::Gt)];
    let found = SIGNS.iter().find(|(sign, _)| rest.starts_with(sign));
    found.map(|(sign, op)| (Token::Sign(*op), sign.len())).ok_or_else(|| "a lone `!`".to_owned())
}

/// A string in single quotes; two quotes stand for one; the grammar wants at least one character.
fn quoted(rest: &str) -> Result<(Token, usize), String> {
    let mut text = String::new();
    let mut chars = rest.char_indices().skip(1).peekable();
    while let Some((at, letter)) = chars.next() {
        if letter != '\'' {
            text.push(letter);
        } else if chars.next_if(|(_, next)| *next == '\'').is_some() {
            text.push('\'');
        } else if text.is_empty() {
            return Err("an empty string".to_owned());
        } else {
            return Ok((Token::Text(text), at + 1));
        }
    }
    Err("a string without its closing quote".to_owned())
}

/// Digits, or digits, a dot and digits: the grammar knows no sign and no exponent.
fn number(rest: &str) -> Result<(Token, usize), String> {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let whole = digits(rest);
    let used = match rest[whole..].strip_prefix('.').map(digits) {
        Some(0) => return Err("a number that ends with a dot".to_owned()),
        Some(decimals) => whole + 1 + decimals,
        None => whole,
    };
    let number = rest[..used].parse().map_err(|_| format!("the number {}", &rest[..used]))?;
    Ok((Token::Number(number), used))
}

fn word(rest: &str) -> (Token, usize) {
    let used = rest.bytes().take_while(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'.')).count();
    (Token::Word(rest[..used].to_owned()), used)
}

struct Parser<'a> {
    tokens: &'a [Token],
}

impl Parser<'_> {
    fn next(&mut self) -> Result<&Token, String> {
        let (first, rest) = self.tokens.split_first().ok_or("the filter ends too early")?;
        self.tokens = rest;
        Ok(first)
    }

    /// Takes a keyword, which the grammar knows all lower or all upper case.
    fn take(&mut self, keyword: &str) -> bool {
        let Some(Token::Word(word)) = self.tokens.first() else {
            return false;
        };
        let found = word == keyword || *word == keyword.to_ascii_uppercase();
        if found {
            self.tokens = &self.tokens[1..];
        }
        found
    }

    fn either(&mut self) -> Result<Expr, String> {
        let mut left = self.both()?;
        while self.take("or") {
            left = Expr::Or(Box::new(left), Box::new(self.both()?));
        }
        Ok(left)
    }

    fn both(&mut self) -> Result<Expr, String> {
        let mut left = self.one()?;
        while self.take("and") {
            left = Expr::And(Box::new(left), Box::new(self.one()?));
        }
        Ok(left)
    }

    fn one(&mut self) -> Result<Expr, String> {
        match self.next()?.clone() {
            Token::Open => {
                let inner = self.either()?;
                match self.next()? {
                    Token::Close => Ok(inner),
                    other => Err(format!("expected `)`, found {other:?}")),
                }
            }
            Token::Word(field) if is_field(&field) => self.test(field).map(Expr::Test),
            other => Err(format!("expected a field, found {other:?}")),
        }
    }

    fn test(&mut self, field: String) -> Result<Test, String> {
        let op = self.op()?;
        if matches!(op, Op::IsNull | Op::IsNotNull) {
            return Ok(Test { field, op, value: Literal::None });
        }
        if self.take("null") {
            return match op {
                Op::Eq => Ok(Test { field, op: Op::IsNull, value: Literal::None }),
                Op::Ne => Ok(Test { field, op: Op::IsNotNull, value: Literal::None }),
                _ => Err("null goes with = and != only".to_owned()),
            };
        }
        let value = match self.next()? {
            Token::Text(text) => Literal::Text(text.clone()),
            Token::Number(number) => Literal::Number(*number),
            Token::Word(word) if word == "true" => Literal::Bool(true),
            Token::Word(word) if word == "false" => Literal::Bool(false),
            other => return Err(format!("expected a value, found {other:?}")),
        };
        Ok(Test { field, op, value })
    }

    fn op(&mut self) -> Result<Op, String> {
        if let Some(Token::Sign(op)) = self.tokens.first() {
            let op = *op;
            self.tokens = &self.tokens[1..];
            return Ok(op);
        }
        if self.take("is") {
            let op = if self.take("not") { Op::IsNotNull } else { Op::IsNull };
            return if self.take("null") { Ok(op) } else { Err("expected null after is".to_owned()) };
        }
        if self.take("not") {
            return match (self.take("like"), self.take("contains")) {
                (true, _) => Ok(Op::NotLike),
                (_, true) => Ok(Op::NotContains),
                _ => Err("expected like or contains after not".to_owned()),
            };
        }
        for (first, second, op) in [
            ("like", None, Op::Like),
            ("contains", None, Op::Contains),
            ("starts", Some("with"), Op::StartsWith),
            ("ends", Some("with"), Op::EndsWith),
        ] {
            if self.take(first) && second.is_none_or(|word| self.take(word)) {
                return Ok(op);
            }
        }
        Err(format!("expected an operator, found {:?}", self.tokens.first()))
    }
}

/// Lower-case letters, with dots and underscores between them; no keyword.
fn is_field(word: &str) -> bool {
    const KEYWORDS: [&str; 7] = ["and", "or", "not", "is", "null", "true", "false"];
    let allowed = word.bytes().all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'_' | b'.'));
    allowed
        && !KEYWORDS.contains(&word)
        && word.starts_with(|letter: char| letter.is_ascii_lowercase())
        && word.ends_with(|letter: char| letter.is_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn test(field: &str, op: Op, value: Literal) -> Expr {
        Expr::Test(Test { field: field.to_owned(), op, value })
    }

    #[test]
    fn and_binds_closer_than_or() {
        let expr = parse("a = 1 or b = 2 AND c = true").expect("a filter");
        let (a, b) = (test("a", Op::Eq, Literal::Number(1.0)), test("b", Op::Eq, Literal::Number(2.0)));
        let c = test("c", Op::Eq, Literal::Bool(true));
        assert_eq!(expr, Expr::Or(Box::new(a), Box::new(Expr::And(Box::new(b), Box::new(c)))));
    }

    #[test]
    fn every_operator_is_read() {
        for (text, op) in [
            ("name = 'x'", Op::Eq),
            ("name<>'x'", Op::Ne),
            ("name != 'x'", Op::Ne),
            ("name<'x'", Op::Lt),
            ("name <='x'", Op::Le),
            ("name >'x'", Op::Gt),
            ("name>= 'x'", Op::Ge),
            ("name like 'x'", Op::Like),
            ("name NOT LIKE 'x'", Op::NotLike),
            ("name contains 'x'", Op::Contains),
            ("name not contains 'x'", Op::NotContains),
            ("name starts with 'x'", Op::StartsWith),
            ("name ENDS WITH 'x'", Op::EndsWith),
        ] {
            assert_eq!(parse(text), Ok(test("name", op, Literal::Text("x".into()))), "{text}");
        }
        for text in ["name is null", "name IS NULL", "name = null"] {
            assert_eq!(parse(text), Ok(test("name", Op::IsNull, Literal::None)));
        }
        for text in ["name is not null", "name != null", "name <> NULL"] {
            assert_eq!(parse(text), Ok(test("name", Op::IsNotNull, Literal::None)));
        }
    }

    #[test]
    fn quotes_are_doubled_and_numbers_have_decimals() {
        assert_eq!(parse("name = 'D''Angelo'"), Ok(test("name", Op::Eq, Literal::Text("D'Angelo".into()))));
        assert_eq!(parse("amount_net > 12.50"), Ok(test("amount_net", Op::Gt, Literal::Number(12.5))));
        assert!(parse("(a = 1 and (entity.id = 2 or b is null))").is_ok());
    }

    #[test]
    fn what_the_grammar_does_not_know_is_refused() {
        for text in [
            "",
            "name",
            "name =",
            "name = ''",
            "name = 'x",
            "name = \"x\"",
            "name = -1",
            "name = 1.",
            "name = x",
            "Name = 'x'",
            "na5e = 'x'",
            "_name = 'x'",
            "name == 'x'",
            "name = 'x' and",
            "name = 'x' 'y'",
            "(name = 'x'",
            "name = 'x')",
            "not (name = 'x')",
            "name = 'x' And b = 1",
            "name > null",
            "name is 'x'",
            "name starts 'x'",
            "and = 1",
        ] {
            assert!(parse(text).is_err(), "{text} was read");
        }
    }
}
