//! JSON as the reference reads it (01 §4.3): lenient syntax, lenient conversions.
