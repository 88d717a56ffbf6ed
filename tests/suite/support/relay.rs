//! A relay over real TCP that plays a script: what it says, when it falls silent, when it hangs up. It stores every
//! message that it accepted, and every command: the truth that an outcome is compared with.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::script::Line;
pub use super::script::{Act, At, Gate, Script, say};

/// A message that the relay accepted.
#[derive(Debug, Clone)]
pub struct Accepted {
    pub from: String,
    pub to: Vec<String>,
    /// With the dots unstuffed, as a mail reader would see it.
    pub message: Vec<u8>,
    /// When the final dot was read.
    #[allow(dead_code, reason = "of the two test programs only chaos asks for it")]
    pub at: Instant,
}

/// The same message, whenever it came.
impl PartialEq for Accepted {
    fn eq(&self, other: &Self) -> bool {
        (&self.from, &self.to, &self.message) == (&other.from, &other.to, &other.message)
    }
}

/// A relay that listens.
pub struct ScriptedRelay {
    pub port: u16,
    seen: Arc<Mutex<Seen>>,
}

#[derive(Default)]
struct Seen {
    accepted: Vec<Accepted>,
    commands: Vec<String>,
    connections: usize,
    bodies: usize,
    open: usize,
    most_open: usize,
    /// Connections that were too many.
    turned_away: usize,
    script: Vec<Line>,
}

impl ScriptedRelay {
    /// Listens on a free port of 127.0.0.1.
    pub async fn start(script: Script) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::new(Mutex::new(Seen { script: script.lines.clone(), ..Seen::default() }));
        let shared = Arc::clone(&seen);
        tokio::spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                // Without it every pipelined test waits 40 ms.
                tcp.set_nodelay(true).unwrap();
                tokio::spawn(connection(tcp, script.clone(), Arc::clone(&shared)));
            }
        });
        Self { port, seen }
    }

    /// The messages it accepted: the truth.
    pub fn accepted(&self) -> Vec<Accepted> {
        self.seen.lock().unwrap().accepted.clone()
    }

    /// The command lines it read, in their order, over all connections.
    pub fn commands(&self) -> Vec<String> {
        self.seen.lock().unwrap().commands.clone()
    }

    /// Whether a command that begins so was read.
    pub fn heard(&self, verb: &str) -> bool {
        self.commands().iter().any(|c| c.starts_with(verb))
    }

    /// How often a message was begun.
    pub fn bodies(&self) -> usize {
        self.seen.lock().unwrap().bodies
    }

    /// Where its script falls silent: there the timer should be short.
    pub fn falls_silent_at(&self) -> Option<At> {
        let seen = self.seen.lock().unwrap();
        seen.script.iter().find(|line| matches!(line.act, Act::Silence)).map(|line| line.at)
    }

    pub fn connections(&self) -> usize {
        self.seen.lock().unwrap().connections
    }

    /// The connections that are open now.
    pub fn open_connections(&self) -> usize {
        self.seen.lock().unwrap().open
    }

    /// The connections that it did not bear.
    pub fn turned_away(&self) -> usize {
        self.seen.lock().unwrap().turned_away
    }

    /// The most connections that were open at once.
    pub fn most_open(&self) -> usize {
        self.seen.lock().unwrap().most_open
    }
}

trait Io: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Io for T {}

async fn connection(tcp: TcpStream, script: Script, seen: Arc<Mutex<Seen>>) {
    let too_many = {
        let mut seen = seen.lock().unwrap();
        seen.connections += 1;
        let too_many = script.bears.filter(|(most, ..)| seen.open >= *most);
        if too_many.is_some() {
            seen.turned_away += 1;
        } else {
            seen.open += 1;
            seen.most_open = seen.most_open.max(seen.open);
        }
        too_many.map(|(_, at, reply)| (at, reply))
    };
    let mut player = Player { script, seen: Arc::clone(&seen), read: Vec::new(), encrypted: false, messages: 0, too_many };
    let _ = player.play(tcp).await;
    if too_many.is_none() {
        seen.lock().unwrap().open -= 1;
    }
}

struct Player {
    script: Script,
    seen: Arc<Mutex<Seen>>,
    read: Vec<u8>,
    encrypted: bool,
    messages: usize,
    too_many: Option<(At, &'static str)>,
}

/// The dialogue is over.
enum Over {
    Close,
    Reset,
}

impl From<std::io::Error> for Over {
    fn from(_: std::io::Error) -> Self {
        Self::Close
    }
}

/// Dropping the socket then is a reset.
fn harden(over: Over, tcp: &TcpStream) -> Over {
    if matches!(over, Over::Reset) {
        tcp.set_zero_linger().unwrap();
    }
    over
}

impl Player {
    async fn play(&mut self, tcp: TcpStream) -> Result<(), Over> {
        let mut tcp = tcp;
        if let Some(config) = self.script.tls.clone().filter(|_| self.script.implicit) {
            let mut tls = TlsAcceptor::from(config).accept(tcp).await?;
            self.encrypted = true;
            return self.greet_and_serve(&mut tls).await.map(drop).map_err(|over| harden(over, tls.get_ref().0));
        }
        if !self.greet_and_serve(&mut tcp).await.map_err(|over| harden(over, &tcp))? {
            return Ok(());
        }
        if self.act(&mut tcp, At::Handshake, "").await.map_err(|over| harden(over, &tcp))? {
            return Ok(());
        }
        let config = self.script.tls.clone().ok_or(Over::Close)?;
        let mut tls = TlsAcceptor::from(config).accept(tcp).await?;
        self.encrypted = true;
        self.serve(&mut tls).await.map(drop).map_err(|over| harden(over, tls.get_ref().0))
    }

