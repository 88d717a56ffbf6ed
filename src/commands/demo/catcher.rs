//! The demo's mail catcher: a small SMTP server on a loopback port that writes what it receives into a folder.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use mail_parser::MessageParser;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Mutex;
use tokio::task::JoinHandle;

/// An e-mail that was caught.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Caught {
    pub to: Vec<String>,
    pub subject: String,
    pub eml: PathBuf,
}

/// The server; it ends with the demo.
#[derive(Debug)]
pub struct Catcher {
    port: u16,
    caught: Arc<Mutex<Vec<Caught>>>,
    task: JoinHandle<()>,
}

impl Catcher {
    /// Listens on a free port of 127.0.0.1.
    pub async fn start(folder: &Path) -> std::io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let port = listener.local_addr()?.port();
        let caught = Arc::new(Mutex::new(Vec::new()));
        let (kept, folder) = (Arc::clone(&caught), folder.to_owned());
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (kept, folder) = (Arc::clone(&kept), folder.clone());
                tokio::spawn(async move {
                    // A client that goes away has nothing more to give.
                    let _ = talk(stream, &folder, &kept).await;
                });
            }
        });
        Ok(Self { port, caught, task })
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Ends it; what it caught, by file.
    pub async fn finish(self) -> Vec<Caught> {
        self.task.abort();
        let mut all = std::mem::take(&mut *self.caught.lock().await);
        all.sort_by(|a, b| a.eml.cmp(&b.eml));
        all
    }
}

/// RFC 5321, as far as a well-behaved client needs it.
async fn talk(stream: TcpStream, folder: &Path, kept: &Mutex<Vec<Caught>>) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let (input, mut output) = stream.into_split();
    let mut input = BufReader::new(input);
    output.write_all(b"220 demo catcher\r\n").await?;
    let (mut line, mut to) = (Vec::new(), Vec::new());
    loop {
        line.clear();
        if input.read_until(b'\n', &mut line).await? == 0 {
            return Ok(());
        }
        let command = String::from_utf8_lossy(&line).trim_end().to_owned();
        let verb = command.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        let reply: &[u8] = match verb.as_str() {
            "EHLO" => b"250-demo catcher\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n",
            "MAIL" => {
                to.clear();
                b"250 2.1.0 Ok\r\n"
            }
            "RCPT" => {
                let address = command.split_once('<').and_then(|(_, rest)| rest.split_once('>')).map(|(a, _)| a.to_owned());
                to.extend(address);
                b"250 2.1.5 Ok\r\n"
            }
            "DATA" => {
                output.write_all(b"354 End data with <CR><LF>.<CR><LF>\r\n").await?;
                let bytes = body(&mut input).await?;
                let mut kept = kept.lock().await;
                let caught = keep(folder, kept.len() + 1, std::mem::take(&mut to), &bytes)?;
                kept.push(caught);
                b"250 2.0.0 Ok: caught\r\n"
            }
            "QUIT" => {
                output.write_all(b"221 2.0.0 Bye\r\n").await?;
                return Ok(());
            }
            _ => b"250 2.0.0 Ok\r\n",
        };
        output.write_all(reply).await?;
    }
}

/// The lines up to the lone dot, the doubled dots taken back.
async fn body(input: &mut BufReader<tokio::net::tcp::OwnedReadHalf>) -> std::io::Result<Vec<u8>> {
    let (mut bytes, mut line) = (Vec::new(), Vec::new());
    loop {
        line.clear();
        if input.read_until(b'\n', &mut line).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        if line == b".\r\n" {
            return Ok(bytes);
        }
        bytes.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
    }
}

/// Writes the e-mail, and beside it what a mail program would show of it.
fn keep(folder: &Path, number: usize, to: Vec<String>, bytes: &[u8]) -> std::io::Result<Caught> {
    let parsed = MessageParser::default().parse(bytes);
    let subject = parsed.as_ref().and_then(|m| m.subject()).unwrap_or_default().to_owned();
    let who: String =
        to.first().map(|t| t.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect()).unwrap_or_default();
    let eml = folder.join(format!("{number:02}-{who}.eml"));
    std::fs::write(&eml, bytes)?;
    if let Some(message) = &parsed {
        for (ending, part) in [("html", message.body_html(0)), ("txt", message.body_text(0))] {
            if let Some(text) = part {
                std::fs::write(eml.with_extension(ending), text.as_bytes())?;
            }
        }
    }
    Ok(Caught { to, subject, eml })
}
