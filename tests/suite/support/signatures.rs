//! Keys as `openssl` writes them, and another implementation that verifies what they have signed.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A private key in a file, with what is published about it.
pub struct Key {
    pub file: PathBuf,
    pub record: String,
}

/// How a key is made and written.
pub const KINDS: [&str; 3] = ["rsa", "rsa-pkcs1", "ed25519"];

fn run(program: &str, args: &[&str]) -> Vec<u8> {
    let done = Command::new(program).args(args).output();
    let done = done.unwrap_or_else(|e| panic!("{program} is needed: apt-get install {program} ({e})"));
    assert!(done.status.success(), "{program} {args:?}: {}", String::from_utf8_lossy(&done.stderr));
    done.stdout
}

/// Makes a key that its owner only may read.
pub fn make(folder: &Path, kind: &str) -> Key {
    use std::os::unix::fs::PermissionsExt as _;
    let file = folder.join(format!("{kind}.pem"));
    let path = file.to_str().unwrap();
    match kind {
        "ed25519" => run("openssl", &["genpkey", "-algorithm", "ed25519", "-out", path]),
        _ => run("openssl", &["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", path]),
    };
    if kind == "rsa-pkcs1" {
        run("openssl", &["rsa", "-in", path, "-traditional", "-out", path]);
        assert!(std::fs::read_to_string(&file).unwrap().contains("BEGIN RSA PRIVATE KEY"));
    }
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    let public = run("openssl", &["pkey", "-in", path, "-pubout", "-outform", "DER"]);
    // RFC 8463: of an Ed25519 key the bare 32 octets are published.
    let record = match kind {
        "ed25519" => format!("v=DKIM1; k=ed25519; p={}", base64(&public[public.len() - 32..])),
        _ => format!("v=DKIM1; k=rsa; p={}", base64(&public)),
    };
    Key { file, record }
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// A Python that has dkimpy: Debian's own, since its packages are there, or the first of the path.
fn python() -> &'static str {
    let has = |python: &&str| {
        let asked = Command::new(python).args(["-c", "import dkim, nacl.signing"]).output();
        asked.is_ok_and(|a| a.status.success())
    };
    ["/usr/bin/python3", "python3"].into_iter().find(has).expect("apt-get install python3-dkim python3-nacl")
}

/// What dkimpy says of each message, when this key is published under this name: `good`, or `bad: …`.
pub fn verify(key: &Key, name: &str, messages: &[Vec<u8>]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/suite/support/verify_dkim.py");
    let mut command = Command::new(python());
    command.arg(script).arg(name).arg(&key.record);
    for (n, message) in messages.iter().enumerate() {
        let file = folder.path().join(format!("{n}.eml"));
        std::fs::write(&file, message).unwrap();
        command.arg(file);
    }
    let done = command.output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let verdicts: Vec<_> = String::from_utf8(done.stdout).unwrap().lines().map(str::to_owned).collect();
    assert_eq!(verdicts.len(), messages.len());
    verdicts
}
