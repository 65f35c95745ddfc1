//! A TCP proxy before PostgreSQL that counts round trips: how often the server says that it is ready for the next query.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What a client sends first when it would rather speak TLS: length and code.
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];

/// A proxy for as long as the process lives.
pub(crate) struct Proxy {
    pub(crate) port: u16,
    round_trips: Arc<AtomicUsize>,
}

impl Proxy {
    /// Begins to pass connections on to PostgreSQL on `target`.
    pub(crate) fn start(target: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("a bound socket").port();
        let round_trips = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&round_trips);
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let count = Arc::clone(&count);
                // A connection that breaks is the business of its two ends, which notice it themselves.
                std::thread::spawn(move || pass(client, target, &count));
            }
        });
        Self { port, round_trips }
    }

    /// All so far. A count is made before the client can see the answer.
    pub(crate) fn round_trips(&self) -> usize {
        self.round_trips.load(Ordering::SeqCst)
    }
}

fn pass(mut client: TcpStream, target: u16, count: &AtomicUsize) -> io::Result<()> {
    let mut server = TcpStream::connect(("127.0.0.1", target))?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let mut start = [0; 8];
    client.read_exact(&mut start)?;
    if start == SSL_REQUEST {
        // Answered here: the one byte of that answer has no length, unlike all that follows.
        client.write_all(b"N")?;
    } else {
        server.write_all(&start)?;
    }
    let (mut from_client, mut to_server) = (client.try_clone()?, server.try_clone()?);
    std::thread::spawn(move || {
        let _ = io::copy(&mut from_client, &mut to_server);
        let _ = to_server.shutdown(Shutdown::Write);
    });
    let done = pass_back(&mut server, &mut client, count);
    let _ = client.shutdown(Shutdown::Both);
    done
}

/// Passes messages on as they come: a byte that tells the kind, a length that counts itself, the rest.
fn pass_back(
    server: &mut TcpStream,
    client: &mut TcpStream,
    count: &AtomicUsize,
) -> io::Result<()> {
    let mut waiting = Vec::new();
    // The pool tries out each connection when it gets it back, off the path of any call; to that "ready" is all there
    // is to answer.
    let mut answered = false;
    let mut buffer = [0; 16384];
    loop {
        let read = server.read(&mut buffer)?;
        if read == 0 {
            return Ok(());
        }
        waiting.extend_from_slice(&buffer[..read]);
        let mut whole = 0;
        while let Some(&[kind, a, b, c, d]) = waiting[whole..].first_chunk::<5>() {
            let length = 1 + u32::from_be_bytes([a, b, c, d]) as usize;
            if waiting.len() - whole < length {
                break;
            }
            match kind {
                b'Z' if std::mem::take(&mut answered) => {
                    count.fetch_add(1, Ordering::SeqCst);
                }
                b'Z' => {}
                _ => answered = true,
            }
            whole += length;
        }
        client.write_all(&waiting[..whole])?;
        waiting.drain(..whole);
    }
}
