//! The files of an attachments column as records show them (05 §4.9).

use crate::json::{self, Array, Object};
use crate::lenient::{self, Json};

/// Every member that a stored file may have, in the order of answers.
const ALL: &[&str] = &[
    "Guid",
    "Name",
    "ReferenceId",
    "Size",
    "Extension",
    "ContentType",
    "Added",
    "Deleted",
    "Base64",
    "Action",
    "FileName",
    "Base64Binary",
    "HashCode",
    "Overwritten",
];

/// The members below `ApiVersion` 1.1.
const FEW: &[&str] = &["Guid", "Name", "Size", "HashCode"];

/// The array of the files of a stored text; anything else counts as none.
pub(super) fn write(stored: &str, out: &mut String) {
    write_members(stored, ALL, out);
}

/// As [`write`], as a text in quotes and with fewer members (05 §4.4).
pub(super) fn write_as_text(stored: &str, out: &mut String) {
    let mut text = String::with_capacity(stored.len());
    write_members(stored, FEW, &mut text);
    json::string(&text, out);
}

/// The array of the files as a text; none when there is no file (05 §5.3).
pub(super) fn text(stored: &str) -> Option<String> {
    let mut text = String::new();
    write_members(stored, ALL, &mut text);
    (text.len() > 2).then_some(text)
}

fn write_members(stored: &str, names: &[&str], out: &mut String) {
    let known = if stored.len() > 2 { lenient::parse(stored).ok() } else { None };
    let mut array = Array::open(out);
    if let Some(Json::Array(files)) = &known {
        for file in files.iter().filter(|file| !matches!(file, Json::Null)) {
            array.object(|o| members(o, file, names));
        }
    }
    array.finish();
}

fn members(o: &mut Object<'_>, file: &Json<'_>, names: &[&str]) {
    for name in names {
        match file.member(name) {
            Some(Json::String(text)) => o.field(name, text.as_ref()),
            Some(Json::Bool(flag)) => o.field(name, flag),
            Some(number @ Json::Integer(_)) => o.optional(name, number.as_i64().as_ref()),
            _ => o,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STORED: &str = r#"[{"Name":"a.txt","Guid":"3E","Size":5,"ContentType":"text/plain","HashCode":"h","Added":null}]"#;

    #[test]
    fn files_have_their_members_in_the_order_of_answers() {
        let mut out = String::new();
        write(STORED, &mut out);
        assert_eq!(
            out,
            r#"[{"Guid":"3E","Name":"a.txt","Size":5,"ContentType":"text/plain","HashCode":"h"}]"#
        );
    }

    #[test]
    fn old_versions_have_a_text_with_fewer_members() {
        let mut out = String::new();
        write_as_text(STORED, &mut out);
        assert_eq!(
            out,
            r#""[{\"Guid\":\"3E\",\"Name\":\"a.txt\",\"Size\":5,\"HashCode\":\"h\"}]""#
        );
    }

    #[test]
    fn no_files_are_an_empty_array_or_no_text() {
        for stored in ["", "[]", "no json"] {
            let mut out = String::new();
            write(stored, &mut out);
            assert_eq!((out.as_str(), text(stored)), ("[]", None), "{stored}");
        }
    }
}
