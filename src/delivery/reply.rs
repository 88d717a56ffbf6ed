//! The relay's replies, read as bytes (D17): what is no reply is an error of its own and never a refusal.

use std::fmt;

/// A line, and a reply in all, may be this long.
pub(super) const MAX_REPLY: usize = 64 * 1024;

/// A complete reply.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Reply {
    /// 100 to 599.
    pub code: u16,
    /// RFC 3463: `5.1.1`.
    pub enhanced: Option<[u16; 3]>,
    /// Everything behind the code, kept whole (queue ids stand there); several lines are parted by `\n`. Text that is
    /// not UTF-8 is read as Latin-1.
    pub text: String,
}

impl Reply {
    pub fn new(code: u16, text: String) -> Self {
        Self { code, enhanced: enhanced(&text), text }
    }

    /// The lines without their code.
    pub fn lines(&self) -> impl Iterator<Item = &str> {
        self.text.split('\n')
    }

    /// 2xx.
    #[must_use]
    pub fn is_positive(&self) -> bool {
        self.code / 100 == 2
    }

    /// 4xx or 5xx.
    #[must_use]
    pub fn is_negative(&self) -> bool {
        matches!(self.code / 100, 4 | 5)
    }
}

/// In one line, for people; control characters are shown as such and do nothing to a terminal.
impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.code)?;
        for line in self.lines().map(str::trim).filter(|line| !line.is_empty()) {
            write!(f, " {}", printable(line))?;
        }
        Ok(())
    }
}

fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{FFFD}' } else { c }).collect()
}

fn enhanced(text: &str) -> Option<[u16; 3]> {
    let word = text.split_whitespace().next()?;
    let mut parts = word.split('.');
    let mut next = || parts.next().filter(|p| p.len() <= 3 && p.bytes().all(|b| b.is_ascii_digit()))?.parse().ok();
    let code = [next()?, next()?, next()?];
    (parts.next().is_none() && matches!(code[0], 2 | 4 | 5)).then_some(code)
}

/// What came is no reply.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Garbage {
    #[error("{0:?} is no SMTP reply")]
    NoReply(String),
    #[error("the lines of one reply have two codes, {0} and {1}")]
    TwoCodes(u16, u16),
    #[error("a reply of more than 64 KiB")]
    TooLong,
}

/// Bytes in, replies out.
#[derive(Debug, Default)]
pub(super) struct Reader {
    unread: Vec<u8>,
    /// The complete lines of the reply that has begun.
    begun: Option<(u16, Vec<u8>)>,
}

impl Reader {
    pub(super) fn feed(&mut self, bytes: &[u8]) {
        self.unread.extend_from_slice(bytes);
    }

    /// The next complete reply, if it is there.
    pub(super) fn next(&mut self) -> Result<Option<Reply>, Garbage> {
        loop {
            let end = self.unread.iter().position(|b| *b == b'\n');
            let so_far = self.begun.as_ref().map_or(0, |(_, text)| text.len());
            if so_far + end.unwrap_or(self.unread.len()) > MAX_REPLY {
                return Err(Garbage::TooLong);
            }
            let Some(end) = end else { return Ok(None) };
            let line: Vec<u8> = self.unread.drain(..=end).collect();
            if self.take_line(line.trim_ascii_end())? {
                return Ok(self.heard());
            }
        }
    }

    /// Takes one line; true when it was the reply's last.
    fn take_line(&mut self, line: &[u8]) -> Result<bool, Garbage> {
        let code = code_of(line).ok_or_else(|| Garbage::NoReply(excerpt(line)))?;
        let text = line.get(4..).unwrap_or_default();
        match &mut self.begun {
            Some((first, _)) if *first != code => {
                let first = *first;
                // They contradict each other: neither was said.
                self.begun = None;
                return Err(Garbage::TwoCodes(first, code));
            }
            Some((_, whole)) => {
                whole.push(b'\n');
                whole.extend_from_slice(text);
            }
            None => self.begun = Some((code, text.to_vec())),
        }
        Ok(line.get(3) != Some(&b'-'))
    }

    /// Takes the complete lines of the reply that has begun, whether or not its end has come.
    pub(super) fn heard(&mut self) -> Option<Reply> {
        self.begun.take().map(|(code, text)| Reply::new(code, decode(&text)))
    }

    /// Whether nothing is waiting to be read.
    pub(super) fn is_empty(&self) -> bool {
        self.unread.is_empty() && self.begun.is_none()
    }
}

