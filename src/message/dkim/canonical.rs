//! The relaxed canonical form of headers and bodies (RFC 6376 3.4.2, 3.4.4).

use sha2::{Digest as _, Sha256};

/// A header field as it stands in the message.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field<'a> {
    pub(super) name: &'a str,
    /// Its value, folded as it is, without the line end at its end.
    value: &'a [u8],
}

impl<'a> Field<'a> {
    pub(super) fn new(name: &'a str, value: &'a [u8]) -> Self {
        Self { name, value }
    }

    /// The name in lower case; the value on one line, each run of white space one space, none at either end. Without a
    /// line end.
    pub(super) fn canonical(&self) -> Vec<u8> {
        let mut line = self.name.to_ascii_lowercase().into_bytes();
        line.push(b':');
        let unfolded: Vec<u8> = self.value.iter().copied().filter(|b| !matches!(b, b'\r' | b'\n')).collect();
        let words = unfolded.split(|b| is_blank(*b)).filter(|word| !word.is_empty());
        for (n, word) in words.enumerate() {
            if n > 0 {
                line.push(b' ');
            }
            line.extend_from_slice(word);
        }
        line
    }
}

/// The header fields in their order, and the body; `None` where no empty line ends the header, or a line of it is no
/// field.
pub(super) fn split(message: &[u8]) -> Option<(Vec<Field<'_>>, &[u8])> {
    let end = message.windows(4).position(|four| four == b"\r\n\r\n")?;
    let (head, body) = (message.get(..end)?, message.get(end + 4..)?);
    let (mut fields, mut from) = (Vec::new(), 0);
    while from < head.len() {
        let rest = head.get(from..)?;
        let length = end_of_field(rest);
        let colon = rest.iter().position(|b| *b == b':').filter(|at| *at < length)?;
        let name = str::from_utf8(rest.get(..colon)?).ok()?;
        fields.push(Field::new(name.trim_end(), rest.get(colon + 1..length)?));
        from += length + 2;
    }
    Some((fields, body))
}

/// Where the field that begins here ends: before the first line end that no folded line follows.
fn end_of_field(head: &[u8]) -> usize {
    let ends = |at: usize| head.get(at..at + 2) == Some(b"\r\n") && !head.get(at + 2).copied().is_some_and(is_blank);
    (0..head.len()).find(|at| ends(*at)).unwrap_or(head.len())
}

/// SHA-256 of the body: runs of white space are one space, none stands at the end of a line, and no empty line at the
/// end of the body.
pub(super) fn body_hash(body: &[u8]) -> [u8; 32] {
    let (mut hash, mut empty) = (Sha256::new(), 0_usize);
    // The last line of a body may lack its end.
    let body = body.strip_suffix(b"\n").unwrap_or(body);
    for line in body.split(|b| *b == b'\n') {
        let line = canonical_line(line.strip_suffix(b"\r").unwrap_or(line));
        if line.is_empty() {
            empty += 1;
            continue;
        }
        for _ in 0..std::mem::take(&mut empty) {
            hash.update(b"\r\n");
        }
        hash.update(&line);
        hash.update(b"\r\n");
    }
    hash.finalize().into()
}

/// White space at the beginning stays, as one space.
fn canonical_line(line: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(line.len());
    let mut blank = false;
    for byte in line {
        if is_blank(*byte) {
            blank = true;
            continue;
        }
        if std::mem::take(&mut blank) {
            out.push(b' ');
        }
        out.push(*byte);
    }
    out
}

fn is_blank(byte: u8) -> bool {
    byte == b' ' || byte == b'\t'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(text: &str) -> [u8; 32] {
        Sha256::digest(text).into()
    }

    #[test]
    fn the_example_of_the_standard_has_its_canonical_form() {
        // RFC 6376 3.4.5.
        let (fields, body) = split(b"A: X\r\nB : Y\t\r\n\tZ  \r\n\r\n C \r\nD \t E\r\n\r\n\r\n").unwrap();
        let lines: Vec<_> = fields.iter().map(|f| String::from_utf8(f.canonical()).unwrap()).collect();
        assert_eq!(lines, ["a:X", "b:Y Z"]);
        assert_eq!(body_hash(body), hash(" C\r\nD E\r\n"));
    }

    #[test]
    fn an_empty_body_is_empty_and_the_last_line_gets_its_end() {
        for empty in ["", "\r\n", "\r\n\r\n", " \t\r\n\r\n"] {
            assert_eq!(body_hash(empty.as_bytes()), hash(""), "{empty:?}");
        }
        assert_eq!(body_hash(b"\r\na\r\n\r\nb"), hash("\r\na\r\n\r\nb\r\n"));
    }

    #[test]
    fn what_is_no_header_is_not_taken_for_one() {
        assert!(split(b"A: X\r\n").is_none());
        assert!(split(b"no field\r\n\r\nx").is_none());
    }
}
