//! From an operator's text to statements with places for values.

use std::borrow::Cow;
use std::fmt::Write;
use std::sync::LazyLock;

use regex::Regex;

use super::Vouched;
use super::lex::{self, Kind, Token};
use super::param::{Param, Params};
use crate::db::sql::{Bind, Statement};

/// The statements of a text, apart from each other, as PostgreSQL understands them.
///
/// Values are never written into the text: a placeholder with a value becomes `$n`, one without stays as written, and
/// PostgreSQL then says what it thinks of it (07 §2.5).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Script {
    statements: Vec<Vec<Piece>>,
    /// Whether the text begins or ends transactions itself.
    pub(super) manages_transactions: bool,
    /// Whether it may leave something behind in the session, which must not reach other users of the connection.
    pub(super) changes_session: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Parameter { name: String, written: String },
}

impl Script {
    /// Reads a text, SQL Server's brackets and owners of names translated (`[Implem.Pleasanter].[dbo].[Items]`).
    pub fn parse(text: &str) -> Self {
        let text = text.replace("#CommandCount#", "");
        let text = collapsed(&text);
        let tokens = without_owners(&lex::tokens(&text));
        let mut script = Self::default();
        for statement in split(&tokens) {
            script.add(statement);
        }
        script
    }

    /// The names of all placeholders, in lower case, each once, in the order of the text.
    pub fn parameters(&self) -> Vec<&str> {
        let mut names = Vec::new();
        for piece in self.statements.iter().flatten() {
            if let Piece::Parameter { name, .. } = piece
                && !names.contains(&name.as_str())
            {
                names.push(name.as_str());
            }
        }
        names
    }

    /// The placeholders that have no value among these.
    pub fn lacking(&self, params: &Params) -> Vec<&str> {
        self.parameters().into_iter().filter(|name| params.get(name).is_none()).collect()
    }

    /// How many statements there are.
    pub fn len(&self) -> usize {
        self.statements.len()
    }

    /// Whether there is nothing to run.
    pub fn is_empty(&self) -> bool {
        self.statements.is_empty()
    }

    /// Every statement as text, with the values that it names `$1`, `$2`…
    pub(super) fn render<'p>(&self, params: &'p Params) -> Vec<(String, Vec<&'p Param>)> {
        self.statements.iter().map(|pieces| render(pieces, params)).collect()
    }

    /// Writes the first statement into another one.
    pub(super) fn write_first(&self, sql: &mut Statement, values: &[(&'static str, i32)]) {
        for piece in self.statements.iter().take(1).flatten() {
            match piece {
                Piece::Text(text) => {
                    sql.vouched(&Vouched(text));
                }
                Piece::Parameter { name, written } => {
                    match values.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)) {
                        Some((_, value)) => sql.bind(Bind::Int(Some(*value))),
                        None => sql.vouched(&Vouched(written)),
                    };
                }
            }
        }
    }

    fn add(&mut self, statement: &[Token<'_>]) {
        let words = || statement.iter().filter(|token| token.kind == Kind::Word);
        let Some(first) = statement.iter().find(|token| token.kind != Kind::Blank) else { return };
        let begins_with = |list: &[&str]| list.iter().any(|word| first.is_word(word));
        self.manages_transactions |= begins_with(&MANAGING);
        self.changes_session |= begins_with(&CHANGING)
            || words().any(|token| CHANGING_ANYWHERE.iter().any(|word| token.is_word(word)));
        let mut pieces = Vec::new();
        for token in statement {
            push(&mut pieces, token);
        }
        self.statements.push(pieces);
    }
}

const MANAGING: [&str; 9] =
    ["begin", "start", "commit", "end", "abort", "rollback", "savepoint", "release", "prepare"];
const CHANGING: [&str; 11] = [
    "set",
    "reset",
    "listen",
    "unlisten",
    "prepare",
    "deallocate",
    "discard",
    "load",
    "declare",
    // What their bodies do is not looked at.
    "do",
    "call",
];
const CHANGING_ANYWHERE: [&str; 7] = [
    "set_config",
    "temp",
    "temporary",
    "pg_advisory_lock",
    "pg_advisory_lock_shared",
    "pg_try_advisory_lock",
    "pg_try_advisory_lock_shared",
];

/// QUIRK(07 §2.5): runs of semicolons become one, inside texts too.
fn collapsed(text: &str) -> Cow<'_, str> {
    static RUNS: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(";(?:[ \t]*;)+").ok());
    match RUNS.as_ref() {
        Some(runs) => runs.replace_all(text, ";"),
        None => Cow::Borrowed(text),
    }
}

