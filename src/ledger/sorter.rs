//! Rows in the order of their keys, however many, in the same memory: what does not fit is sorted by parts into a file
//! that has no name and goes with the process.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// So many bytes are sorted at once.
const ROOM: usize = 1 << 20;
/// So many bytes of each part are read at once.
const AHEAD: usize = 16 << 10;
/// Before each row: the lengths of its key and of itself, and its number.
const HEAD: usize = 16;

/// A row with its key and its number in the order in which rows came.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) key: Vec<u8>,
    pub(super) number: u64,
    pub(super) row: Vec<u8>,
}

/// Takes rows in any order.
#[derive(Debug)]
pub(super) struct Sorter {
    folder: PathBuf,
    room: usize,
    buffer: Vec<u8>,
    places: Vec<Place>,
    file: Option<File>,
    /// Where each part begins and ends in the file.
    parts: Vec<(u64, u64)>,
}

/// Where a row begins in the buffer, and the first bytes of its key.
#[derive(Debug, Clone, Copy)]
struct Place {
    first: u64,
    at: usize,
}

/// A row in a buffer: its key, its number, itself, and where it ends.
fn row_at(buffer: &[u8], at: usize) -> Option<(&[u8], u64, &[u8], usize)> {
    let (key, row, number) = head(buffer.get(at..)?)?;
    let begin = at + HEAD;
    Some((buffer.get(begin..begin + key)?, number, buffer.get(begin + key..begin + key + row)?, begin + key + row))
}

fn head(bytes: &[u8]) -> Option<(usize, usize, u64)> {
    let length = |at: usize| Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?) as usize);
    Some((length(0)?, length(4)?, u64::from_le_bytes(bytes.get(8..HEAD)?.try_into().ok()?)))
}

fn too_long(_: std::num::TryFromIntError) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "a row is longer than 4 GB")
}

impl Sorter {
    /// One whose file lies in a folder, if it needs one.
    pub(super) fn new(folder: &Path) -> Self {
        Self::with_room(folder, ROOM)
    }

    fn with_room(folder: &Path, room: usize) -> Self {
        let (buffer, places) = (Vec::new(), Vec::new());
        Self { folder: folder.to_owned(), room, buffer, places, file: None, parts: Vec::new() }
    }

    /// One row more.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(super) fn push(&mut self, key: &[u8], number: u64, row: &[u8]) -> io::Result<()> {
        let needed = HEAD + key.len() + row.len();
        if !self.places.is_empty() && self.buffer.len() + needed + (self.places.len() + 1) * size_of::<Place>() > self.room {
            self.spill()?;
        }
        let mut first = [0; 8];
        let many = key.len().min(8);
        first[..many].copy_from_slice(&key[..many]);
        self.places.push(Place { first: u64::from_be_bytes(first), at: self.buffer.len() });
        self.buffer.extend_from_slice(&u32::try_from(key.len()).map_err(too_long)?.to_le_bytes());
        self.buffer.extend_from_slice(&u32::try_from(row.len()).map_err(too_long)?.to_le_bytes());
        self.buffer.extend_from_slice(&number.to_le_bytes());
        self.buffer.extend_from_slice(key);
        self.buffer.extend_from_slice(row);
        Ok(())
    }

    fn sort(&mut self) {
        let buffer = &self.buffer;
        let full = |place: &Place| row_at(buffer, place.at).map(|(key, number, ..)| (key, number));
        self.places.sort_unstable_by(|a, b| a.first.cmp(&b.first).then_with(|| full(a).cmp(&full(b))));
    }

    /// Writes what is in the buffer behind the other parts.
    fn spill(&mut self) -> io::Result<()> {
        self.sort();
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(tempfile::tempfile_in(&self.folder)?),
        };
        let begin = self.parts.last().map_or(0, |(_, end)| *end);
        let (mut end, mut sorted) = (begin, Vec::with_capacity(AHEAD * 4));
        for place in &self.places {
            let Some((.., after)) = row_at(&self.buffer, place.at) else { continue };
            sorted.extend_from_slice(&self.buffer[place.at..after]);
            if sorted.len() >= AHEAD * 3 {
                file.write_all_at(&sorted, end)?;
                end += sorted.len() as u64;
                sorted.clear();
            }
        }
        file.write_all_at(&sorted, end)?;
        self.parts.push((begin, end + sorted.len() as u64));
        self.buffer.clear();
        self.places.clear();
        Ok(())
    }

    /// All rows, by their keys bytewise, and those of one key by their numbers.
    ///
    /// # Errors
    /// When the file cannot be written or read.
    pub(super) fn finish(mut self) -> io::Result<Sorted> {
        let mut heads = BinaryHeap::new();
        if let Some(file) = self.file.take_if(|_| !self.places.is_empty()) {
            self.file = Some(file);
            self.spill()?;
        }
        match self.file {
            Some(file) => {
                let file = Arc::new(file);
                for (next, end) in self.parts {
                    let ahead = Ahead { file: Arc::clone(&file), next, end, buffer: Vec::new(), at: 0 };
                    add(&mut heads, Part::File(ahead))?;
                }
            }
            None => {
                self.sort();
                add(&mut heads, Part::Memory { buffer: self.buffer, places: self.places.into_iter() })?;
            }
        }
        Ok(Sorted { heads })
    }
}

