//! Files of comma-separated values (04 §4.3, 08 §7): bytes to text, text to records.
//!
//! The crate `csv` takes a quote inside an unquoted field, and one that nobody closes, as text. The reference refuses
//! such files whole, so that a file with an accident in it never becomes records.

mod records;

pub use records::{Malformed, Records};

use std::borrow::Cow;

use encoding_rs::{Encoding, SHIFT_JIS, UTF_8};

/// The text of a file. `Shift-JIS`, written exactly so, is code page 932; everything else is UTF-8 unless the file
/// begins with the mark of another Unicode form.
pub fn decode<'f>(bytes: &'f [u8], encoding: Option<&str>) -> Cow<'f, str> {
    if encoding == Some("Shift-JIS") {
        return SHIFT_JIS.decode_without_bom_handling(bytes).0;
    }
    let (encoding, mark) = Encoding::for_bom(bytes).unwrap_or((UTF_8, 0));
    encoding.decode_without_bom_handling(bytes.get(mark..).unwrap_or_default()).0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_exact_name_is_shift_jis() {
        let (bytes, ..) = SHIFT_JIS.encode("①㈱～");
        assert_eq!(decode(&bytes, Some("Shift-JIS")), "①㈱～");
        assert_ne!(decode(&bytes, Some("shift-jis")), "①㈱～");
        assert_ne!(decode(&bytes, None), "①㈱～");
    }

    #[test]
    fn marks_of_unicode_forms_are_honoured_and_dropped() {
        assert_eq!(decode(b"\xef\xbb\xbfa", None), "a");
        assert_eq!(decode(b"\xff\xfea\0", None), "a");
        assert_eq!(decode(b"\xfe\xff\0a", Some("UTF-8")), "a");
    }
}