/// Leaves out database and owner of SQL Server's names; both say nothing here.
///
/// Only names with a part in brackets are SQL Server's for sure.
fn without_owners<'a>(tokens: &[Token<'a>]) -> Vec<Token<'a>> {
    let mut out: Vec<Token<'_>> = Vec::with_capacity(tokens.len());
    let mut rest = tokens;
    while let Some(first) = rest.first() {
        let chain = if first.is_name() { Chain::of(rest) } else { Chain::default() };
        let (own, after) = rest.split_at(chain.length.max(1));
        match chain.owned() {
            Some(from) => out.extend(own.iter().skip(from).map(requoted)),
            None => out.extend_from_slice(own),
        }
        rest = after;
    }
    out
}

/// A name of several parts.
#[derive(Debug, Default)]
struct Chain {
    /// How many tokens it has.
    length: usize,
    has_brackets: bool,
    /// Whether each part is `dbo`, and where what follows its point begins.
    parts: Vec<(bool, usize)>,
}

impl Chain {
    fn of(tokens: &[Token<'_>]) -> Self {
        let mut chain = Self::default();
        // An empty part (`db..Items`) stands for the owner.
        let (mut is_owner, mut expects_point) = (false, false);
        for (at, token) in tokens.iter().enumerate() {
            match token.kind {
                Kind::Blank => {}
                Kind::Dot if expects_point => {
                    chain.parts.push((is_owner, at + 1));
                    (is_owner, expects_point) = (false, false);
                }
                Kind::Dot if chain.parts.len() == 1 => chain.parts.push((true, at + 1)),
                _ if token.is_name() && !expects_point => {
                    let name = token.text.trim_matches('"');
                    is_owner = name.eq_ignore_ascii_case("dbo");
                    expects_point = true;
                    chain.has_brackets |= token.kind == Kind::Bracketed;
                    chain.length = at + 1;
                }
                _ => break,
            }
        }
        chain
    }

    /// Where the name without owner begins, if it has one: as first part, or as second behind the database.
    fn owned(&self) -> Option<usize> {
        let owner = self.parts.iter().take(2).find(|(is_owner, _)| *is_owner);
        owner.filter(|(_, from)| self.has_brackets && *from < self.length).map(|(_, from)| *from)
    }
}

/// SQL Server keeps the case of names without quotes.
fn requoted<'a>(token: &Token<'a>) -> Token<'a> {
    if token.kind == Kind::Word {
        Token { kind: Kind::Quoted, text: format!("\"{}\"", token.text).into() }
    } else {
        token.clone()
    }
}

/// At semicolons outside parentheses and outside the body of `begin atomic … end`.
fn split<'t, 'a>(tokens: &'t [Token<'a>]) -> Vec<&'t [Token<'a>]> {
    let (mut depth, mut atomic) = (0_i32, 0_i32);
    let mut behind_begin = false;
    tokens
        .split(|token| {
            match token.kind {
                Kind::Open => depth += 1,
                Kind::Close => depth -= 1,
                Kind::Word if atomic > 0 && token.is_word("case") => atomic += 1,
                Kind::Word if atomic > 0 && token.is_word("end") => atomic -= 1,
                Kind::Word if token.is_word("atomic") && behind_begin => atomic += 1,
                Kind::Blank => return false,
                _ => {}
            }
            behind_begin = token.is_word("begin");
            token.kind == Kind::Semicolon && depth <= 0 && atomic <= 0
        })
        .collect()
}

fn push(pieces: &mut Vec<Piece>, token: &Token<'_>) {
    if token.kind == Kind::Parameter {
        let name = token.text.chars().skip(1).collect::<String>().to_lowercase();
        pieces.push(Piece::Parameter { name, written: token.text.to_string() });
    } else if let Some(Piece::Text(text)) = pieces.last_mut() {
        text.push_str(&token.text);
    } else {
        pieces.push(Piece::Text(token.text.to_string()));
    }
}