fn add(heads: &mut BinaryHeap<Head>, part: Part) -> io::Result<()> {
    let mut head = Head { item: Item::default(), part };
    if head.advance()? {
        heads.push(head);
    }
    Ok(())
}

/// Gives rows in the order of their keys.
#[derive(Debug)]
pub(super) struct Sorted {
    heads: BinaryHeap<Head>,
}

impl Sorted {
    /// The key of the next row.
    pub(super) fn key(&self) -> Option<&[u8]> {
        self.heads.peek().map(|head| head.item.key.as_slice())
    }

    /// The next row, in the place of the one before; `false`: there is none.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub(super) fn next(&mut self, item: &mut Item) -> io::Result<bool> {
        let Some(mut top) = self.heads.peek_mut() else { return Ok(false) };
        std::mem::swap(item, &mut top.item);
        if !top.advance()? {
            PeekMut::pop(top);
        }
        Ok(true)
    }
}

/// A part with its first row.
#[derive(Debug)]
struct Head {
    item: Item,
    part: Part,
}

#[derive(Debug)]
enum Part {
    Memory { buffer: Vec<u8>, places: std::vec::IntoIter<Place> },
    File(Ahead),
}

/// Reads a part of a file, some of it at once.
#[derive(Debug)]
struct Ahead {
    file: Arc<File>,
    next: u64,
    end: u64,
    buffer: Vec<u8>,
    at: usize,
}

impl Ahead {
    /// Has so many bytes at hand; `false`: the part is over.
    fn has(&mut self, many: usize) -> io::Result<bool> {
        let there = self.buffer.len() - self.at;
        if there >= many {
            return Ok(true);
        }
        self.buffer.drain(..self.at);
        self.at = 0;
        let left = usize::try_from(self.end - self.next).unwrap_or(usize::MAX);
        let more = left.min(AHEAD.max(many - there));
        if there + more < many {
            return Ok(false);
        }
        self.buffer.resize(there + more, 0);
        self.file.read_exact_at(&mut self.buffer[there..], self.next)?;
        self.next += more as u64;
        Ok(true)
    }
}

impl Head {
    /// Takes the next row of the part; `false`: there is none.
    fn advance(&mut self) -> io::Result<bool> {
        let item = &mut self.item;
        match &mut self.part {
            Part::Memory { buffer, places } => {
                let Some(next) = places.next().and_then(|place| row_at(buffer, place.at)) else { return Ok(false) };
                fill(item, next);
            }
            Part::File(ahead) => {
                if !ahead.has(HEAD)? {
                    return Ok(false);
                }
                let (key, row, _) = head(&ahead.buffer[ahead.at..]).unwrap_or_default();
                ahead.has(HEAD + key + row)?;
                let broken = || io::Error::new(io::ErrorKind::UnexpectedEof, "the sorted rows end in the middle of one");
                let next = row_at(&ahead.buffer, ahead.at).ok_or_else(broken)?;
                ahead.at = next.3;
                fill(item, next);
            }
        }
        Ok(true)
    }
}

fn fill(item: &mut Item, (key, number, row, _): (&[u8], u64, &[u8], usize)) {
    item.key.clear();
    item.key.extend_from_slice(key);
    item.number = number;
    item.row.clear();
    item.row.extend_from_slice(row);
}

impl Ord for Head {
    /// The smallest comes first out of the heap.
    fn cmp(&self, other: &Self) -> Ordering {
        other.item.key.cmp(&self.item.key).then_with(|| other.item.number.cmp(&self.item.number))
    }
}

impl PartialOrd for Head {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Head {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Head {}

#[cfg(test)]
#[path = "sorter_tests.rs"]
mod tests;
