use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn value(text: &str) -> Value {
    Value::from(&parse(text).unwrap_or_else(|error| panic!("{text}: {error}")))
}

fn reason(text: &str) -> &'static str {
    parse(text).expect_err(text).reason
}

#[test]
fn empty_and_blank_texts_are_null() {
    for text in ["", " \r\n\t", "\u{FEFF}", "/* nothing */", "// nothing", "\u{3000}\0"] {
        assert_eq!(parse(text), Ok(Json::Null), "{text:?}");
    }
}

#[test]
fn a_byte_order_mark_is_skipped() {
    assert_eq!(value("\u{FEFF}{}"), json!({}));
}

#[test]
fn comments_may_stand_between_tokens() {
    let text = "/* a */{ // b\r\"x\"://\n1/**/,/***/'y':[/*]*/2/*,*/]/*}*/}// end";
    assert_eq!(value(text), json!({"x": 1, "y": [2]}));
}

#[test]
fn comments_must_end_and_not_precede_a_colon() {
    assert_eq!(reason("{} /*"), "a comment without end");
    assert_eq!(reason("{} /*/"), "a comment without end");
    assert_eq!(reason("{} /"), "a slash that begins no comment");
    assert_eq!(reason("{a /* */ : 1}"), "no colon after a name");
}

#[test]
fn names_may_be_single_quoted_or_unquoted() {
    let text = r#"{'a"b':1, _c$1 : 2, 分類:3, "":4, 5:6}"#;
    assert_eq!(value(text), json!({"a\"b": 1, "_c$1": 2, "分類": 3, "": 4, "5": 6}));
    assert_eq!(reason("{a-b:1}"), "no colon after a name");
    assert_eq!(reason("{:1}"), "no name");
}

#[test]
fn one_trailing_comma_is_allowed() {
    assert_eq!(value("{a:[1,],}"), json!({"a": [1]}));
    for text in
        ["[1,,]", "[,]", "[,1]", "{a:1,,}", "{,}", "{a:}", "[1 2]", "{a:1 b:2}", "[1}", "{a:1]"]
    {
        assert!(parse(text).is_err(), "{text}");
    }
}

#[test]
fn number_tokens_keep_their_text() {
    for text in [
        "0",
        "-0",
        "1",
        "-010",
        "0x10",
        "0XfF",
        "010",
        "0xFFFFFFFFFFFFFFFF",
        "123456789012345678901",
    ] {
        assert_eq!(parse(text), Ok(Json::Integer(text.into())));
    }
    for text in [
        "1.50",
        ".5",
        "-.5",
        "1.",
        "1e3",
        "0e1",
        "1E-3",
        "1.5e+3",
        "0.0",
        "NaN",
        "Infinity",
        "-Infinity",
    ] {
        assert_eq!(parse(text), Ok(Json::Float(text.into())));
    }
    let too_long = "1".repeat(381);
    for text in [
        "+1", "-", ".", "1e", "08", "0x", "0x1G", "0x+1", "-0x1", "01.5", "1-2", "1.2.3", "--1",
        &too_long,
    ] {
        assert_eq!(
            reason(text),
            if text == "+1" { "no value begins like this" } else { "not a number" },
            "{text}"
        );
    }
    assert!(parse("1\"a\"").is_err());
}

#[test]
fn words_are_case_sensitive_and_end_at_a_separator() {
    assert_eq!(
        value("[true,false,null,undefined,true/**/]"),
        json!([true, false, null, null, true])
    );
    for text in
        ["True", "nul", "truex", "true_", "NULL", "new Date(0)", "nan", "x", "]", ",", "true'a'"]
    {
        assert!(parse(text).is_err(), "{text}");
    }
}

#[test]
fn text_after_the_root_is_refused() {
    assert_eq!(value("{} \u{3000}\0/* */ // x"), json!({}));
    for text in ["{}{}", "{},", "1 2", "[] x", "{}}"] {
        assert_eq!(reason(text), "text after the root value", "{text}");
    }
}