/// Three digits, then nothing, or anything but a digit.
fn code_of(line: &[u8]) -> Option<u16> {
    let [first @ b'1'..=b'5', second @ b'0'..=b'9', third @ b'0'..=b'9', rest @ ..] = line else { return None };
    if rest.first().is_some_and(u8::is_ascii_digit) {
        return None;
    }
    Some(u16::from(first - b'0') * 100 + u16::from(second - b'0') * 10 + u16::from(third - b'0'))
}

fn decode(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|b| char::from(*b)).collect(),
    }
}

fn excerpt(line: &[u8]) -> String {
    decode(line).chars().take(60).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<Option<Reply>, Garbage> {
        let mut reader = Reader::default();
        reader.feed(bytes);
        reader.next()
    }

    #[test]
    fn a_bare_code_and_text_in_latin_1_are_replies_too() {
        assert_eq!(read(b"250\r\n").unwrap().unwrap(), Reply { code: 250, enhanced: None, text: String::new() });
        assert_eq!(read(b"250 Best\xe4tigt\r\n").unwrap().unwrap().text, "Bestätigt");
        assert_eq!(read("250 Bestätigt\n".as_bytes()).unwrap().unwrap().text, "Bestätigt");
    }

    #[test]
    fn a_reply_of_several_lines_is_kept_whole_and_its_enhanced_code_is_read() {
        let reply = read(b"550-5.1.1 no such user\r\n550 5.1.1 see https://x.test\r\n").unwrap().unwrap();
        assert_eq!((reply.code, reply.enhanced), (550, Some([5, 1, 1])));
        assert_eq!(reply.lines().collect::<Vec<_>>(), ["5.1.1 no such user", "5.1.1 see https://x.test"]);
        assert_eq!(reply.to_string(), "550 5.1.1 no such user 5.1.1 see https://x.test");
    }

    #[test]
    fn what_looks_like_an_enhanced_code_and_is_none_is_left_alone() {
        for text in ["5.1 x", "5.1.1.1 x", "10.0.0.1 x", "3.1.1 x", "5.1.1, x", "5.1.1234 x", "five.1.1"] {
            assert_eq!(Reply::new(550, text.to_owned()).enhanced, None, "{text}");
        }
    }

    #[test]
    fn garbage_is_an_error_of_its_own() {
        for bytes in [&b"HTTP/1.1 400 Bad Request\r\n"[..], b"\r\n", b"25\r\n", b"2500 x\r\n", b"650 x\r\n", b"\0\0\0\n"] {
            assert!(matches!(read(bytes), Err(Garbage::NoReply(_))), "{bytes:?}");
        }
        assert_eq!(read(b"250-a\r\n451 b\r\n"), Err(Garbage::TwoCodes(250, 451)));
    }

    #[test]
    fn half_a_line_is_not_yet_a_reply_and_an_endless_one_is_refused() {
        assert_eq!(read(b"250 o"), Ok(None));
        assert_eq!(read(b"250-a\r\n"), Ok(None));
        assert_eq!(read(&vec![b'2'; MAX_REPLY + 1]), Err(Garbage::TooLong));
        assert_eq!(read(&b"250-x\r\n".repeat(40_000)), Err(Garbage::TooLong));
    }

    #[test]
    fn replies_that_came_in_one_packet_are_read_one_by_one() {
        let mut reader = Reader::default();
        reader.feed(b"250 a\r\n354 b\r\n");
        assert_eq!(reader.next().unwrap().unwrap().code, 250);
        assert!(!reader.is_empty());
        assert_eq!(reader.next().unwrap().unwrap().code, 354);
        assert!(reader.is_empty());
    }

    #[test]
    fn a_reply_does_nothing_to_a_terminal() {
        let reply = read(b"250 a\x1b[2Jb\r\n").unwrap().unwrap();
        assert!(!reply.to_string().contains('\u{1b}'));
    }

    proptest::proptest! {
        #[test]
        fn a_reply_is_the_same_in_however_many_packets_it_comes(
            bytes in proptest::collection::vec(proptest::sample::select(&b"2345-0 \r\nx"[..]), 0..40),
            cut in 0_usize..40,
        ) {
            let cut = cut.min(bytes.len());
            let mut reader = Reader::default();
            reader.feed(&bytes[..cut]);
            let first = reader.next();
            let cut_in_two = if first == Ok(None) {
                reader.feed(&bytes[cut..]);
                reader.next()
            } else {
                first
            };
            proptest::prop_assert_eq!(cut_in_two, read(&bytes));
        }
    }
}
