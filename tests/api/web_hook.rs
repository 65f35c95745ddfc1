//! A server of others, which tests call.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::Value;

/// How long a delivery may take.
pub(crate) const SOON: Duration = Duration::from_secs(20);

/// A web hook that takes everything.
pub(crate) struct Hook {
    pub(crate) address: String,
    pub(crate) calls: Receiver<(String, String)>,
}

impl Hook {
    pub(crate) fn listen() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let address = format!("http://{}/hook", listener.local_addr().expect("it is bound"));
        let (sender, calls) = channel();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.expect("a connection");
                let mut reader = BufReader::new(stream.try_clone().expect("a second handle"));
                let (mut head, mut length) = (String::new(), 0);
                loop {
                    let mut line = String::new();
                    reader.read_line(&mut line).expect("a line");
                    if line.trim().is_empty() {
                        break;
                    }
                    if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                        length = value.trim().parse().expect("a length");
                    }
                    head.push_str(&line);
                }
                let mut body = vec![0; length];
                reader.read_exact(&mut body).expect("the whole body");
                let answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
                stream.write_all(answer.as_bytes()).expect("it listens");
                if sender.send((head, String::from_utf8(body).expect("text"))).is_err() {
                    return;
                }
            }
        });
        Self { address, calls }
    }

    pub(crate) fn next(&self) -> (String, String) {
        self.calls.recv_timeout(SOON).expect("a call of the hook")
    }

    pub(crate) fn next_json(&self) -> Value {
        serde_json::from_str(&self.next().1).expect("JSON")
    }
}
