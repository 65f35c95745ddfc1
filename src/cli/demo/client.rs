//! Just enough HTTP to call our own server.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context as _, bail};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Pauses between looks whether the server answers, and how many.
const PAUSE: Duration = Duration::from_millis(50);
const LOOKS: u32 = 600;

/// Waits until somebody listens.
pub(super) async fn wait_for(server: SocketAddr) -> anyhow::Result<()> {
    for _ in 0..LOOKS {
        if TcpStream::connect(server).await.is_ok() {
            return Ok(());
        }
        tokio::time::sleep(PAUSE).await;
    }
    bail!("the server does not answer at {server}");
}

/// Posts JSON and returns the answer; anything but 200 is an error with the answer's text.
pub(super) async fn post(server: SocketAddr, path: &str, body: &Value) -> anyhow::Result<Value> {
    let body = body.to_string();
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: {server}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n{body}",
        body.len()
    );
    let mut stream = TcpStream::connect(server).await.context("cannot connect to the server")?;
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    let answer = String::from_utf8_lossy(&answer);
    let (head, text) = answer.split_once("\r\n\r\n").context("the server broke off")?;
    if !head.starts_with("HTTP/1.1 200 ") {
        bail!("{path}: {} {text}", head.lines().next().unwrap_or_default());
    }
    serde_json::from_str(text).with_context(|| format!("{path}: the answer is no JSON: {text}"))
}
