//! The body of a request that writes an extension (07 §3.4, §3.5).

use serde::Deserialize;

use crate::domain::Error;
use crate::domain::items::cut;
use crate::lenient::{self, Json, Nullable};

use super::settings;

/// What a body says; what it leaves out is none.
#[derive(Debug, Default)]
pub(super) struct Request {
    kind: String,
    name: String,
    /// The settings as they are stored.
    pub(super) settings: Option<String>,
    /// The text that it brings.
    pub(super) body: Option<String>,
    /// What people say of it.
    pub(super) description: Option<String>,
    /// Whether it is not used.
    pub(super) disabled: bool,
    /// A comment to add.
    pub(super) comment: Option<String>,
    /// The tenant that it shall belong to.
    pub(super) tenant: Option<i32>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Members {
    tenant_id: Nullable<i32>,
    extension_type: Option<String>,
    extension_name: Option<String>,
    body: Option<String>,
    description: Option<String>,
    disabled: Nullable<bool>,
    comments: Option<String>,
}

impl Request {
    /// Reads a body, which has to be an object.
    pub(super) fn read(body: &Json<'_>) -> Result<Self, Error> {
        if !matches!(body, Json::Object(_)) {
            return Err(Error::InvalidJsonData);
        }
        let members: Members = lenient::from_json(body).map_err(|_| Error::InvalidJsonData)?;
        let text = |text: Option<String>, max| cut(&text.unwrap_or_default(), Some(max));
        Ok(Self {
            kind: text(members.extension_type, 128),
            name: text(members.extension_name, 256),
            settings: body.member("ExtensionSettings").and_then(settings::stored),
            body: members.body,
            description: members.description,
            disabled: members.disabled.0.unwrap_or_default(),
            comment: members.comments,
            tenant: members.tenant_id.0,
        })
    }

    /// What it extends; empty if the body does not say.
    pub(super) fn kind(&self) -> &str {
        &self.kind
    }

    /// Its name; empty if the body does not say.
    pub(super) fn name(&self) -> &str {
        &self.name
    }
}
