//! What the daemon says while it runs, on the standard error: readable lines with fields, or one JSON object a line.

use tracing_subscriber::EnvFilter;

use super::{Format, output};
use crate::config;

/// Begins to write down what is said: `usually`, unless `RUST_LOG` chooses otherwise.
pub fn begin(format: Format, usually: &str) {
    let filter = EnvFilter::try_new(config::log_filter(usually)).unwrap_or_else(|error| {
        output::remark(&format!("RUST_LOG is not understood ({error}): the log shows `{usually}`"));
        EnvFilter::new(usually)
    });
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false);
    // It fails only if somebody writes it down already.
    let _ = match format {
        Format::Text => lines.with_ansi(output::colour_of_errors()).try_init(),
        Format::Json => lines.json().flatten_event(true).with_current_span(false).with_span_list(false).try_init(),
    };
}
