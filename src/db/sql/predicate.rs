//! Conditions on rows, as the rules decide them and before they are text.

use super::{Bind, Ident, Statement};

/// A condition on the rows of one table.
///
/// `domain` decides what a key or filter means and returns one of these; only here it becomes SQL. Groups bring their
/// own parentheses; no part of `All` is true, no part of `Any` is false.
#[derive(Debug, Clone, PartialEq)]
pub enum Predicate {
    /// `column = value`.
    Equal(Ident, Bind),
    /// `column between from and to`.
    Between(Ident, Bind, Bind),
    /// `column is null`.
    IsNull(Ident),
    /// `column = any(values)`; the value is an array.
    In(Ident, Bind),
    /// The item of the row with this id, of this site, meets the condition.
    OfItem(Ident, Bind, Box<Predicate>),
    /// Every part holds.
    All(Vec<Predicate>),
    /// At least one part holds.
    Any(Vec<Predicate>),
    /// The part does not hold.
    Not(Box<Predicate>),
}

impl Predicate {
    /// Writes the condition.
    pub fn render(&self, sql: &mut Statement) {
        match self {
            Self::Equal(column, value) => {
                sql.ident(column).syntax(" = ").bind(value.clone());
            }
            Self::Between(column, from, to) => {
                sql.ident(column)
                    .syntax(" between ")
                    .bind(from.clone())
                    .syntax(" and ")
                    .bind(to.clone());
            }
            Self::IsNull(column) => {
                sql.ident(column).syntax(" is null");
            }
            Self::In(column, values) => {
                sql.ident(column).syntax(" = any(").bind(values.clone()).syntax(")");
            }
            Self::OfItem(id, site, condition) => {
                sql.ident(id)
                    .syntax(" in (select \"ReferenceId\" from \"Items\" where \"SiteId\" = ")
                    .bind(site.clone())
                    .syntax(" and ");
                condition.render(sql);
                sql.syntax(")");
            }
            Self::All(parts) => Self::join(parts, sql, " and ", "true"),
            Self::Any(parts) => Self::join(parts, sql, " or ", "false"),
            Self::Not(part) => {
                sql.syntax("not (");
                part.render(sql);
                sql.syntax(")");
            }
        }
    }

    fn join(parts: &[Self], sql: &mut Statement, operator: &'static str, empty: &'static str) {
        if parts.is_empty() {
            sql.syntax(empty);
            return;
        }
        sql.syntax("(");
        sql.separated(parts, operator, |sql, part| part.render(sql));
        sql.syntax(")");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(predicate: &Predicate) -> String {
        let mut sql = Statement::new();
        predicate.render(&mut sql);
        sql.text().to_owned()
    }

    #[test]
    fn groups_bring_parentheses_and_have_neutral_elements() {
        let a = Predicate::Equal(Ident::new("A"), Bind::text("x"));
        let b = Predicate::IsNull(Ident::new("B"));
        let group = Predicate::Any(vec![a, Predicate::All(vec![b, Predicate::All(vec![])])]);
        assert_eq!(text(&group), r#"("A" = $1::text or ("B" is null and true))"#);
        assert_eq!(text(&Predicate::Any(vec![])), "false");
    }
}