fn render<'p>(pieces: &[Piece], params: &'p Params) -> (String, Vec<&'p Param>) {
    let mut text = String::new();
    let mut used: Vec<(&str, &'p Param)> = Vec::new();
    for piece in pieces {
        match piece {
            Piece::Text(own) => text.push_str(own),
            Piece::Parameter { name, written } => match params.get(name) {
                Some(value) => {
                    let known = used.iter().position(|(used, _)| used == name);
                    let at = known.unwrap_or(used.len());
                    if known.is_none() {
                        used.push((name, value));
                    }
                    let _ = write!(text, "${}", at + 1);
                }
                None => text.push_str(written),
            },
        }
    }
    let values: Vec<_> = used.into_iter().map(|(_, value)| value).collect();
    if !values.is_empty() {
        // The driver keeps prepared statements by their text, and one of other types is another statement.
        let types: Vec<_> = values.iter().map(|value| value.pg_type()).collect();
        text = format!("/*{}*/ {text}", types.join(" "));
    }
    (text, values)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn texts(text: &str, params: &Params) -> Vec<String> {
        Script::parse(text).render(params).into_iter().map(|(text, _)| text).collect()
    }

    fn text(text: &str) -> String {
        texts(text, &Params::default()).join("|")
    }

    fn params(names: &[&str]) -> Params {
        let mut params = Params::default();
        for name in names {
            params.add(name, Param::Long(1));
        }
        params
    }

    /// The statement of the manual, which is written for SQL Server.
    #[test]
    fn names_of_sql_server_lose_database_and_owner() {
        let manual = "SELECT [ReferenceId]\n,[DeptId]\nFROM [Implem.Pleasanter].[dbo].[Permissions]\nWHERE [ReferenceId]=@RefID";
        assert_eq!(
            texts(manual, &params(&["RefID"])),
            [
                "/*bigint*/ SELECT \"ReferenceId\"\n,\"DeptId\"\nFROM \"Permissions\"\nWHERE \"ReferenceId\"=$1"
            ]
        );
        assert_eq!(text("from [dbo].[Items] i"), "from \"Items\" i");
        assert_eq!(text("from [a] . dbo.Items"), "from \"Items\"");
        assert_eq!(text("[a]..[Items].[Title]"), "\"Items\".\"Title\"");
        assert_eq!(text("[dbo].[Items].[Title]"), "\"Items\".\"Title\"");
    }

    #[test]
    fn names_of_postgresql_stay() {
        for own in ["dbo.items", "\"a\".\"dbo\".\"b\"", "s.t.c", "t.[c]", "select [dbo]"] {
            assert_eq!(text(own), own.replace(['[', ']'], "\""));
        }
    }

    #[test]
    fn statements_end_at_semicolons_of_code() {
        assert_eq!(text("a; ; 'b;c' -- d;\n; $$e;f$$;;"), "a| 'b;c' -- d;\n| $$e;f$$");
        assert_eq!(text("create rule r as do (a; b); c"), "create rule r as do (a; b)| c");
        let body = "create function f() begin atomic select case when a then b end; select 1; end";
        assert_eq!(Script::parse(&format!("{body}; select 2")).len(), 2);
        assert!(Script::parse(" ; -- nothing\n").is_empty());
    }

    #[test]
    fn runs_of_semicolons_collapse_in_texts_too() {
        assert_eq!(text("select 'a;;b; ;c'"), "select 'a;b;c'");
    }

    #[test]
    fn placeholders_are_found_in_any_case_and_without_a_value_they_stay() {
        assert_eq!(
            texts("select @P, :p, @Q, '@P'", &params(&["P"])),
            ["/*bigint*/ select $1, $1, @Q, '@P'"]
        );
        assert_eq!(Script::parse("@B; @a, :b").parameters(), ["b", "a"]);
    }

    #[test]
    fn scripts_that_touch_their_session_are_known() {
        let manages = |text: &str| Script::parse(text).manages_transactions;
        assert!(manages("BEGIN; select 1; COMMIT"));
        assert!(!manages("select 1; update t set a = 'commit'; select case when a then b end"));
        let changes = |text: &str| Script::parse(text).changes_session;
        assert!(changes("set search_path to x"));
        assert!(changes("select Set_Config('a', 'b', false)"));
        assert!(changes("create temp table x (a int)"));
        assert!(!changes("update t set a = 1"));
    }

    proptest! {
        #[test]
        fn values_never_reach_the_text(value in "[a-z']{6,20}") {
            let mut params = Params::default();
            params.add("P", Param::Text(value.clone()));
            let rendered = texts("select @P", &params);
            prop_assert!(rendered.iter().all(|text| !text.contains(&value)));
        }

        #[test]
        fn no_text_is_refused(text in "[-a-z@:;.$'\"/*\\[\\] \n日1()]{0,80}") {
            Script::parse(&text).render(&params(&["a"]));
        }
    }
}
