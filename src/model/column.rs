//! Classes and data types of columns (02 §3.8, 06 §1.6).

/// The six classes of extension columns, each with its own hash in requests and answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ColumnClass {
    /// `ClassA`…: text of at most 1024 UTF-16 units; choices, links and subjects live here.
    Class,
    /// `NumA`…: `numeric(19,4)`.
    Num,
    /// `DateA`…: a wall-clock time of the server's zone.
    Date,
    /// `DescriptionA`…: text without limit.
    Description,
    /// `CheckA`…: a boolean.
    Check,
    /// `AttachmentsA`…: a JSON array of files.
    Attachments,
}

impl ColumnClass {
    /// Every class in the order of the database's columns and of the members of answers.
    pub const ALL: [Self; 6] =
        [Self::Class, Self::Num, Self::Date, Self::Description, Self::Check, Self::Attachments];

    /// The part of a column's name before its letter or number.
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Class => "Class",
            Self::Num => "Num",
            Self::Date => "Date",
            Self::Description => "Description",
            Self::Check => "Check",
            Self::Attachments => "Attachments",
        }
    }

    /// The class of an extension column's name: a prefix, then one letter `A`–`Z` or three to four digits.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| {
            name.strip_prefix(class.prefix()).is_some_and(|suffix| match suffix.as_bytes() {
                [letter] => letter.is_ascii_uppercase(),
                digits => matches!(digits.len(), 3 | 4) && digits.iter().all(u8::is_ascii_digit),
            })
        })
    }
}

/// How a column's values are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DataType {
    /// `varchar` or `text`.
    Text,
    /// `integer`.
    Int,
    /// `bigint`.
    Long,
    /// `numeric`.
    Decimal,
    /// `timestamp(3)`: a wall-clock time of the server's zone.
    Time,
    /// `boolean`.
    Bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extension_columns_are_known_by_name() {
        assert_eq!(ColumnClass::of("ClassA"), Some(ColumnClass::Class));
        assert_eq!(ColumnClass::of("Num001"), Some(ColumnClass::Num));
        assert_eq!(ColumnClass::of("Attachments1000"), Some(ColumnClass::Attachments));
        for name in ["Class", "Classa", "ClassAA", "Class01", "Title", "Numbers", "DateTime"] {
            assert_eq!(ColumnClass::of(name), None, "{name}");
        }
    }
}