    async fn greet_and_serve(&mut self, io: &mut dyn Io) -> Result<bool, Over> {
        self.answer(io, At::Greeting, "", "220 relay.test ESMTP").await?;
        self.serve(io).await
    }

    /// True when the handshake is to follow.
    async fn serve(&mut self, io: &mut dyn Io) -> Result<bool, Over> {
        let (mut from, mut to) = (None, Vec::new());
        loop {
            let line = self.line(io).await?;
            self.seen.lock().unwrap().commands.push(line.clone());
            let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
            match verb.as_str() {
                "EHLO" => {
                    let reply = self.offers();
                    self.answer(io, At::Ehlo, &line, &reply).await?;
                }
                "HELO" => io.write_all(b"250 relay.test\r\n").await?,
                "STARTTLS" => {
                    self.answer(io, At::StartTls, &line, "220 go ahead").await?;
                    return Ok(true);
                }
                "AUTH" => self.auth(io, &line).await?,
                "MAIL" => {
                    let accepted = self.answer(io, At::Mail, &line, "250 2.1.0 Ok").await?;
                    (from, to) = (accepted.then(|| inside(&line)), Vec::new());
                }
                "RCPT" => {
                    if from.is_none() {
                        io.write_all(b"503 5.5.1 MAIL first\r\n").await?;
                    } else if self.answer(io, At::Rcpt, &line, "250 2.1.5 Ok").await? {
                        to.push(inside(&line));
                    }
                }
                "DATA" => {
                    let plain = if to.is_empty() { "554 5.5.1 no valid recipients" } else { "354 go ahead" };
                    if self.answer_code(io, At::Data, &line, plain).await?.starts_with(b"354") {
                        self.message(io, from.as_deref().unwrap_or_default(), &to).await?;
                        (from, to) = (None, Vec::new());
                    }
                }
                "RSET" => {
                    (from, to) = (None, Vec::new());
                    self.answer(io, At::Rset, &line, "250 2.0.0 Ok").await?;
                }
                "QUIT" => {
                    self.answer(io, At::Quit, &line, "221 2.0.0 Bye").await?;
                    return Ok(false);
                }
                _ => io.write_all(b"500 5.5.2 what?\r\n").await?,
            }
        }
    }

    fn offers(&self) -> String {
        let offers = if self.encrypted { &self.script.offers_after_tls } else { &self.script.offers };
        let mut lines = vec!["relay.test".to_owned()];
        lines.extend(offers.iter().cloned());
        let last = lines.len() - 1;
        let each = lines.iter().enumerate().map(|(i, l)| format!("250{}{l}", if i == last { ' ' } else { '-' }));
        each.collect::<Vec<_>>().join("\r\n")
    }

    async fn auth(&mut self, io: &mut dyn Io, line: &str) -> Result<(), Over> {
        if line.eq_ignore_ascii_case("AUTH LOGIN") {
            for prompt in [&b"334 VXNlcm5hbWU6\r\n"[..], b"334 UGFzc3dvcmQ6\r\n"] {
                io.write_all(prompt).await?;
                let answer = self.line(io).await?;
                self.seen.lock().unwrap().commands.push(answer);
            }
        }
        let said = self.answer_code(io, At::Auth, line, "235 2.7.0 welcome").await?;
        if said.starts_with(b"334") {
            let answer = self.line(io).await?;
            self.seen.lock().unwrap().commands.push(answer);
            io.write_all(b"535 5.7.8 no\r\n").await?;
        }
        Ok(())
    }

