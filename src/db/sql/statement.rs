//! A statement being built.

use std::fmt::Write;

use sqlx::Postgres;
use sqlx::postgres::PgArguments;
use sqlx::query::Query;

use super::{Bind, Ident};
use crate::db::Error;
use crate::db::gather::Question;
use crate::db::named_sql::Vouched;

/// What stands around a part that several ask: as it is, only what the part selects.
#[derive(Debug)]
pub(in crate::db) struct Frame {
    /// Before the `select`.
    pub before: &'static str,
    /// What is selected first; it begins with the place of the asker.
    pub select: &'static str,
    /// What joins the part.
    pub join: &'static str,
    /// The condition of that join.
    pub on: &'static str,
    /// The values, of one asker, that `before` refers to.
    pub values: Vec<Bind>,
}

impl Default for Frame {
    fn default() -> Self {
        Self { before: "", select: "asked.at", join: "cross join", on: "", values: Vec::new() }
    }
}

/// Text that only our source can write, and the values it refers to.
#[derive(Debug, Default, Clone)]
pub struct Statement {
    text: String,
    binds: Vec<Bind>,
    /// Values are columns of the row of an asker instead of parameters.
    for_askers: bool,
}

impl Statement {
    /// An empty statement.
    pub fn new() -> Self {
        Self::default()
    }

    /// Begins with a statement of our own source that names its values `$1`, `$2`…
    pub fn beginning(sql: &'static str, values: Vec<Bind>) -> Self {
        Self { text: sql.to_owned(), binds: values, for_askers: false }
    }

    /// An empty statement that several may ask together: each value is a column of `asked`.
    pub(in crate::db) fn for_askers() -> Self {
        Self { for_askers: true, ..Self::default() }
    }

    /// The same text with other values.
    pub(in crate::db) fn with_values(&self, values: Vec<Bind>) -> Self {
        Self { text: self.text.clone(), binds: values, for_askers: false }
    }

    /// What was built by [`Statement::for_askers`], as a question that also brings what the frame has; none if a value
    /// is an array, which cannot be a part of another.
    pub(in crate::db) fn into_question(self, frame: Frame) -> Option<Question> {
        let mut values = frame.values;
        let (mut arrays, mut names) = (String::new(), String::new());
        for (at, value) in self.binds.iter().enumerate() {
            let (place, pg_type) = (values.len() + at + 1, value.pg_array_type()?);
            let _ = match at {
                // A sub-query hides how long the arrays are: the planner would plan anew each time for fewer than it
                // expects.
                0 => write!(arrays, "(select ${place}::{pg_type})"),
                _ => write!(arrays, ", ${place}::{pg_type}"),
            };
            let _ = write!(names, "v{at}, ");
        }
        values.extend(self.binds);
        let Frame { before, select, join, on, .. } = frame;
        let text = format!(
            "{before}select {select}, answer.* from unnest({arrays}) with ordinality as asked({names}at) \
             {join} lateral ({}) as answer{on}",
            self.text
        );
        Some(Question { statement: Self { text, ..Self::default() }, values })
    }

    /// Keywords and punctuation; `&'static`, so nothing that came with a request fits.
    pub fn syntax(&mut self, sql: &'static str) -> &mut Self {
        self.text.push_str(sql);
        self
    }

    /// Text of the operator, as it is.
    pub(in crate::db) fn vouched(&mut self, text: &Vouched<'_>) -> &mut Self {
        self.text.push_str(text.as_str());
        self
    }

    /// A table or column name, quoted.
    pub fn ident(&mut self, name: &Ident) -> &mut Self {
        if let Some(source) = name.source() {
            self.quoted(source);
            self.text.push('.');
        }
        self.quoted(name.as_str());
        self
    }

    fn quoted(&mut self, name: &str) {
        self.text.push('"');
        for part in name.split('"').enumerate() {
            if part.0 > 0 {
                self.text.push_str("\"\"");
            }
            self.text.push_str(part.1);
        }
        self.text.push('"');
    }

    /// A value, sent apart from the text and with its type, so that NULL is typed too.
    pub fn bind(&mut self, value: Bind) -> &mut Self {
        let at = self.binds.len();
        let _ = if self.for_askers {
            write!(self.text, "asked.v{at}")
        } else {
            write!(self.text, "${}::{}", at + 1, value.pg_type())
        };
        self.binds.push(value);
        self
    }

    /// Parts with a separator between them.
    pub fn separated<T>(
        &mut self,
        parts: impl IntoIterator<Item = T>,
        separator: &'static str,
        mut write: impl FnMut(&mut Self, T),
    ) -> &mut Self {
        for (at, part) in parts.into_iter().enumerate() {
            if at > 0 {
                self.text.push_str(separator);
            }
            write(self, part);
        }
        self
    }

    /// Names with commas between them.
    pub fn idents<'a>(&mut self, names: impl IntoIterator<Item = &'a Ident>) -> &mut Self {
        self.separated(names, ", ", |sql, name| {
            sql.ident(name);
        })
    }

    /// Values with commas between them.
    pub fn binds(&mut self, values: impl IntoIterator<Item = Bind>) -> &mut Self {
        self.separated(values, ", ", |sql, value| {
            sql.bind(value);
        })
    }

    /// The text so far; for tests and logs (it holds no values).
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The values so far.
    #[cfg(test)]
    pub(crate) fn bound(&self) -> &[Bind] {
        &self.binds
    }

    /// The one place that vouches for SQL made here.
    #[expect(clippy::disallowed_methods, reason = "only static syntax, known names and `$n`")]
    pub fn into_query(self) -> Result<Query<'static, Postgres, PgArguments>, Error> {
        let mut arguments = PgArguments::default();
        self.binds.into_iter().try_for_each(|value| value.add_to(&mut arguments))?;
        Ok(sqlx::query_with(sqlx::AssertSqlSafe(self.text), arguments))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_quoted_and_values_stay_apart() {
        let mut sql = Statement::new();
        sql.syntax("select ")
            .ident(&Ident::new("a\"b"))
            .syntax(" = ")
            .bind(Bind::text("x' or 1=1"));
        assert_eq!(sql.text(), "select \"a\"\"b\" = $1::text");
    }

    #[test]
    fn a_column_may_name_its_source() {
        let mut sql = Statement::new();
        sql.ident(&Ident::new("Title").of(&Ident::numbered("link", 3)));
        assert_eq!(sql.text(), r#""link3"."Title""#);
    }
}
