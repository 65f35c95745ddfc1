//! Handing mails over to a mail server (08 §12).

use std::str::FromStr as _;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lettre::message::header::{ContentTransferEncoding, ContentType};
use lettre::message::{Attachment as File, Body, Mailbox, MultiPart, SinglePart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{Address, AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};

use crate::domain::mails;
use crate::parameters;

use super::{Failure, Mail};

const LONGEST: Duration = Duration::from_secs(30);

/// Without a host nothing is sent, as in the reference, which reports success all the same.
pub(super) async fn send(settings: &parameters::Mail, mail: &Mail) -> Result<(), Failure> {
    let Some(host) = settings.smtp_host.as_deref().filter(|host| !host.is_empty()) else {
        return Err(Failure::Forever("Mail.json names no SmtpHost".to_owned()));
    };
    let message = message(settings, mail)?;
    let transport = transport(settings, host)?;
    transport.send(message).await.map(drop).map_err(|error| {
        let reason = format!("the mail server did not take a mail: {error}");
        if error.is_permanent() { Failure::Forever(reason) } else { Failure::ForNow(reason) }
    })
}

fn transport(
    settings: &parameters::Mail,
    host: &str,
) -> Result<AsyncSmtpTransport<Tokio1Executor>, Failure> {
    if settings.use_o_auth {
        return Err(Failure::Forever("OAuth for SMTP is not built".to_owned()));
    }
    let port = u16::try_from(settings.smtp_port)
        .map_err(|_| Failure::Forever("SmtpPort is no port".to_owned()))?;
    let tls = TlsParameters::builder(host.to_owned())
        .dangerous_accept_invalid_certs(settings.server_certificate_validation_callback)
        .build()
        .map_err(|error| Failure::ForNow(format!("TLS cannot be set up: {error}")))?;
    let tls = match settings.secure_socket_options.as_deref().unwrap_or_default() {
        "Auto" if port == 465 => Tls::Wrapper(tls),
        "Auto" | "StartTlsWhenAvailable" => Tls::Opportunistic(tls),
        "SslOnConnect" => Tls::Wrapper(tls),
        "StartTls" => Tls::Required(tls),
        "" if settings.smtp_enable_ssl => Tls::Required(tls),
        _ => Tls::None,
    };
    let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host)
        .port(port)
        .tls(tls)
        .timeout(Some(LONGEST));
    let user = settings.smtp_user_name.as_deref().filter(|user| !user.is_empty());
    if let (Some(user), false) = (user, settings.smtp_password.is_empty()) {
        let password = settings.smtp_password.expose().to_owned();
        builder = builder.credentials(Credentials::new(user.to_owned(), password));
    }
    Ok(builder.build())
}

fn message(settings: &parameters::Mail, mail: &Mail) -> Result<Message, Failure> {
    let mut builder = Message::builder().subject(&mail.title).from(sender(settings, &mail.from)?);
    for mailbox in recipients(&mail.to) {
        builder = builder.to(mailbox);
    }
    for mailbox in recipients(&mail.cc) {
        builder = builder.cc(mailbox);
    }
    for mailbox in recipients(&mail.bcc) {
        builder = builder.bcc(mailbox);
    }
    let text = text_part(settings, &mail.body)?;
    let built = if mail.attachments.is_empty() {
        builder.singlepart(text)
    } else {
        let mut parts = MultiPart::mixed().singlepart(text);
        for file in &mail.attachments {
            let bytes = STANDARD.decode(&file.base64).unwrap_or_default();
            let kind = ContentType::parse(&file.content_type);
            let kind = kind.or_else(|_| ContentType::parse("application/octet-stream"));
            let kind = kind.map_err(|error| Failure::Forever(error.to_string()))?;
            let body = Body::new_with_encoding(bytes, ContentTransferEncoding::Base64)
                .map_err(|_| Failure::Forever("a file of a mail cannot be encoded".to_owned()))?;
            parts = parts.singlepart(File::new(file.name.clone()).body(body, kind));
        }
        builder.multipart(parts)
    };
    built.map_err(|error| Failure::Forever(format!("a mail cannot be written: {error}")))
}

/// The body in `Encoding` (UTF-8 where there is none), transferred as `ContentEncoding` says (08 §12).
fn text_part(settings: &parameters::Mail, body: &str) -> Result<SinglePart, Failure> {
    let forever = |what: &str, name: &str| {
        Failure::Forever(format!("Mail.json: {what} \"{name}\" is not known"))
    };
    let label = settings.encoding.as_deref().filter(|label| !label.is_empty()).unwrap_or("utf-8");
    let encoding = encoding_rs::Encoding::for_label(label.as_bytes());
    let encoding = encoding.ok_or_else(|| forever("Encoding", label))?;
    let (bytes, used, _) = encoding.encode(body);
    let body = match settings.content_encoding.as_deref().filter(|name| !name.is_empty()) {
        None => Body::new(bytes.into_owned()),
        Some(name) => {
            let way = transfer_encoding(name).ok_or_else(|| forever("ContentEncoding", name))?;
            // What does not go that way goes as it can.
            Body::new_with_encoding(bytes.into_owned(), way).unwrap_or_else(Body::new)
        }
    };
    let kind = ContentType::parse(&format!("text/plain; charset={}", used.name().to_lowercase()));
    let kind = kind.map_err(|error| Failure::Forever(error.to_string()))?;
    Ok(SinglePart::builder().header(kind).body(body))
}

