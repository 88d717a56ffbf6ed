//! A ZIP that is made beside its place and put there as a whole; the same input makes the same bytes.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow};
use sha2::{Digest as _, Sha256};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

/// A ZIP that is being made.
pub struct Bundle {
    zip: ZipWriter<tempfile::NamedTempFile>,
    place: PathBuf,
    /// The file that is being written, and its hash so far.
    current: Option<(String, Sha256)>,
    sums: String,
}

impl Bundle {
    /// Begins one; nothing is seen at its place before [`Bundle::end`].
    pub fn begin(place: &Path) -> Result<Self> {
        let folder = place.parent().filter(|f| !f.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let file = tempfile::Builder::new().prefix(".evidence-").tempfile_in(folder)?;
        Ok(Self { zip: ZipWriter::new(file), place: place.to_owned(), current: None, sums: String::new() })
    }

    /// Begins a file in it, whose bytes come with [`Bundle::put`]. All files have the same time: when they were packed
    /// proves nothing.
    pub fn start(&mut self, name: &str) -> Result<()> {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Stored)
            .last_modified_time(DateTime::default())
            .unix_permissions(0o644)
            .large_file(true);
        self.zip.start_file(name, options)?;
        self.current = Some((name.to_owned(), Sha256::new()));
        Ok(())
    }

    /// The next bytes of the file.
    pub fn put(&mut self, bytes: &[u8]) -> Result<()> {
        if let Some((_, hash)) = &mut self.current {
            hash.update(bytes);
        }
        Ok(self.zip.write_all(bytes)?)
    }

    /// The file is complete.
    pub fn finish(&mut self) {
        if let Some((name, hash)) = self.current.take() {
            // Writing into a String cannot fail.
            let _ = writeln!(self.sums, "{}  {name}", hex(&hash.finalize()));
        }
    }

    /// A whole file.
    pub fn file(&mut self, name: &str, bytes: &[u8]) -> Result<()> {
        self.start(name)?;
        self.put(bytes)?;
        self.finish();
        Ok(())
    }

    /// A whole file of JSON, for people as well.
    pub fn json(&mut self, name: &str, value: &impl serde::Serialize) -> Result<()> {
        self.file(name, (serde_json::to_string_pretty(value)? + "\n").as_bytes())
    }

    /// Adds the hashes of all files, and puts the ZIP in its place, unless something is there by now.
    pub fn end(mut self) -> Result<()> {
        let sums = std::mem::take(&mut self.sums);
        self.file("SHA256SUMS", sums.as_bytes())?;
        let file = self.zip.finish()?;
        file.as_file().sync_all()?;
        file.persist_noclobber(&self.place).map_err(|e| anyhow!(e.error))?;
        Ok(())
    }
}

/// In hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}
