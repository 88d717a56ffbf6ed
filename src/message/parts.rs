//! The body of a message, written part by part: text and HTML in quoted-printable (RFC 2045), what stands between them
//! and the documents. The library writes the same bytes, and reads what it has written several times on the way.

use crate::message::clean;

/// The most characters of a line of quoted-printable, its `=` at the end included.
const WIDTH: usize = 76;

/// One text, written as it is sent.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    Text,
    Html,
}

/// The headers of a part with a text.
pub(super) fn headers(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n",
        Kind::Html => "Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n",
    }
}

/// The header of a whole of several parts, folded where it is longer than a line.
pub(super) fn several(kind: &str, boundary: &str) -> String {
    let (kind, boundary) = (format!("Content-Type: multipart/{kind};"), format!(" boundary=\"{boundary}\"\r\n"));
    let fold = if kind.len() + boundary.len() - 2 > WIDTH { "\r\n" } else { "" };
    format!("{kind}{fold}{boundary}")
}

/// Begins the next part.
pub(super) fn next(out: &mut Vec<u8>, boundary: &str) {
    for piece in ["--", boundary, "\r\n"] {
        out.extend_from_slice(piece.as_bytes());
    }
}

/// Ends the last part.
pub(super) fn end(out: &mut Vec<u8>, boundary: &str) {
    for piece in ["--", boundary, "--\r\n"] {
        out.extend_from_slice(piece.as_bytes());
    }
}

/// A part with a text.
pub(super) fn single(out: &mut Vec<u8>, kind: Kind, text: &str) {
    out.extend_from_slice(headers(kind).as_bytes());
    out.extend_from_slice(b"\r\n");
    quoted_printable(out, text);
    out.extend_from_slice(b"\r\n");
}

/// Text and HTML as alternatives: everything below the header of [`several`].
pub(super) fn alternatives(out: &mut Vec<u8>, boundary: &str, text: &str, html: &str) {
    for (kind, text) in [(Kind::Text, text), (Kind::Html, html)] {
        next(out, boundary);
        single(out, kind, text);
    }
    end(out, boundary);
}

/// A text with our line breaks in quoted-printable with those of a message.
pub(super) fn quoted_printable(out: &mut Vec<u8>, text: &str) {
    let text = clean::body(text);
    out.reserve(text.len() + text.len() / 16);
    let mut lines = text.split('\n');
    if let Some(first) = lines.next() {
        quoted_line(out, first.as_bytes());
    }
    for line in lines {
        out.extend_from_slice(b"\r\n");
        quoted_line(out, line.as_bytes());
    }
}

/// White space at the end of a line is written in digits, since relays take it away.
fn is_plain(byte: u8, is_last: bool) -> bool {
    matches!(byte, b'!'..=b'<' | b'>'..=b'~') || (matches!(byte, b' ' | b'\t') && !is_last)
}

fn quoted_line(out: &mut Vec<u8>, line: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let is_plain = |n: usize| is_plain(line[n], n + 1 == line.len());
    // Most lines are short and plain. White space at the end is found by the slow way.
    let seems_plain = |b: u8| ((b' '..=b'~').contains(&b) & (b != b'=')) | (b == b'\t');
    let ends_in_space = matches!(line.last(), Some(b' ' | b'\t'));
    if line.len() <= WIDTH && !ends_in_space && line.iter().fold(true, |all, b| all & seems_plain(*b)) {
        out.extend_from_slice(line);
        return;
    }
    let (mut on_line, mut last) = (0, 0);
    for (n, byte) in line.iter().enumerate() {
        let length = if is_plain(n) { 1 } else { 3 };
        if on_line + length > WIDTH {
            // A full line has no room for its `=`: what was written last goes to the next one.
            let moved = if on_line == WIDTH { last } else { 0 };
            let at = out.len() - moved;
            out.splice(at..at, *b"=\r\n");
            on_line = moved;
        }
        match length {
            1 => out.push(*byte),
            _ => out.extend_from_slice(&[b'=', DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]),
        }
        (on_line, last) = (on_line + length, length);
    }
}

#[cfg(test)]
mod tests {
    use lettre::message::Body;
    use lettre::message::header::ContentTransferEncoding;

    use super::*;

    fn of_the_library(text: &str) -> String {
        let body = Body::new_with_encoding(clean::body(text).into_owned(), ContentTransferEncoding::QuotedPrintable).unwrap();
        String::from_utf8(body.into_vec()).unwrap()
    }

    fn ours(text: &str) -> String {
        let mut out = Vec::new();
        quoted_printable(&mut out, text);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_line_of_any_length_with_any_end_is_written_as_the_library_does() {
        for length in 60..240 {
            for end in ["", " ", "\t", "  ", "=", "é", "é ", "€€", " =", "\n", " \n", "\n\n.x"] {
                for filling in ["a", "ä", "=", " ", "ab€"] {
                    let text: String = filling.chars().cycle().take(length).chain(end.chars()).collect();
                    assert_eq!(ours(&text), of_the_library(&text), "{text:?}");
                }
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_written_as_the_library_does(text in "[a-z =\t.é€\n\r]{0,400}", other: String) {
            proptest::prop_assert_eq!(ours(&text), of_the_library(&text));
            proptest::prop_assert_eq!(ours(&other), of_the_library(&other));
        }
    }
}
