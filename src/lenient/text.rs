//! Bytes to text, and what counts as blank.

use std::borrow::Cow;

/// The body as text: UTF-8 whatever the content type says, unless a byte-order mark tells otherwise (01 §4.4).
///
/// The mark is dropped. What cannot be decoded becomes U+FFFD.
pub fn decode(bytes: &[u8]) -> Cow<'_, str> {
    // UTF-32 before UTF-16: in little endian the one mark begins with the other.
    if let Some(rest) = bytes.strip_prefix(&[0xFF, 0xFE, 0, 0]) {
        Cow::Owned(from_utf32(rest, u32::from_le_bytes))
    } else if let Some(rest) = bytes.strip_prefix(&[0, 0, 0xFE, 0xFF]) {
        Cow::Owned(from_utf32(rest, u32::from_be_bytes))
    } else if let Some(rest) = bytes.strip_prefix(&[0xFF, 0xFE]) {
        Cow::Owned(from_utf16(rest, u16::from_le_bytes))
    } else if let Some(rest) = bytes.strip_prefix(&[0xFE, 0xFF]) {
        Cow::Owned(from_utf16(rest, u16::from_be_bytes))
    } else {
        String::from_utf8_lossy(bytes.strip_prefix(&[0xEF, 0xBB, 0xBF]).unwrap_or(bytes))
    }
}

fn from_utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let (units, incomplete) = bytes.as_chunks::<2>();
    let mut text: String = char::decode_utf16(units.iter().map(|pair| unit(*pair)))
        .map(|decoded| decoded.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect();
    if !incomplete.is_empty() {
        text.push(char::REPLACEMENT_CHARACTER);
    }
    text
}

fn from_utf32(bytes: &[u8], unit: fn([u8; 4]) -> u32) -> String {
    let (units, incomplete) = bytes.as_chunks::<4>();
    let mut text: String = units
        .iter()
        .map(|four| char::from_u32(unit(*four)).unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect();
    if !incomplete.is_empty() {
        text.push(char::REPLACEMENT_CHARACTER);
    }
    text
}

/// Without the blanks that .NET's number parsers allow at both ends: only these six, no wide space.
pub(super) fn trim_blanks(text: &str) -> &str {
    text.trim_matches(|c: char| matches!(c, ' ' | '\t'..='\r'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn plain_bytes_are_borrowed() {
        assert!(matches!(decode("あ".as_bytes()), Cow::Borrowed("あ")));
        assert!(matches!(decode(b"\xEF\xBB\xBF{}"), Cow::Borrowed("{}")));
    }

    #[test]
    fn undecodable_bytes_become_replacement_characters() {
        assert_eq!(decode(b"a\xFFb"), "a\u{FFFD}b");
        assert_eq!(decode(b"\xFF\xFEa\0b"), "a\u{FFFD}");
        assert_eq!(decode(b"\xFF\xFE\x00\xD8a\0"), "\u{FFFD}a");
        assert_eq!(decode(b"\xFF\xFE\0\0\xFF\xFF\xFF\xFFa"), "\u{FFFD}\u{FFFD}");
    }

    proptest! {
        #[test]
        fn text_with_any_byte_order_mark_is_read(text in "[^\0]\\PC{0,20}") {
            let marked = format!("\u{FEFF}{text}");
            let le16: Vec<u8> = marked.encode_utf16().flat_map(u16::to_le_bytes).collect();
            let be16: Vec<u8> = marked.encode_utf16().flat_map(u16::to_be_bytes).collect();
            let le32: Vec<u8> = marked.chars().flat_map(|c| u32::from(c).to_le_bytes()).collect();
            let be32: Vec<u8> = marked.chars().flat_map(|c| u32::from(c).to_be_bytes()).collect();
            for bytes in [marked.as_bytes(), &le16, &be16, &le32, &be32] {
                prop_assert_eq!(decode(bytes), text.as_str());
            }
        }
    }
}