/// By the names of `MailKit`; `UUEncode` is not built.
fn transfer_encoding(name: &str) -> Option<ContentTransferEncoding> {
    Some(match name {
        "Default" | "QuotedPrintable" => ContentTransferEncoding::QuotedPrintable,
        "SevenBit" => ContentTransferEncoding::SevenBit,
        "EightBit" => ContentTransferEncoding::EightBit,
        "Binary" => ContentTransferEncoding::Binary,
        "Base64" => ContentTransferEncoding::Base64,
        _ => return None,
    })
}

/// `FixedFrom`, unless the sender is one of `AllowedFrom`.
fn sender(settings: &parameters::Mail, from: &str) -> Result<Mailbox, Failure> {
    let own = mails::Mailbox::parse(from);
    let allowed = settings.allowed_from.as_deref().unwrap_or_default();
    let may_choose = own.as_ref().is_some_and(|own| {
        mails::split(allowed).any(|one| one.trim().eq_ignore_ascii_case(&own.address))
    });
    let fixed = settings.fixed_from.as_deref().filter(|fixed| !fixed.is_empty() && !may_choose);
    let mailbox = match fixed {
        Some(fixed) => mails::Mailbox::parse(fixed),
        None => own,
    };
    mailbox
        .as_ref()
        .and_then(convert)
        .ok_or_else(|| Failure::Forever("a mail's sender is no mail address".to_owned()))
}

/// Each address once.
fn recipients(list: &str) -> Vec<Mailbox> {
    let mut found: Vec<Mailbox> = Vec::new();
    for mailbox in mails::split(list).filter_map(mails::Mailbox::parse) {
        if let Some(mailbox) = convert(&mailbox)
            && !found.iter().any(|known| known.email == mailbox.email)
        {
            found.push(mailbox);
        }
    }
    found
}

fn convert(mailbox: &mails::Mailbox) -> Option<Mailbox> {
    let address = Address::from_str(&mailbox.address).ok()?;
    let name = Some(mailbox.name.clone()).filter(|name| !name.is_empty());
    Some(Mailbox::new(name, address))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_cannot_smuggle_headers_in() {
        let mail = Mail {
            from: "a@x.jp".to_owned(),
            to: "b@x.jp,b@x.jp;\"C\" <c@x.jp>".to_owned(),
            title: "x\r\nBcc: evil@x.jp".to_owned(),
            body: "本文".to_owned(),
            ..Mail::default()
        };
        let message = message(&parameters::Mail::shipped(), &mail).unwrap();
        let text = String::from_utf8(message.formatted()).unwrap();
        assert!(!text.contains("\r\nBcc:"), "{text}");
        assert_eq!(message.envelope().to().len(), 2);
    }

    #[test]
    fn bodies_are_written_in_the_encoding_of_the_parameters() {
        let mut settings = parameters::Mail::shipped();
        let written = |settings: &parameters::Mail| {
            let mail = Mail {
                from: "a@x.jp".to_owned(),
                to: "b@x.jp".to_owned(),
                body: "本文 é".to_owned(),
                ..Mail::default()
            };
            message(settings, &mail).map(|message| String::from_utf8(message.formatted()).unwrap())
        };
        let utf8 = written(&settings).unwrap();
        assert!(utf8.contains("charset=utf-8"), "{utf8}");

        settings.encoding = Some("iso-2022-jp".to_owned());
        settings.content_encoding = Some("SevenBit".to_owned());
        let japanese = written(&settings).unwrap();
        assert!(japanese.contains("charset=iso-2022-jp"), "{japanese}");
        assert!(japanese.contains("Content-Transfer-Encoding: 7bit"), "{japanese}");
        assert!(japanese.contains("\x1b$BK\\J8\x1b(B"), "{japanese}");

        settings.encoding = Some("nonsense".to_owned());
        let refused = written(&settings).map_err(|failure| failure.to_string());
        assert_eq!(refused.unwrap_err(), "Mail.json: Encoding \"nonsense\" is not known");
    }

    #[test]
    fn a_fixed_sender_stands_for_all_but_those_allowed() {
        let mut settings = parameters::Mail::shipped();
        settings.fixed_from = Some("fixed@x.jp".to_owned());
        settings.allowed_from = Some("own@x.jp".to_owned());
        let of = |from: &str| sender(&settings, from).unwrap().email.to_string();
        assert_eq!(of("a@x.jp"), "fixed@x.jp");
        assert_eq!(of("A <own@x.jp>"), "own@x.jp");
    }
}
