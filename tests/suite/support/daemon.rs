//! The daemon itself, by the machine's clock, and what it says while it works.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;
use std::sync::{Arc, Mutex};

use chrono::{DateTime, Days, Timelike as _, Utc};
use serde_json::Value;

use super::company::{Company, Running, signal};
use super::post::wait_until;

/// The hour and the day by the machine's clock.
#[expect(clippy::disallowed_methods, reason = "the daemon under test goes by this clock")]
pub fn now() -> DateTime<Utc> {
    Utc::now()
}

/// A zone in which it is neither midnight nor about to be.
pub fn zone_by_day() -> (&'static str, i64) {
    if (4..20).contains(&now().hour()) { ("UTC", 0) } else { ("Etc/GMT+10", -10) }
}

/// A due date three days ago, in that zone.
pub fn three_days_ago() -> String {
    let today = (now() + chrono::TimeDelta::hours(zone_by_day().1)).date_naive();
    (today - Days::new(3)).to_string()
}

/// A timetable by which e-mails leave at this hour, whichever it is.
pub fn timetable_for_now() -> String {
    format!(
        "time_zone = \"{}\"\nsend_window = {{ days = \"mon-sun\", from = \"00:00\", to = \"23:59\" }}\ngo_live = \"2020-01-01\"\n\
         quiet_days = 0\nvolume_guard = 0\n\n[[segment]]\nname = \"all\"\n\n[[step]]\nid = \"past-due\"\nemail = \"past-due\"\ndays = 3\n",
        zone_by_day().0
    )
}

/// A daemon at work.
pub struct Daemon {
    pub process: Running,
    said: Arc<Mutex<Vec<Value>>>,
}

impl Daemon {
    /// Starts one of this name, which has a folder for its mark, and waits until it is ready.
    pub fn start(company: &Company, name: &str) -> Self {
        let daemon = Self::begin(company, name);
        wait_until("the daemon is ready", || daemon.has_said("ready"));
        daemon
    }

    pub fn begin(company: &Company, name: &str) -> Self {
        Self::begin_with(company, name, &[])
    }

    /// With these variables in its environment.
    pub fn begin_with(company: &Company, name: &str, environment: &[(String, String)]) -> Self {
        let state = company.path(name);
        std::fs::create_dir_all(&state).unwrap();
        let mut command = company.command(&["run", "--format", "json"]);
        command.envs(environment.iter().cloned());
        command.env("STATE_DIRECTORY", state).stderr(Stdio::piped()).stdout(Stdio::null());
        let mut process = Running(command.spawn().unwrap());
        let said = Arc::new(Mutex::new(Vec::new()));
        let (lines, heard) = (BufReader::new(process.stderr.take().unwrap()).lines(), Arc::clone(&said));
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let line = serde_json::from_str(&line).unwrap_or(Value::String(line));
                heard.lock().unwrap().push(line);
            }
        });
        Self { process, said }
    }

    /// All lines so far.
    pub fn said(&self) -> Vec<Value> {
        self.said.lock().unwrap().clone()
    }

    /// Whether a line holds this text.
    pub fn has_said(&self, text: &str) -> bool {
        self.said().iter().any(|line| line.to_string().contains(text))
    }

    pub fn signal(&self, name: &str) {
        signal(&self.process, name);
    }

    /// Tells it to stop, and waits until it has.
    pub fn stop(mut self) -> Option<i32> {
        self.signal("TERM");
        self.process.wait().unwrap().code()
    }
}