#[test]
fn nesting_ends_at_64_levels() {
    let nested = |depth| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(parse(&nested(64)).is_ok());
    assert_eq!(reason(&nested(65)), "nested too deeply");
    assert_eq!(reason(&"{a:[".repeat(100_000)), "nested too deeply");
    assert!(parse(&format!("[{}]", "[],".repeat(100))).is_ok());
}

#[test]
fn strings_without_escapes_are_borrowed() {
    let Ok(Json::Array(items)) = parse(r#"["あ'b", 'c"d']"#) else { panic!("an array") };
    assert!(matches!(
        items.as_slice(),
        [Json::String(Cow::Borrowed("あ'b")), Json::String(Cow::Borrowed("c\"d"))]
    ));
}

#[test]
fn escapes_are_resolved() {
    assert_eq!(value(r#""\"\'\\\/\b\f\n\r\t\u3042x""#), json!("\"'\\/\u{8}\u{C}\n\r\tあx"));
    assert_eq!(value(r"'\''"), json!("'"));
    for text in
        [r#""\x41""#, r#""\u12""#, r#""\u+123""#, r#""\uD83D\u12""#, r#""\"#, r#""\u"#, r#""\0""#]
    {
        assert!(parse(text).is_err(), "{text}");
    }
}

#[test]
fn surrogate_pairs_are_joined_and_halves_replaced() {
    assert_eq!(value(r#""\uD83D\uDE00""#), json!("😀"));
    assert_eq!(value(r#""\uD83D""#), json!("\u{FFFD}"));
    assert_eq!(value(r#""\uDE00x""#), json!("\u{FFFD}x"));
    assert_eq!(value(r#""\uD83D\n""#), json!("\u{FFFD}\n"));
    assert_eq!(value(r#""\uD83D\uD83D\uDE00""#), json!("\u{FFFD}😀"));
}

#[test]
fn control_characters_in_strings_are_kept() {
    assert_eq!(value("'a\nb\t\u{1}\0'"), json!("a\nb\t\u{1}\0"));
    assert_eq!(reason("'a"), "a string without end");
}

#[test]
fn errors_tell_where() {
    assert_eq!(parse("[1, x]").unwrap_err().to_string(), "no value begins like this at byte 4");
}

/// With quadratic work anywhere this test would take minutes.
#[test]
fn large_texts_take_linear_time() {
    const TIMES: usize = 100_000;
    for piece in
        ["/**/", "//\n", "\u{3000}", "\\n", "'", "-", "1", "a:", "1,", "{a:{},", "'\\u3042',"]
    {
        let run = piece.repeat(TIMES);
        for text in [run.clone(), format!("[{run}]"), format!("['{run}']"), format!("{{a:1{run}}}")]
        {
            if let Ok(json) = parse(&text) {
                let _ = Value::from(&json);
            }
        }
    }
    let repeated = format!("{{{}}}", "a:{b:1},".repeat(TIMES));
    assert_eq!(value(&repeated), json!({"a": {"b": 1}}));
}

fn strict_json() -> impl Strategy<Value = Value> {
    let number = prop_oneof![
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from)
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        number,
        any::<String>().prop_map(Value::from)
    ];
    leaf.prop_recursive(5, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((any::<String>(), inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn strict_json_means_the_same_as_elsewhere(expected in strict_json()) {
        prop_assert_eq!(&value(&expected.to_string()), &expected);
        prop_assert_eq!(&value(&serde_json::to_string_pretty(&expected).unwrap()), &expected);
    }

    #[test]
    fn bytes_with_a_mark_are_read_like_the_text(expected in strict_json()) {
        let marked = format!("\u{FEFF}{expected}");
        let wide: Vec<u8> = marked.encode_utf16().flat_map(u16::to_le_bytes).collect();
        for bytes in [expected.to_string().as_bytes(), marked.as_bytes(), &wide] {
            prop_assert_eq!(&value(&crate::lenient::decode(bytes)), &expected);
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in any::<String>()) {
        let _ = parse(&text);
    }

    #[test]
    fn nearly_json_is_read_or_refused(text in r#"[\[\]{},:'"/*\\ 0-9a-fux.+\-eNI\n\u{3000}あ]{0,60}"#) {
        if let Ok(json) = parse(&text) {
            let _ = Value::from(&json);
        }
    }
}
