//! The zone of the times that a database holds (02 §7.4).
//!
//! It is the zone of sessions that set none, like those of the original. The driver always asks for UTC, so that no
//! session of it can tell. PostgreSQL reports the zone when a client logs in, though; hence a login by hand here.

use std::io;
use std::time::Duration;

use bytes::BytesMut;
use chrono_tz::Tz;
use postgres_protocol::authentication::{md5_hash, sasl};
use postgres_protocol::message::{backend, frontend};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, UnixStream};

use crate::parameters::{ConnectionString, Secret};

/// How long the server may take.
const LONGEST_WAIT: Duration = Duration::from_secs(15);

/// Why the zone is not known.
#[derive(Debug, thiserror::Error)]
pub enum ZoneError {
    /// The server cannot be reached or refuses the login.
    #[error("cannot log in to PostgreSQL as {user} at {server}")]
    Unreachable {
        /// The role.
        user: String,
        /// The server.
        server: String,
        /// Its reason.
        source: io::Error,
    },
    /// It uses a zone that is no IANA name.
    #[error("the time zone {0} of PostgreSQL is not known; set time_zone in config/server.toml")]
    Unknown(String),
}

/// The zone that is configured, else that of the connection string, else the server's own.
pub async fn server_zone(
    target: &ConnectionString,
    configured: Option<Tz>,
) -> Result<Tz, ZoneError> {
    if let Some(zone) = configured {
        return Ok(zone);
    }
    let name = match &target.time_zone {
        Some(name) => name.clone(),
        None => ask_in_time(target).await.map_err(|source| ZoneError::Unreachable {
            user: target.user.clone(),
            server: format!("{}, port {}", target.server, target.port),
            source,
        })?,
    };
    // `Etc/UTC` and the like are the same clock as `UTC`, which is what callers without a zone have.
    let canonical =
        if matches!(name.as_str(), "Etc/UTC" | "GMT" | "Etc/GMT") { "UTC" } else { &name };
    Tz::from_str_insensitive(canonical).map_err(|_| ZoneError::Unknown(name))
}

async fn ask_in_time(target: &ConnectionString) -> io::Result<String> {
    let answer = tokio::time::timeout(LONGEST_WAIT, ask(target)).await;
    answer.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?
}

async fn ask(target: &ConnectionString) -> io::Result<String> {
    if target.server.starts_with('/') {
        let path = format!("{}/.s.PGSQL.{}", target.server, target.port);
        log_in(&mut UnixStream::connect(path).await?, target).await
    } else {
        let address = (target.server.as_str(), target.port);
        log_in(&mut TcpStream::connect(address).await?, target).await
    }
}

/// Logs in and out, and returns the zone reported meanwhile.
async fn log_in<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut S,
    target: &ConnectionString,
) -> io::Result<String> {
    let mut out = BytesMut::new();
    let identity = [("user", target.user.as_str()), ("database", target.database.as_str())];
    frontend::startup_message(identity, &mut out)?;
    let mut input = BytesMut::new();
    let mut login = Login { target, scram: None };
    let mut zone = None;
    loop {
        stream.write_all(&out).await?;
        out.clear();
        match next_message(stream, &mut input).await? {
            backend::Message::ParameterStatus(status) if status.name()? == "TimeZone" => {
                zone = Some(status.value()?.to_owned());
            }
            backend::Message::ReadyForQuery(_) => break,
            backend::Message::ErrorResponse(body) => return Err(refusal(&body)),
            message => login.answer(message, &mut out)?,
        }
    }
    frontend::terminate(&mut out);
    stream.write_all(&out).await?;
    zone.ok_or_else(|| io::Error::other("the server did not report its time zone"))
}

async fn next_message<S: AsyncRead + Unpin>(
    stream: &mut S,
    input: &mut BytesMut,
) -> io::Result<backend::Message> {
    loop {
        if let Some(message) = backend::Message::parse(input)? {
            return Ok(message);
        }
        if stream.read_buf(input).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
}

fn refusal(body: &backend::ErrorResponseBody) -> io::Error {
    use fallible_iterator::FallibleIterator as _;
    let message = body.fields().find(|field| Ok(field.type_() == b'M'));
    let text = message
        .ok()
        .flatten()
        .map(|field| String::from_utf8_lossy(field.value_bytes()).into_owned());
    io::Error::other(text.unwrap_or_else(|| "the server refused the login".to_owned()))
}

/// The server's questions about the password.
struct Login<'a> {
    target: &'a ConnectionString,
    scram: Option<sasl::ScramSha256>,
}

impl Login<'_> {
    fn answer(&mut self, message: backend::Message, out: &mut BytesMut) -> io::Result<()> {
        let password = self.target.password.as_ref().map(Secret::expose).unwrap_or_default();
        match message {
            backend::Message::AuthenticationCleartextPassword => {
                frontend::password_message(password.as_bytes(), out)
            }
            backend::Message::AuthenticationMd5Password(body) => {
                let user = self.target.user.as_bytes();
                let hash = md5_hash(user, password.as_bytes(), body.salt());
                frontend::password_message(hash.as_bytes(), out)
            }
            backend::Message::AuthenticationSasl(_) => {
                let binding = sasl::ChannelBinding::unsupported();
                let scram = sasl::ScramSha256::new(password.as_bytes(), binding);
                frontend::sasl_initial_response(sasl::SCRAM_SHA_256, scram.message(), out)?;
                self.scram = Some(scram);
                Ok(())
            }
            backend::Message::AuthenticationSaslContinue(body) => {
                let scram = self.started()?;
                scram.update(body.data())?;
                frontend::sasl_response(scram.message(), out)
            }
            backend::Message::AuthenticationSaslFinal(body) => self.started()?.finish(body.data()),
            backend::Message::AuthenticationOk
            | backend::Message::BackendKeyData(_)
            | backend::Message::NoticeResponse(_)
            | backend::Message::ParameterStatus(_) => Ok(()),
            _ => Err(io::Error::other("the server asks for a login that is not supported")),
        }
    }

    fn started(&mut self) -> io::Result<&mut sasl::ScramSha256> {
        self.scram.as_mut().ok_or_else(|| io::Error::other("the server mixed up its login"))
    }
}
