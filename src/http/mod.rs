//! Bytes and status codes: routes, the steps around each call, envelopes.
