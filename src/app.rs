//! What a running server shares between calls.
