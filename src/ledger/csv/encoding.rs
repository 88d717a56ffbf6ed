//! A file's bytes to UTF-8, whatever wrote them (L4).
//!
//! A byte order mark decides; else bytes of zero betray UTF-16; else the whole file is looked through once, since the
//! first byte that is not ASCII may come late: valid UTF-8 is UTF-8. If it is not, it is Windows-1252, unless most of
//! its sequences beyond ASCII are valid UTF-8, which no text in Windows-1252 has by chance: then the file is UTF-8 with
//! damage, and the damaged rows are bad ones.

use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, Read, Seek, SeekFrom};
use std::path::Path;

use encoding_rs::{Decoder, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::{CsvError, below};
use crate::ledger::settings::Encoding;

const CHUNK: usize = 64 * 1024;

/// The text of a file as UTF-8 bytes. What is damaged in a UTF-8 file comes as it is; the reader of a row sees it.
pub struct Text {
    file: File,
    /// `None`: the bytes are UTF-8 already.
    decoder: Option<Decoder>,
    raw: Vec<u8>,
    text: Vec<u8>,
    at: usize,
    bytes_read: u64,
    ended: bool,
}

impl Text {
    /// Opens a file and finds out its encoding. A pipe is first copied into a temporary file.
    /// `below`: no link below this folder is followed.
    pub fn open(path: &Path, wanted: Encoding, below: Option<&Path>) -> Result<Self, CsvError> {
        let name = path.display().to_string();
        let unreadable = |source| CsvError::Unreadable { file: name.clone(), source };
        let mut file = seekable(path, below).map_err(unreadable)?;
        let mut head = Vec::new();
        (&mut file).take(4096).read_to_end(&mut head).map_err(unreadable)?;
        if let Some(what) = foreign(&head) {
            return Err(CsvError::NotCsv { file: name, what });
        }
        let (encoding, mark) = find_out(&mut file, &head, wanted).map_err(unreadable)?;
        file.seek(SeekFrom::Start(mark)).map_err(unreadable)?;
        let decoder = (encoding != UTF_8).then(|| encoding.new_decoder_without_bom_handling());
        Ok(Self { file, decoder, raw: vec![0; CHUNK], text: Vec::new(), at: 0, bytes_read: mark, ended: false })
    }

    /// The bytes of the file read so far.
    pub fn bytes_read(&self) -> u64 {
        self.bytes_read
    }

    fn refill(&mut self) -> io::Result<()> {
        let count = read_some(&mut self.file, &mut self.raw)?;
        self.bytes_read += count as u64;
        self.ended = count == 0;
        self.at = 0;
        let raw = &self.raw[..count];
        let Some(decoder) = &mut self.decoder else {
            self.text.clear();
            self.text.extend_from_slice(raw);
            return Ok(());
        };
        // With the room that the decoder asks for, one call takes all bytes.
        self.text.resize(decoder.max_utf8_buffer_length(count).unwrap_or(CHUNK * 4), 0);
        let (_, _, written, _) = decoder.decode_to_utf8(raw, &mut self.text, self.ended);
        self.text.truncate(written);
        Ok(())
    }
}

impl Read for Text {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(out)?;
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Text {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.at == self.text.len() && !self.ended {
            self.refill()?;
        }
        Ok(&self.text[self.at..])
    }

    fn consume(&mut self, count: usize) {
        self.at += count;
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Text").field("bytes_read", &self.bytes_read).finish_non_exhaustive()
    }
}

fn seekable(path: &Path, below: Option<&Path>) -> io::Result<File> {
    let mut file = match below {
        Some(folder) => return below::open(folder, path),
        None => File::open(path)?,
    };
    let kind = file.metadata()?.file_type();
    if kind.is_dir() {
        return Err(io::Error::other("it is a directory"));
    }
    if kind.is_file() {
        return Ok(file);
    }
    let mut copy = tempfile::tempfile()?;
    io::copy(&mut file, &mut copy)?;
    copy.rewind()?;
    Ok(copy)
}

/// What the file is instead of a CSV file, by its first bytes.
fn foreign(head: &[u8]) -> Option<&'static str> {
    let kinds: [(&[u8], &str); 6] = [
        (b"PK\x03\x04", "a workbook (.xlsx, .ods) or an archive"),
        (b"\xD0\xCF\x11\xE0", "an old Excel workbook (.xls)"),
        (b"\x1F\x8B", "compressed (.gz)"),
        (b"%PDF-", "a PDF document"),
        (b"\xFF\xFE\x00\x00", "text in UTF-32"),
        (b"\x00\x00\xFE\xFF", "text in UTF-32"),
    ];
    kinds.iter().find(|(magic, _)| head.starts_with(magic)).map(|(_, what)| *what)
}

/// The encoding, and the length of the byte order mark. The file stands anywhere afterwards.
fn find_out(file: &mut File, head: &[u8], wanted: Encoding) -> io::Result<(&'static encoding_rs::Encoding, u64)> {
    if let Some((encoding, mark)) = encoding_rs::Encoding::for_bom(head) {
        return Ok((encoding, mark as u64));
    }
    let encoding = match wanted {
        Encoding::Utf8 => UTF_8,
        Encoding::Windows1252 => WINDOWS_1252,
        Encoding::Utf16 => wide(head).unwrap_or(UTF_16LE),
        Encoding::Auto => match wide(head) {
            Some(wide) => wide,
            None => {
                file.rewind()?;
                utf8_or_windows(file)?
            }
        },
    };
    Ok((encoding, 0))
}

/// UTF-16 without a mark: the header line is mostly ASCII, so every other byte is zero.
fn wide(head: &[u8]) -> Option<&'static encoding_rs::Encoding> {
    let pairs = head.len().min(256) / 2;
    let zeros = |offset: usize| head.iter().take(pairs * 2).skip(offset).step_by(2).filter(|b| **b == 0).count();
    match (zeros(0), zeros(1)) {
        (first, second) if second * 2 > pairs && first * 10 <= pairs => Some(UTF_16LE),
        (first, second) if first * 2 > pairs && second * 10 <= pairs => Some(UTF_16BE),
        _ => None,
    }
}

fn utf8_or_windows(file: &mut File) -> io::Result<&'static encoding_rs::Encoding> {
    let mut buffer = vec![0; CHUNK];
    let (mut kept, mut valid, mut invalid) = (0, 0_u64, 0_u64);
    loop {
        let count = read_some(file, &mut buffer[kept..])?;
        let filled = kept + count;
        let mut seen = 0;
        kept = 0;
        for chunk in buffer[..filled].utf8_chunks() {
            valid += chunk.valid().bytes().filter(|b| *b >= 0xC0).count() as u64;
            seen += chunk.valid().len() + chunk.invalid().len();
            if seen == filled && count > 0 {
                // Perhaps only cut by the end of the buffer: looked at again with what follows.
                kept = chunk.invalid().len();
            } else if !chunk.invalid().is_empty() {
                invalid += 1;
            }
        }
        if count == 0 {
            return Ok(if invalid == 0 || valid > invalid { UTF_8 } else { WINDOWS_1252 });
        }
        buffer.copy_within(filled - kept..filled, 0);
    }
}

fn read_some(file: &mut File, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match file.read(buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}
