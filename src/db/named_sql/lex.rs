//! The tokens of an operator's SQL: enough to tell text that is code from text that is not.

use std::borrow::Cow;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// White space or a comment.
    Blank,
    /// A keyword or a name without quotes.
    Word,
    /// A name in double quotes.
    Quoted,
    /// A name that was in SQL Server's brackets; its text has double quotes already.
    Bracketed,
    /// A text or a number.
    Literal,
    /// `@name` or `:name`.
    Parameter,
    /// `(`
    Open,
    /// `)`
    Close,
    /// `[` of an array.
    Bracket,
    /// `]` of an array.
    BracketEnd,
    /// `;`
    Semicolon,
    /// `.`
    Dot,
    /// Any other character.
    Symbol,
}

/// A piece of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind,
    pub(super) text: Cow<'a, str>,
}

impl Token<'_> {
    pub(super) fn is_word(&self, word: &str) -> bool {
        self.kind == Kind::Word && self.text.eq_ignore_ascii_case(word)
    }

    pub(super) const fn is_name(&self) -> bool {
        matches!(self.kind, Kind::Word | Kind::Quoted | Kind::Bracketed)
    }
}

/// The tokens of a text. What is not closed goes to the end; nothing is refused.
pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut lexer = Lexer { rest: text, tokens: Vec::new(), arrays: 0 };
    while lexer.step() {}
    lexer.tokens
}

/// Words behind which `[` begins a name even without a blank between them.
const KEYWORDS: [&str; 30] = [
    "select",
    "from",
    "join",
    "where",
    "and",
    "or",
    "on",
    "by",
    "as",
    "in",
    "into",
    "update",
    "table",
    "set",
    "not",
    "distinct",
    "all",
    "union",
    "then",
    "else",
    "when",
    "case",
    "having",
    "between",
    "like",
    "is",
    "values",
    "returning",
    "using",
    "top",
];

struct Lexer<'a> {
    rest: &'a str,
    tokens: Vec<Token<'a>>,
    /// Open brackets of arrays.
    arrays: usize,
}

impl Lexer<'_> {
    fn step(&mut self) -> bool {
        let Some(first) = self.rest.chars().next() else { return false };
        if first == '['
            && !self.begins_array()
            && let Some((name, length)) = bracketed(self.rest)
        {
            self.push(Kind::Bracketed, length, Some(name));
            return true;
        }
        let (kind, length) = measure(self.rest, first);
        match kind {
            Kind::Bracket => self.arrays += 1,
            Kind::BracketEnd => self.arrays = self.arrays.saturating_sub(1),
            _ => {}
        }
        self.push(kind, length, None);
        true
    }

    fn push(&mut self, kind: Kind, length: usize, other: Option<String>) {
        let (text, rest) = self.rest.split_at_checked(length).unwrap_or((self.rest, ""));
        self.rest = rest;
        let text = other.map_or(Cow::Borrowed(text), Cow::Owned);
        self.tokens.push(Token { kind, text });
    }

    /// Whether `[` belongs to an array: a constructor, a subscript or a type; a name in brackets otherwise.
    fn begins_array(&self) -> bool {
        let attached = self.tokens.last().filter(|token| token.kind != Kind::Blank);
        let before = self.tokens.iter().rev().find(|token| token.kind != Kind::Blank);
        let behind_array = before.is_some_and(|token| token.is_word("array"));
        let is_subscript = attached.is_some_and(|token| match token.kind {
            Kind::Word => !KEYWORDS.iter().any(|keyword| token.is_word(keyword)),
            Kind::Quoted | Kind::Literal | Kind::Parameter | Kind::Close | Kind::BracketEnd => true,
            _ => false,
        });
        let inside = self.rest.get(1..).unwrap_or_default().trim_start().chars().next();
        let is_no_name = inside.is_none_or(|c| c.is_ascii_digit() || "]:@-'$([".contains(c));
        self.arrays > 0 || behind_array || is_subscript || is_no_name
    }
}

/// A name in brackets as a name in double quotes, and how long it was.
fn bracketed(text: &str) -> Option<(String, usize)> {
    let mut name = String::from("\"");
    let mut characters = text.char_indices().skip(1).peekable();
    while let Some((at, character)) = characters.next() {
        match character {
            ']' if characters.next_if(|(_, next)| *next == ']').is_some() => name.push(']'),
            ']' => {
                name.push('"');
                return Some((name, at + 1));
            }
            '"' => name.push_str("\"\""),
            other => name.push(other),
        }
    }
    None
}

