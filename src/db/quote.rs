//! Names and texts inside statements that take no parameters: those that make roles, databases and tables.

/// A name in double quotes.
pub(super) fn name(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A text in single quotes, whatever `standard_conforming_strings` says.
pub(super) fn text(text: &str) -> String {
    let quoted = format!("'{}'", text.replace('\'', "''"));
    if quoted.contains('\\') { format!(" E{}", quoted.replace('\\', "\\\\")) } else { quoted }
}

#[cfg(test)]
mod tests {
    #[test]
    fn names_and_texts_cannot_leave_their_quotes() {
        assert_eq!(super::name("Implem.Pleasanter"), r#""Implem.Pleasanter""#);
        assert_eq!(super::name(r#"a"; drop"#), r#""a""; drop""#);
        assert_eq!(super::text("a'b"), "'a''b'");
        assert_eq!(super::text(r"a\'b"), r" E'a\\''b'");
    }
}
