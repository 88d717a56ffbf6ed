//! Bytes and timers: the stream below the dialogue. What fails here is a [`Cause`]; the phase gives it its meaning.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};
use tokio_rustls::client::TlsStream;

use super::outcome::Cause;
use super::reply::{Reader, Reply};

/// The message is written in blocks of this size; the block timer is for each.
const BLOCK: usize = 64 * 1024;

/// A connection, in the clear or encrypted.
#[derive(Debug)]
pub(super) enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

/// The stream with what was read from it and not yet used.
#[derive(Debug)]
pub(super) struct Wire {
    stream: Stream,
    reader: Reader,
}

impl Wire {
    pub(super) fn new(stream: Stream) -> Self {
        Self { stream, reader: Reader::default() }
    }

    /// One complete reply within `limit`, counted from now, however it drips in.
    pub(super) async fn reply(&mut self, limit: Duration) -> Result<Reply, Cause> {
        let read = async {
            loop {
                if let Some(reply) = self.reader.next().map_err(|g| Cause::Garbage(g.to_string()))? {
                    return Ok(reply);
                }
                poll_fn(|cx| self.poll_more(cx)).await?;
            }
        };
        timeout(limit, read).await.unwrap_or(Err(Cause::TimedOut(limit)))
    }

    /// The complete lines of a reply whose end did not come.
    pub(super) fn heard(&mut self) -> Option<Reply> {
        self.reader.heard()
    }

    /// Writes and flushes within `limit`.
    pub(super) async fn write(&mut self, bytes: &[u8], limit: Duration) -> Result<(), Cause> {
        let write = async {
            self.stream.write_all(bytes).await?;
            self.stream.flush().await
        };
        timeout(limit, write).await.map_or(Err(Cause::TimedOut(limit)), |done| done.map_err(|e| lost(&e)))
    }

    /// Writes and flushes the message, with `limit` for each block and `until` for all; stops as soon as the relay says
    /// anything. An error means that the final dot must not be written.
    pub(super) async fn write_watching(&mut self, bytes: &[u8], limit: Duration, until: Instant) -> Result<(), Cause> {
        let left = || limit.min(until.saturating_duration_since(Instant::now()));
        for block in bytes.chunks(BLOCK) {
            let limit = left();
            timeout(limit, self.write_block(block)).await.unwrap_or(Err(Cause::TimedOut(limit)))?;
        }
        let limit = left();
        timeout(limit, self.stream.flush()).await.map_or(Err(Cause::TimedOut(limit)), |done| done.map_err(|e| lost(&e)))
    }

    async fn write_block(&mut self, block: &[u8]) -> Result<(), Cause> {
        let mut sent = 0;
        poll_fn(|cx| {
            while sent < block.len() {
                match Pin::new(&mut self.stream).poll_write(cx, &block[sent..]) {
                    Poll::Ready(Ok(0)) => return Poll::Ready(Err(closed())),
                    Poll::Ready(Ok(n)) => sent += n,
                    Poll::Ready(Err(e)) => return Poll::Ready(Err(lost(&e))),
                    Poll::Pending => {
                        return self.poll_more(cx).map(|more| more.and(Err(Cause::Garbage("it speaks too early".to_owned()))));
                    }
                }
            }
            Poll::Ready(Ok(()))
        })
        .await
    }

    /// Reads whatever is there; an error at the end of the stream.
    fn poll_more(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Cause>> {
        let mut space = [0_u8; 4096];
        let mut buffer = ReadBuf::new(&mut space);
        match Pin::new(&mut self.stream).poll_read(cx, &mut buffer) {
            Poll::Ready(Ok(())) if buffer.filled().is_empty() => Poll::Ready(Err(closed())),
            Poll::Ready(Ok(())) => {
                self.reader.feed(buffer.filled());
                Poll::Ready(Ok(()))
            }
            Poll::Ready(Err(e)) => Poll::Ready(Err(lost(&e))),
            Poll::Pending => Poll::Pending,
        }
    }

    /// Whether the relay has said nothing that was not asked for, and has not hung up, as far as this host knows.
    pub(super) fn is_quiet(&mut self) -> bool {
        self.reader.is_empty() && self.poll_more(&mut Context::from_waker(Waker::noop())).is_pending()
    }

    /// The bare connection for a TLS handshake. `None` when bytes stand behind the last reply: nothing that came in
    /// the clear may be believed afterwards (test 27).
    pub(super) fn into_bare(self) -> Option<TcpStream> {
        match self.stream {
            Stream::Plain(tcp) if self.reader.is_empty() => Some(tcp),
            _ => None,
        }
    }
}

fn closed() -> Cause {
    Cause::Lost("the relay closed it".to_owned())
}

pub(super) fn lost(error: &io::Error) -> Cause {
    Cause::Lost(error.to_string())
}

impl AsyncRead for Stream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(tcp) => Pin::new(tcp).poll_read(cx, buffer),
            Self::Tls(tls) => Pin::new(tls).poll_read(cx, buffer),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(tcp) => Pin::new(tcp).poll_write(cx, bytes),
            Self::Tls(tls) => Pin::new(tls).poll_write(cx, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(tcp) => Pin::new(tcp).poll_flush(cx),
            Self::Tls(tls) => Pin::new(tls).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(tcp) => Pin::new(tcp).poll_shutdown(cx),
            Self::Tls(tls) => Pin::new(tls).poll_shutdown(cx),
        }
    }
}
