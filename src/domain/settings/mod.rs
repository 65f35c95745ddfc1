//! Table settings: the JSON of `Sites.SiteSettings` as the reference reads and records it (06 §1).
