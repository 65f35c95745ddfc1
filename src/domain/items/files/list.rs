//! The recorded JSON of an attachments column (03 §18.4).

use serde::Deserialize;

use crate::json;
use crate::lenient::{self, Nullable};

/// One file as the record tells it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct StoredFile {
    /// Its handle.
    pub guid: Option<String>,
    /// Its name.
    pub name: Option<String>,
    #[serde(rename = "Size")]
    size: Nullable<i64>,
    /// The Base64 of its SHA-256, if it was added by an update.
    pub hash_code: Option<String>,
}

impl StoredFile {
    /// A file of that handle, name, size and hash.
    pub(crate) fn new(guid: &str, name: &str, size: i64, hash_code: Option<String>) -> Self {
        Self {
            guid: Some(guid.to_owned()),
            name: Some(name.to_owned()),
            size: Nullable(Some(size)),
            hash_code,
        }
    }

    /// Its length, 0 where it is not known.
    pub(crate) fn size(&self) -> i64 {
        self.size.0.unwrap_or_default()
    }

    /// Whether it has that handle.
    pub(crate) fn is(&self, guid: &str) -> bool {
        self.guid.as_deref() == Some(guid)
    }
}

/// The files of a column's text; a text that is no list has none.
pub(crate) fn read(text: &str) -> Vec<StoredFile> {
    if text.is_empty() { Vec::new() } else { lenient::from_str(text).unwrap_or_default() }
}

/// The text that is stored: members in their order, null ones left out.
pub(crate) fn write(files: &[StoredFile]) -> String {
    json::array(|array| {
        for file in files {
            array.object(|o| {
                o.optional("Guid", file.guid.as_deref()).optional("Name", file.name.as_deref());
                o.optional("Size", file.size.0.as_ref());
                o.optional("HashCode", file.hash_code.as_deref());
            });
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_written_as_it_was_read() {
        let text = r#"[{"Guid":"A","Name":"日本語.csv","Size":8},{"Guid":"B","Name":"x","Size":0,"HashCode":"47="}]"#;
        assert_eq!(write(&read(text)), text);
        assert_eq!((read(""), read("no list").len()), (Vec::new(), 0));
    }
}
