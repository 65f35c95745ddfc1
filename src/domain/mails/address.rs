//! Mail addresses as people write them.

use std::fmt;
use std::str::FromStr as _;

/// An address and perhaps a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailbox {
    /// Empty without one.
    pub name: String,
    /// What stands in angle brackets.
    pub address: String,
}

impl Mailbox {
    /// `name <address>`, `address`, or a bare word (observed); none for what is none of them.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (name, address) = match text.rsplit_once('<') {
            Some((name, rest)) => (name.trim(), rest.strip_suffix('>')?.trim()),
            None => ("", text),
        };
        let name = match name.strip_prefix('"') {
            Some(quoted) => quoted.strip_suffix('"')?.replace("\\\"", "\"").replace("\\\\", "\\"),
            None => name.to_owned(),
        };
        let forbidden = |c: char| c.is_whitespace() || c.is_control() || "<>\",;".contains(c);
        let fits = !address.is_empty()
            && !address.contains(forbidden)
            && !name.contains(|c: char| c.is_control() || "<>".contains(c));
        fits.then(|| Self { name, address: address.to_owned() })
    }

    /// Whether a mail server could deliver to it.
    pub fn is_valid(&self) -> bool {
        lettre::Address::from_str(&self.address).is_ok()
    }
}

impl fmt::Display for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.name.is_empty() {
            return f.write_str(&self.address);
        }
        let name = self.name.replace('\\', "\\\\").replace('"', "\\\"");
        write!(f, "\"{name}\" <{}>", self.address)
    }
}

/// The parts of a list: between `,`, `;` and line feeds outside quotation marks.
pub fn split(list: &str) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    list.split(move |c: char| {
        quoted ^= c == '"';
        !quoted && matches!(c, ',' | ';' | '\n')
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_and_addresses_are_told_apart() {
        let read = |text: &str| Mailbox::parse(text).map(|mailbox| mailbox.to_string());
        assert_eq!(read("\"社長\" <a@x.jp>").as_deref(), Some("\"社長\" <a@x.jp>"));
        assert_eq!(read(" B C <b@x.jp>").as_deref(), Some("\"B C\" <b@x.jp>"));
        assert_eq!(read("nobody").as_deref(), Some("nobody"));
        for bad in ["<<", "", "not an address", "a <b", "a <>", "x\r\nBcc: y <a@x.jp>"] {
            assert_eq!(read(bad), None, "{bad}");
        }
        assert!(!Mailbox::parse("nobody").unwrap().is_valid());
        assert!(Mailbox::parse("a@x.jp").unwrap().is_valid());
    }

    #[test]
    fn lists_are_split_outside_quotation_marks() {
        let parts: Vec<_> = split("a@x.jp, \"B, C\" <b@x.jp>;c\nd").map(str::trim).collect();
        assert_eq!(parts, ["a@x.jp", "\"B, C\" <b@x.jp>", "c", "d"]);
    }

    proptest! {
        #[test]
        fn what_is_written_reads_the_same(text in "\\PC{0,30}") {
            if let Some(mailbox) = Mailbox::parse(&text) {
                prop_assert!(!mailbox.to_string().contains(['\r', '\n']));
            }
        }
    }
}
