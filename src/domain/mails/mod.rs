//! `outgoingmails/send` (08 §12).

mod address;

pub use address::{Mailbox, split};

use serde::Deserialize;

use crate::db::outgoing_mails::{self, OutgoingMail};
use crate::db::{self};
use crate::domain::outbox::{Attachment, Delivery, Mail};
use crate::lenient::{self, Json};
use crate::messages::{self, MessageId};
use crate::model::{ReferenceType, Rights};

use super::items::Written;
use super::limits;
use super::permissions::Scope;
use super::{Call, Error};

/// What a body says.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Request {
    from: Option<String>,
    to: Option<String>,
    cc: Option<String>,
    bcc: Option<String>,
    title: Option<String>,
    body: Option<String>,
    attachments: Option<Vec<Posted>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Posted {
    name: Option<String>,
    file_name: Option<String>,
    content_type: Option<String>,
    base64: Option<String>,
}

/// Sends a mail that belongs to the addressed record or site: checks in the reference's order, then its row, then the
/// hand-over, whose outcome nobody waits for.
pub async fn send(call: &Call, body: &Json<'_>) -> Result<Written, Error> {
    let own = own_address(call).await?.ok_or(Error::MailAddressHasNotSet)?;
    let request: Request = lenient::from_json(body).map_err(|_| Error::BadRequest)?;
    let attachments = attachments(request.attachments.as_deref().unwrap_or_default())?;
    let limit = match &call.target {
        Some(target) => limits::count(call, target).await?,
        None => None,
    };
    let given = request.from.as_deref().map(str::trim).filter(|from| !from.is_empty());
    let from = match given {
        Some(from) => Mailbox::parse(from).ok_or_else(|| Error::BadMailAddress(from.to_owned()))?,
        None => Mailbox { name: call.caller.name.clone(), address: own },
    };
    let reference = check_may_send(call)?;
    let fields = [&request.to, &request.cc, &request.bcc];
    let [to, cc, bcc] = fields.map(|field| field.as_deref().unwrap_or_default());
    check_recipients(call, [to, cc, bcc])?;
    let mail = &call.services.parameters.mail;
    let row = OutgoingMail {
        kind: reference,
        reference: call.id,
        host: mail.smtp_host.as_deref(),
        port: mail.smtp_port,
        from: &from.to_string(),
        to: request.to.as_deref(),
        cc: request.cc.as_deref(),
        bcc: request.bcc.as_deref(),
        title: request.title.as_deref().map(|title| super::items::cut(title, Some(1_024))),
        body: request.body.as_deref(),
    };
    let delivery = Delivery::Mail(Mail {
        from: from.to_string(),
        to: to.to_owned(),
        cc: cc.to_owned(),
        bcc: bcc.to_owned(),
        title: request.title.clone().unwrap_or_default(),
        body: request.body.clone().unwrap_or_default(),
        attachments,
    });
    let outbox = &call.services.outbox;
    let mut transaction = call.services.db.begin().await.map_err(db::Error::from)?;
    outgoing_mails::insert(&mut transaction, call.caller.user, &row).await?;
    let unsent = outbox.keep(&mut transaction, vec![delivery]).await?;
    transaction.commit().await.map_err(db::Error::from)?;
    outbox.send(unsent);
    let message = messages::template(MessageId::MailTransmissionCompletion, call.language());
    Ok(Written { id: call.id, message: message.to_owned(), limit })
}

/// The caller's first address. Without one nothing can be sent, whatever `From` says (observed).
async fn own_address(call: &Call) -> Result<Option<String>, Error> {
    let mut conn = call.services.db.acquire().await.map_err(db::Error::from)?;
    Ok(db::people::mail_address(&mut conn, call.caller.user).await?)
}

/// A content needs a name of some kind.
fn attachments(posted: &[Posted]) -> Result<Vec<Attachment>, Error> {
    let mut attachments = Vec::new();
    for file in posted {
        let Some(base64) = &file.base64 else { continue };
        let name = file.name.as_ref().or(file.file_name.as_ref()).ok_or(Error::BadRequest)?;
        attachments.push(
            Attachment::new(name, file.content_type.as_deref(), base64).ok_or(Error::BadRequest)?,
        );
    }
    Ok(attachments)
}

/// The kind of what the mail belongs to, for whoever may send: of a site its managers.
///
/// What is not there is refused like a missing right (08 §12).
fn check_may_send(call: &Call) -> Result<ReferenceType, Error> {
    let target = call.target.as_ref().ok_or(Error::HasNotPermission)?;
    let access = call.access(target);
    let allowed = !call.contract.forbidden().contains(Rights::SEND_MAIL)
        && if target.is_site() {
            access.can(Rights::MANAGE_SITE, Scope::Site)
        } else {
            access.can(Rights::SEND_MAIL, Scope::Item)
        };
    let kind = if target.is_site() { ReferenceType::Sites } else { target.site.kind };
    if allowed { Ok(kind) } else { Err(Error::HasNotPermission) }
}

fn check_recipients(call: &Call, fields: [&str; 3]) -> Result<(), Error> {
    let mail = &call.services.parameters.mail;
    let [to, ..] = fields;
    if mail.smtp_host.as_deref() == Some("smtp.sendgrid.net") && to.trim().is_empty() {
        return Err(Error::RequireTo);
    }
    if fields.iter().all(|field| field.trim().is_empty()) {
        return Err(Error::RequireMailAddresses);
    }
    for field in fields.iter().filter(|field| !field.trim().is_empty()) {
        // QUIRK(08 §12): an empty part ends the look at its field.
        for part in split(field).map(str::trim).take_while(|part| !part.is_empty()) {
            let valid = Mailbox::parse(part).filter(Mailbox::is_valid);
            let mailbox = valid.ok_or_else(|| Error::BadMailAddress(part.to_owned()))?;
            if !is_internal(&mail.internal_domains, &mailbox.address) {
                return Err(Error::ExternalMailAddress(part.to_owned()));
            }
        }
    }
    Ok(())
}

/// Whether an address ends with one of the domains; no domains are all.
pub fn is_internal(domains: &str, address: &str) -> bool {
    let mut domains = domains.split(',').map(str::trim).filter(|domain| !domain.is_empty());
    let first = domains.next();
    first.is_none()
        || first
            .into_iter()
            .chain(domains)
            .any(|domain| address.to_lowercase().ends_with(&domain.to_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_domains_named_are_internal() {
        assert!(is_internal("", "a@x.jp") && is_internal("y.jp, x.jp", "a@X.jp"));
        assert!(!is_internal("y.jp", "a@x.jp"));
    }
}
