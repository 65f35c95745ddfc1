//! Who sends a request, as far as the connection and proxies that are believed tell (01 §3.1, §7).

use std::net::{IpAddr, SocketAddr};

use axum::extract::ConnectInfo;
use axum::http::header::HOST;
use axum::http::request::Parts;

use crate::domain::addresses;
use crate::parameters::ForwardedHeaders;

use super::pipeline::{BasePath, OriginalPath, header};

/// The sender of a request.
#[derive(Debug, Default)]
pub(super) struct Sender {
    /// The address at the other end of the connection, or the one in front of a believed proxy.
    pub(super) peer: String,
    /// The client's address, which lists of addresses are asked about.
    pub(super) address: String,
    /// Where the client has found us: `https://host`.
    pub(super) origin: String,
    /// The same with path and query, as the client has written them.
    pub(super) url: String,
}

impl Sender {
    /// Of a request. One hop is believed: the nearest proxy has written the last entry of a header.
    pub(super) fn of(parts: &Parts, believed: &ForwardedHeaders) -> Self {
        let peer = peer(parts);
        let said = header(&parts.headers, "x-forwarded-for");
        let of_proxy = said.filter(|_| is_believed(parts, believed));
        let (peer, said) = match of_proxy.and_then(addresses::last_hop) {
            // What is left of the header is read raw, as from anybody.
            Some((client, rest)) => (Some(client), rest),
            None => (peer, said),
        };
        let peer = peer.as_ref().map(IpAddr::to_string).unwrap_or_default();
        let host = header(&parts.headers, HOST.as_str()).unwrap_or_default();
        let scheme = if is_https(parts, believed) { "https" } else { "http" };
        let origin = format!("{scheme}://{host}");
        Self {
            address: addresses::client_address(said, &peer),
            url: format!("{origin}{}", path_and_query(parts)),
            peer,
            origin,
        }
    }
}

/// Whether the client has used HTTPS, which ends at a proxy: we speak HTTP.
pub(super) fn is_https(parts: &Parts, believed: &ForwardedHeaders) -> bool {
    let said = header(&parts.headers, "x-forwarded-proto");
    let nearest = said.and_then(|schemes| schemes.rsplit(',').next()).map(str::trim);
    nearest.is_some_and(|scheme| scheme.eq_ignore_ascii_case("https"))
        && is_believed(parts, believed)
}

fn is_believed(parts: &Parts, believed: &ForwardedHeaders) -> bool {
    peer(parts).is_some_and(|peer| {
        addresses::is_believed(peer, &believed.known_networks, &believed.known_proxies)
    })
}

fn peer(parts: &Parts) -> Option<IpAddr> {
    parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip())
}

/// The path as it came, before its prefix was taken away and its case folded.
fn path_and_query(parts: &Parts) -> String {
    let base = parts.extensions.get().map_or("", |BasePath(base)| base.as_str());
    let path = parts.extensions.get().map_or(parts.uri.path(), |OriginalPath(path)| path.as_str());
    match parts.uri.query() {
        Some(query) => format!("{base}{path}?{query}"),
        None => format!("{base}{path}"),
    }
}