    /// Reads the message; it counts as accepted unless the script refuses it with a 4xx or 5xx after the dot.
    async fn message(&mut self, io: &mut dyn Io, from: &str, to: &[String]) -> Result<(), Over> {
        self.fill(io).await?;
        self.seen.lock().unwrap().bodies += 1;
        if self.act(io, At::Body, &to.join(" ")).await? {
            return Ok(());
        }
        let mut message = Vec::new();
        loop {
            let line = self.raw_line(io).await?;
            if line == b".\r\n" {
                break;
            }
            message.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
        }
        let act = self.take(At::Dot, &to.join(" "));
        let refused = matches!(&act, Some(Act::Say(b) | Act::SayAndClose(b)) if matches!(b.first(), Some(b'4' | b'5')));
        if !refused {
            let accepted = Accepted { from: from.to_owned(), to: to.to_vec(), message, at: Instant::now() };
            self.seen.lock().unwrap().accepted.push(accepted);
        }
        self.messages += 1;
        tokio::time::sleep(self.script.thinks).await;
        if let Some(Act::Wait(gate)) = &act {
            gate.pass().await;
        }
        match act {
            None | Some(Act::Wait(_)) => io.write_all(b"250 2.0.0 Ok: queued as 4711\r\n").await?,
            Some(act) => self.perform(io, act).await.map(drop)?,
        }
        if self.script.close_after.is_some_and(|n| self.messages >= n) {
            tokio::time::sleep(Duration::from_millis(50)).await;
            self.perform(io, Act::Close).await?;
        }
        Ok(())
    }

    /// Plays the script or gives the plain answer; true when what was said begins with a 2.
    async fn answer(&mut self, io: &mut dyn Io, at: At, command: &str, plain: &str) -> Result<bool, Over> {
        Ok(self.answer_code(io, at, command, plain).await?.starts_with(b"2"))
    }

    async fn answer_code(&mut self, io: &mut dyn Io, at: At, command: &str, plain: &str) -> Result<Vec<u8>, Over> {
        if let Some((_, reply)) = self.too_many.filter(|(there, _)| *there == at) {
            return self.perform(io, Act::SayAndClose(format!("{reply}\r\n").into_bytes())).await;
        }
        let plain = format!("{plain}\r\n").into_bytes();
        if at == At::Rcpt {
            tokio::time::sleep(self.script.thinks).await;
        }
        let act = match self.take(at, command) {
            Some(Act::Wait(gate)) => {
                gate.pass().await;
                Act::Say(plain)
            }
            act => act.unwrap_or(Act::Say(plain)),
        };
        self.perform(io, act).await
    }

    /// Plays the script if it has something for this place.
    async fn act(&mut self, io: &mut dyn Io, at: At, command: &str) -> Result<bool, Over> {
        match self.take(at, command) {
            Some(act) => self.perform(io, act).await.map(|_| true),
            None => Ok(false),
        }
    }

    fn take(&self, at: At, command: &str) -> Option<Act> {
        let mut seen = self.seen.lock().unwrap();
        let line = seen.script.iter_mut().find(|l| l.at == at && command.contains(&l.having) && l.times != Some(0))?;
        line.times = line.times.map(|n| n - 1);
        Some(line.act.clone())
    }

    async fn perform(&mut self, io: &mut dyn Io, act: Act) -> Result<Vec<u8>, Over> {
        if matches!(act, Act::HearAndSay(_)) {
            self.fill(io).await?;
        }
        match act {
            Act::Say(bytes) => {
                io.write_all(&bytes).await?;
                io.flush().await?;
                return Ok(bytes);
            }
            Act::SayAndClose(bytes) | Act::HearAndSay(bytes) => {
                io.write_all(&bytes).await?;
                io.shutdown().await?;
                // Read on, so that closing is no reset that would swallow what was said.
                while io.read(&mut [0; 4096]).await? > 0 {}
            }
            Act::Close => {
                io.shutdown().await?;
                while io.read(&mut [0; 4096]).await? > 0 {}
            }
            Act::Reset => return Err(Over::Reset),
            Act::Wait(gate) => {
                gate.pass().await;
                return Ok(Vec::new());
            }
            Act::Silence => while io.read(&mut [0; 4096]).await? > 0 {},
            Act::Flood(bytes, pause) => loop {
                io.write_all(&bytes).await?;
                if !pause.is_zero() {
                    tokio::time::sleep(pause).await;
                }
            },
        }
        Err(Over::Close)
    }

    async fn line(&mut self, io: &mut dyn Io) -> Result<String, Over> {
        let line = self.raw_line(io).await?;
        Ok(String::from_utf8_lossy(&line).trim_end().to_owned())
    }

    async fn raw_line(&mut self, io: &mut dyn Io) -> Result<Vec<u8>, Over> {
        loop {
            if let Some(end) = self.read.iter().position(|b| *b == b'\n') {
                return Ok(self.read.drain(..=end).collect());
            }
            self.fill_more(io).await?;
        }
    }

    async fn fill(&mut self, io: &mut dyn Io) -> Result<(), Over> {
        if self.read.is_empty() { self.fill_more(io).await } else { Ok(()) }
    }

    async fn fill_more(&mut self, io: &mut dyn Io) -> Result<(), Over> {
        let mut space = [0; 16 * 1024];
        match io.read(&mut space).await? {
            0 => Err(Over::Close),
            n => {
                self.read.extend_from_slice(&space[..n]);
                Ok(())
            }
        }
    }
}

fn inside(line: &str) -> String {
    line.split(['<', '>']).nth(1).unwrap_or_default().to_owned()
}
