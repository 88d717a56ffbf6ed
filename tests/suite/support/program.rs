//! The real program: how it is started, what it says, how it ends.

use std::io::Read;
use std::ops::{Deref, DerefMut};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

/// The program with nothing of this machine's settings.
pub fn program(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dunningd"));
    command.args(args).env_clear().env("NO_COLOR", "1").env("USER", "tester").stdin(Stdio::null());
    command
}

/// A process that does not outlive its test.
pub struct Running(pub Child);

impl Running {
    /// Waits for its end, and says what it said.
    pub fn finish(mut self) -> Said {
        let (mut out, mut err) = (self.0.stdout.take().unwrap(), self.0.stderr.take().unwrap());
        let reading = std::thread::spawn(move || read_to_string(&mut err));
        let (out, err) = (read_to_string(&mut out), reading.join().unwrap());
        Said { code: self.0.wait().unwrap().code(), out, err }
    }
}

fn read_to_string(from: &mut dyn Read) -> String {
    let mut text = String::new();
    from.read_to_string(&mut text).unwrap();
    text
}

impl Drop for Running {
    fn drop(&mut self) {
        // One that has ended by itself cannot be killed any more.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Deref for Running {
    type Target = Child;

    fn deref(&self) -> &Child {
        &self.0
    }
}

impl DerefMut for Running {
    fn deref_mut(&mut self) -> &mut Child {
        &mut self.0
    }
}

/// Sends a signal to a process that a test has started.
pub fn signal(child: &Child, name: &str) {
    let sent = Command::new("sh").arg("-c").arg(format!("kill -{name} {}", child.id())).status().unwrap();
    assert!(sent.success());
}

/// How a command ended, and what it said.
#[derive(Debug)]
pub struct Said {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Self { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }
}

impl Said {
    /// The JSON objects, one a line.
    pub fn json(&self) -> Vec<Value> {
        self.out.lines().map(|l| serde_json::from_str(l).unwrap_or_else(|e| panic!("{e} in {l:?} of {self:#?}"))).collect()
    }

    /// Insists on an exit code.
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self:#?}");
        self
    }

    /// Insists that both texts together hold this.
    pub fn says(self, text: &str) -> Self {
        assert!(self.err.contains(text) || self.out.contains(text), "{text:?} is not in {self:#?}");
        self
    }
}

/// What `run --once --format json` said.
#[derive(Debug)]
pub struct Polled {
    pub code: Option<i32>,
    pub contacts: Vec<Value>,
    pub poll: Value,
    #[expect(dead_code, reason = "a test that fails shows it")]
    pub err: String,
}

impl From<Said> for Polled {
    fn from(said: Said) -> Self {
        let mut contacts = said.json();
        let last = contacts.pop().unwrap_or_else(|| panic!("{said:#?}"));
        let poll = last.get("poll").unwrap_or_else(|| panic!("{last}")).clone();
        Self { code: said.code, contacts, poll, err: said.err }
    }
}

impl Polled {
    /// `customer: state`, one for each contact.
    pub fn states(&self) -> Vec<String> {
        states(&self.contacts)
    }
}

/// `customer: state`, one for each contact.
pub fn states(contacts: &[Value]) -> Vec<String> {
    contacts.iter().map(|c| format!("{}: {}", text(c, "customer"), text(c, "state"))).collect()
}

/// A text of a JSON object.
pub fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_else(|| panic!("{name:?} is no text in {value}"))
}