fn measure(text: &str, first: char) -> (Kind, usize) {
    let second = text.chars().nth(1);
    let size = first.len_utf8();
    match (first, second) {
        ('-', Some('-')) => (Kind::Blank, text.find('\n').unwrap_or(text.len())),
        ('/', Some('*')) => (Kind::Blank, comment(text)),
        ('\'', _) => (Kind::Literal, size + quoted(text, size, '\'', false)),
        ('e' | 'E', Some('\'')) => (Kind::Literal, size + 1 + quoted(text, size + 1, '\'', true)),
        ('"', _) => (Kind::Quoted, size + quoted(text, size, '"', false)),
        ('$', _) => dollar(text),
        ('@' | ':', Some(other)) if other == first => (Kind::Symbol, 2),
        ('@' | ':', Some(other)) if begins_name(other) => {
            (Kind::Parameter, 1 + span(text.get(1..).unwrap_or_default(), continues_name))
        }
        ('(', _) => (Kind::Open, size),
        (')', _) => (Kind::Close, size),
        ('[', _) => (Kind::Bracket, size),
        (']', _) => (Kind::BracketEnd, size),
        (';', _) => (Kind::Semicolon, size),
        ('.', Some('0'..='9')) => {
            (Kind::Literal, size + span(text.get(size..).unwrap_or_default(), continues_name))
        }
        ('.', _) => (Kind::Dot, size),
        ('0'..='9', _) => (Kind::Literal, number(text)),
        (c, _) if c.is_whitespace() => (Kind::Blank, span(text, char::is_whitespace)),
        (c, _) if begins_name(c) => (Kind::Word, span(text, |c| continues_name(c) || c == '$')),
        _ => (Kind::Symbol, size),
    }
}

fn begins_name(character: char) -> bool {
    character.is_alphabetic() || character == '_' || !character.is_ascii()
}

fn continues_name(character: char) -> bool {
    begins_name(character) || character.is_ascii_digit()
}

/// The length of what the condition holds for.
fn span(text: &str, holds: impl Fn(char) -> bool) -> usize {
    text.find(|character| !holds(character)).unwrap_or(text.len())
}

/// `1`, `1.5`, `1e3`; what follows the point must be a digit, else it is a point.
fn number(text: &str) -> usize {
    let whole = span(text, continues_name);
    let fraction = text.get(whole..).and_then(|rest| rest.strip_prefix('.'));
    match fraction.filter(|fraction| fraction.starts_with(|c: char| c.is_ascii_digit())) {
        Some(fraction) => whole + 1 + span(fraction, continues_name),
        None => whole,
    }
}

/// The length from `from` on up to and with the closing quote; a doubled quote does not close.
fn quoted(text: &str, from: usize, quote: char, escapes: bool) -> usize {
    let rest = text.get(from..).unwrap_or_default();
    let mut characters = rest.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        if escapes && character == '\\' {
            characters.next();
        } else if character == quote && characters.next_if(|(_, next)| *next == quote).is_none() {
            return at + 1;
        }
    }
    rest.len()
}

/// The length of a comment, comments inside it included.
fn comment(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        if rest.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}

/// `$$…$$`, `$tag$…$tag$`, or a dollar.
fn dollar(text: &str) -> (Kind, usize) {
    let rest = text.get(1..).unwrap_or_default();
    if rest.starts_with(|c: char| c.is_ascii_digit()) {
        return (Kind::Symbol, 1 + span(rest, |c| c.is_ascii_digit()));
    }
    let tag = span(rest, continues_name);
    let Some(mark) = text.get(..tag + 2).filter(|mark| mark.ends_with('$')) else {
        return (Kind::Symbol, 1);
    };
    let body = text.get(mark.len()..).unwrap_or_default();
    let length = body.find(mark).map_or(body.len(), |at| at + mark.len());
    (Kind::Literal, mark.len() + length)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of_kind(text: &str, kind: Kind) -> Vec<String> {
        let found = tokens(text).into_iter().filter(|token| token.kind == kind);
        found.map(|token| token.text.into_owned()).collect()
    }

    #[test]
    fn only_code_has_parameters() {
        let text = "select @a, :b, 'it''s @c', E'\\'@d', \"@e\", $$@f$$, $x$ $$ @g $x$, @@h, i::j /* @k /* @l */ @m */, 1=@n -- @o";
        assert_eq!(of_kind(text, Kind::Parameter), ["@a", ":b", "@n"]);
    }

    #[test]
    fn operators_with_at_and_colon_are_no_parameters() {
        assert!(
            of_kind("a @> b, a <@ b, @ -5, a := 1, a[1:2], a @? 'x'", Kind::Parameter).is_empty()
        );
    }

    #[test]
    fn brackets_of_arrays_stay() {
        for text in [
            "array[1,2]",
            "ARRAY [ClassA, 'b']",
            "array[[1,2],[3,4]]",
            "a[1]",
            "a[n]",
            "\"A\"[i + 1]",
            "(f(x))[1:2]",
            "x::int[]",
            "x::text []",
            "j['key']['other']",
            "@p[1]",
        ] {
            let all: String = tokens(text).into_iter().map(|token| token.text).collect();
            assert_eq!(all, text);
        }
    }

    #[test]
    fn names_in_brackets_become_names_in_quotes() {
        let text = "SELECT [a],t.[b c] FROM [It's] [x]]y] WHERE([d\"e]=1)AND[f]=2";
        let all: String = tokens(text).into_iter().map(|token| token.text).collect();
        let expected = r#"SELECT "a",t."b c" FROM "It's" "x]y" WHERE("d""e"=1)AND"f"=2"#;
        assert_eq!(all, expected);
    }

    proptest! {
        #[test]
        fn no_text_without_brackets_is_changed(text in "[^\\[]{0,60}") {
            let all: String = tokens(&text).into_iter().map(|token| token.text).collect();
            prop_assert_eq!(all, text);
        }

        #[test]
        fn every_text_ends(text in "[-a-c@:;.$'\"/*\\[\\]\\\\ \n日1()]{0,60}") {
            prop_assert!(tokens(&text).iter().all(|token| !token.text.is_empty()));
        }
    }
}
