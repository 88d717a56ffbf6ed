//! `transport = "file"`: one `.eml` per message, written so that it is whole or not there.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::outcome::{Cause, Outcome};
use super::phase::Phase;
use super::reply::Reply;
use crate::hex::hex;
use crate::message::Message;

/// Writes the message so that it survives a crash; the same Message-ID is the same file, so that writing it again doubles
/// nothing.
pub(super) async fn write(directory: PathBuf, message: &Message) -> Outcome {
    let (name, bytes) = (file_name(&message.message_id), message.bytes.clone());
    let shown = directory.join(&name).display().to_string();
    let written = tokio::task::spawn_blocking(move || write_whole(&directory, &name, &bytes)).await;
    let error = match written {
        Ok(Ok(())) => {
            let reply = Reply::new(250, format!("2.0.0 written to {shown}"));
            return Outcome::Accepted { reply, refused: Vec::new() };
        }
        Ok(Err(error)) => error.to_string(),
        Err(error) => error.to_string(),
    };
    let cause = Cause::Found(format!("{shown} cannot be written: {error}"));
    Outcome::Retry { phase: Phase::Body, cause, slow_down: false }
}

/// Writes the message under the same name for a rehearsal, whose files nobody needs after a crash. Returns the file.
///
/// # Errors
/// When it cannot be written.
pub fn put(directory: &Path, message: &Message) -> std::io::Result<PathBuf> {
    let path = directory.join(file_name(&message.message_id));
    std::fs::write(&path, &message.bytes)?;
    Ok(path)
}

fn write_whole(directory: &Path, name: &str, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = tempfile::Builder::new().prefix(".writing-").tempfile_in(directory)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(directory.join(name)).map_err(|e| e.error)?;
    std::fs::File::open(directory)?.sync_all()
}

/// The Message-ID without its brackets; when a character of it cannot stand in a file's name, or it is too long, a
/// fingerprint keeps two names apart.
fn file_name(message_id: &str) -> String {
    let bare = message_id.trim_start_matches('<').trim_end_matches('>');
    let safe = |c: char| c.is_ascii_alphanumeric() || "@-_+.".contains(c);
    let name: String = bare.chars().take(120).map(|c| if safe(c) { c } else { '_' }).collect();
    if name == bare && !name.is_empty() && !name.starts_with('.') {
        return format!("{name}.eml");
    }
    let digest = hex(&Sha256::digest(bare)[..6]);
    format!("{}-{digest}.eml", name.trim_start_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address::EmailAddress;

    fn message(message_id: &str) -> Message {
        let address = EmailAddress::parse("a@x.test").unwrap();
        let bytes = b"Subject: x\r\n\r\n.\r\n".to_vec();
        Message {
            message_id: message_id.to_owned(),
            contact: "01J".to_owned(),
            sender: address.clone(),
            recipients: vec![address],
            bytes,
        }
    }

    #[test]
    fn a_message_id_becomes_one_name_and_never_a_path() {
        assert_eq!(file_name("<01J.x@example.com>"), "01J.x@example.com.eml");
        for hostile in ["<../../etc/passwd>", "</etc/passwd>", "<.hidden>", "<>", "<a/b>", "<a\0b>"] {
            let name = file_name(hostile);
            assert!(!name.contains('/') && !name.starts_with('.') && !name.contains('\0'), "{name}");
        }
        assert_ne!(file_name("<a/b>"), file_name("<a_b>"));
        assert!(file_name(&"x".repeat(500)).len() < 200);
    }

    #[tokio::test]
    async fn a_message_is_written_once_however_often_it_is_sent() {
        let dir = tempfile::tempdir().unwrap();
        for _ in 0..2 {
            let outcome = write(dir.path().to_owned(), &message("<1@x.test>")).await;
            assert!(outcome.describe().contains("250 2.0.0 written to"), "{}", outcome.describe());
        }
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
        assert_eq!(std::fs::read(dir.path().join("1@x.test.eml")).unwrap(), message("").bytes);
    }

    #[tokio::test]
    async fn a_message_that_cannot_be_written_is_tried_again() {
        let outcome = write(PathBuf::from("/nonexistent"), &message("<1@x.test>")).await;
        assert!(matches!(outcome, Outcome::Retry { .. }), "{outcome:?}");
    }
}
