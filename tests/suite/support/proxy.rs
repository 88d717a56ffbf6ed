//! A way to a server that a test can cut, close, or make forgetful: it sees PostgreSQL's COMMIT pass, and can lose the
//! answer to it.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// Where it leads.
#[derive(Debug, Clone)]
pub enum To {
    Socket(PathBuf),
    Port(u16),
}

/// The way. Its connections are cut when it goes.
pub struct Proxy {
    pub port: u16,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    closed: AtomicBool,
    /// So many commits are let pass before the next answer is lost; none is lost above a great number.
    commits_before_loss: AtomicUsize,
    to_lose: AtomicUsize,
    lost: AtomicUsize,
    open: Mutex<Vec<Wire>>,
}

/// Both ends of a connection, to cut it.
struct Wire {
    client: TcpStream,
    server: Server,
}

enum Server {
    Unix(UnixStream),
    Tcp(TcpStream),
}

impl Server {
    fn reach(to: &To) -> std::io::Result<Self> {
        match to {
            To::Socket(path) => UnixStream::connect(path).map(Self::Unix),
            To::Port(port) => TcpStream::connect(("127.0.0.1", *port)).and_then(|tcp| {
                tcp.set_nodelay(true)?;
                Ok(Self::Tcp(tcp))
            }),
        }
    }

    fn again(&self) -> Self {
        match self {
            Self::Unix(s) => Self::Unix(s.try_clone().unwrap()),
            Self::Tcp(s) => Self::Tcp(s.try_clone().unwrap()),
        }
    }

    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        match self {
            Self::Unix(s) => s.read(into),
            Self::Tcp(s) => s.read(into),
        }
    }

    fn write(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        match self {
            Self::Unix(s) => s.write_all(bytes),
            Self::Tcp(s) => s.write_all(bytes),
        }
    }

    fn cut(&self) {
        let _ = match self {
            Self::Unix(s) => s.shutdown(Shutdown::Both),
            Self::Tcp(s) => s.shutdown(Shutdown::Both),
        };
    }
}

impl Wire {
    fn cut(&self) {
        let _ = self.client.shutdown(Shutdown::Both);
        self.server.cut();
    }
}

impl Proxy {
    pub fn to(to: To) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared::default());
        let ours = Arc::clone(&shared);
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let Ok(client) = client else { continue };
                let _ = client.set_nodelay(true);
                if ours.closed.load(Ordering::SeqCst) {
                    continue;
                }
                let Ok(server) = Server::reach(&to) else { continue };
                join(client, server, &ours);
            }
        });
        Self { port, shared }
    }

    /// Cuts all connections; new ones may be made.
    pub fn cut(&self) {
        self.shared.open.lock().unwrap().drain(..).for_each(|w| w.cut());
    }

    /// The server is away from now on.
    pub fn close(&self) {
        self.shared.closed.store(true, Ordering::SeqCst);
        self.cut();
    }

    /// It is back.
    pub fn open(&self) {
        self.shared.closed.store(false, Ordering::SeqCst);
    }

    /// After so many more commits the answers to the next ones are lost: the server has committed, and nobody hears of it.
    pub fn lose_answers(&self, after: usize, how_many: usize) {
        self.shared.commits_before_loss.store(after, Ordering::SeqCst);
        self.shared.to_lose.store(how_many, Ordering::SeqCst);
    }

    /// How many answers were lost.
    pub fn lost(&self) -> usize {
        self.shared.lost.load(Ordering::SeqCst)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.close();
    }
}

impl Shared {
    /// Whether the answer to the commit that passes now is lost.
    fn loses(&self) -> bool {
        let less = |n: usize| n.checked_sub(1);
        if self.to_lose.load(Ordering::SeqCst) == 0 {
            return false;
        }
        if self.commits_before_loss.fetch_update(Ordering::SeqCst, Ordering::SeqCst, less).is_ok() {
            return false;
        }
        self.to_lose.fetch_update(Ordering::SeqCst, Ordering::SeqCst, less).is_ok()
    }
}

fn join(client: TcpStream, server: Server, shared: &Arc<Shared>) {
    let wire = Wire { client: client.try_clone().unwrap(), server: server.again() };
    shared.open.lock().unwrap().push(wire);
    let deaf = Arc::new(AtomicBool::new(false));
    let (mut up_from, mut up_to) = (client.try_clone().unwrap(), server.again());
    let (ours, deafened) = (Arc::clone(shared), Arc::clone(&deaf));
    std::thread::spawn(move || {
        let (mut bytes, mut spoken) = ([0; 16 * 1024], Spoken::default());
        while let Ok(n) = up_from.read(&mut bytes) {
            if n == 0 {
                break;
            }
            if spoken.commits(&bytes[..n]) && ours.loses() {
                deafened.store(true, Ordering::SeqCst);
            }
            if up_to.write(&bytes[..n]).is_err() {
                break;
            }
        }
        up_to.cut();
    });
    let (mut down_from, mut down_to) = (server, client);
    let ours = Arc::clone(shared);
    std::thread::spawn(move || {
        let mut bytes = [0; 16 * 1024];
        while let Ok(n) = down_from.read(&mut bytes) {
            if n > 0 && deaf.load(Ordering::SeqCst) {
                // The answer is here, so the commit is done; it goes no further.
                ours.lost.fetch_add(1, Ordering::SeqCst);
                break;
            }
            if n == 0 || down_to.write_all(&bytes[..n]).is_err() {
                break;
            }
        }
        down_from.cut();
        let _ = down_to.shutdown(Shutdown::Both);
    });
}

/// What a client of PostgreSQL says, message by message.
#[derive(Default)]
struct Spoken {
    begun: bool,
    waiting: Vec<u8>,
}

impl Spoken {
    /// Whether these bytes end a COMMIT.
    fn commits(&mut self, bytes: &[u8]) -> bool {
        self.waiting.extend_from_slice(bytes);
        let mut found = false;
        loop {
            // The first message has no letter.
            let at = usize::from(self.begun);
            let Some(length) = self.waiting.get(at..at + 4) else { return found };
            let end = at + u32::from_be_bytes(length.try_into().unwrap()) as usize;
            if self.waiting.len() < end {
                return found;
            }
            let message: Vec<u8> = self.waiting.drain(..end).collect();
            found |= self.begun && message[0] == b'Q' && message[5..].starts_with(b"COMMIT");
            self.begun = true;
        }
    }
}
