use super::*;
use crate::lenient::{Error, from_str};

fn number(json: &str) -> Option<String> {
    from_str::<Number>(json).ok().map(|number| number.0.to_string())
}

fn text(text: &str) -> Option<String> {
    number(&serde_json::to_string(text).unwrap())
}

#[test]
fn decimals_keep_the_digits_as_written() {
    for token in [
        "0",
        "1",
        "-1",
        "1.50",
        "0.00",
        "-12.345",
        "79228162514264337593543950335",
        "0.1234567890123456789012345678",
    ] {
        assert_eq!(number(token).as_deref(), Some(token));
        assert_eq!(text(token).as_deref(), Some(token));
    }
}

#[test]
fn decimal_tokens_may_have_exponent_or_radix() {
    for (token, expected) in [
        ("1e3", "1000"),
        ("1.50e1", "15.0"),
        ("1.5E-3", "0.0015"),
        ("0e99", "0"),
        ("1e28", "10000000000000000000000000000"),
        (".5", "0.5"),
        ("5.", "5"),
        ("0x10", "16"),
        ("010", "8"),
        ("-010", "-10"),
    ] {
        assert_eq!(number(token).as_deref(), Some(expected), "{token}");
    }
}

#[test]
fn decimal_texts_may_have_blanks_sign_and_commas() {
    for (posted, expected) in [
        (" 1 ", "1"),
        ("\t-1\n", "-1"),
        ("+1.5", "1.5"),
        ("1-", "-1"),
        ("1 +", "1"),
        ("1,234.5", "1234.5"),
        ("-1,2,,3,", "-123"),
        ("010", "10"),
        (".5", "0.5"),
        ("5.", "5"),
        ("1e3", "1000"),
        ("-1.5E-1", "-0.15"),
    ] {
        assert_eq!(text(posted).as_deref(), Some(expected), "{posted}");
    }
}

#[test]
fn other_texts_are_no_decimals() {
    for posted in [
        "",
        " ",
        "-",
        ".",
        ",1",
        "1.2,3",
        "1,234円",
        "abc",
        "1 2",
        "- 1",
        "+1-",
        "--1",
        "(1)",
        "0x10",
        "1,0e3",
        "+1e3",
        "1e",
        "¥1",
        "１",
        "\u{3000}1",
        "NaN",
        "Infinity",
        "true",
    ] {
        assert_eq!(text(posted), None, "{posted}");
    }
    for token in ["true", "null", "NaN", "-Infinity", "[1]", "{}"] {
        assert_eq!(number(token), None, "{token}");
    }
}

#[test]
fn decimals_out_of_range_are_refused() {
    for token in [
        "79228162514264337593543950336",
        "79228162514264337593543950335.5",
        "1e29",
        "1e400",
        "1e99999999999999999999",
        "-79228162514264337593543950336",
    ] {
        assert_eq!(number(token), None, "{token}");
    }
}

#[test]
fn digits_beyond_the_scale_are_rounded() {
    for (token, expected) in [
        ("0.12345678901234567890123456785", "0.1234567890123456789012345679"),
        ("0.12345678901234567890123456784", "0.1234567890123456789012345678"),
        ("79228162514264337593543950335.4", "79228162514264337593543950335"),
        ("7.99999999999999999999999999999999", "8.000000000000000000000000000"),
        ("1e-28", "0.0000000000000000000000000001"),
        ("5e-29", "0.0000000000000000000000000001"),
        ("4e-29", "0.0000000000000000000000000000"),
        ("1e-99999999999999999999", "0.0000000000000000000000000000"),
    ] {
        assert_eq!(number(token).as_deref(), Some(expected), "{token}");
    }
}

#[test]
fn floats_take_numbers_and_numeric_texts() {
    for (json, expected) in [
        ("1", 1.0),
        ("1.5", 1.5),
        ("0x10", 16.0),
        ("-010", -10.0),
        ("'1,234.5'", 1234.5),
        ("' -1e3 '", -1000.0),
        ("'-Infinity'", f64::NEG_INFINITY),
        ("1e999", f64::INFINITY),
    ] {
        assert_eq!(from_str::<f64>(json).map(f64::to_bits), Ok(f64::to_bits(expected)), "{json}");
    }
    for json in ["true", "''", "'abc'", "'inf'", "'nan'", "null", "'--1'"] {
        assert!(matches!(from_str::<f64>(json), Err(Error::Conversion(_))), "{json}");
    }
}
