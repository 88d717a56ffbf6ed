//! DMARC (RFC 7489): what receivers do with mail in the name of the domain that cannot prove where it is from.

use super::dns::{Dns, Unanswered};
use super::{Finding, Report, Sender};

/// Looks at the policy of the domain of `From`, and whether anything could prove that a message is its own.
pub async fn look(dns: &Dns, sender: &Sender<'_>, report: &mut Report) -> Result<(), Unanswered> {
    let from = sender.from;
    match policy(dns, from).await? {
        None => {
            let message = format!("[company] from: {from} has no DMARC record, which large providers want of everybody who sends much");
            let help = format!("publish a TXT record at _dmarc.{from}: \"v=DMARC1; p=none; rua=mailto:postmaster@{from}\", and read the reports");
            report.findings.push(Finding::warning("dmarc-missing", message, help));
        }
        Some((domain, record)) => match tag(&record, "p").map(str::to_ascii_lowercase).as_deref() {
            Some("none") => report.notes.push(format!(
                "DMARC of {domain} is p=none: receivers report, and deliver what others send in your name. p=quarantine is the next step."
            )),
            Some("quarantine" | "reject") => report.notes.push(format!("DMARC of {domain}: {record}")),
            _ => {
                let message = format!("[company] from: the DMARC record of {domain} has no policy: {record}");
                report.findings.push(Finding::warning("dmarc-invalid", message, "begin it with v=DMARC1; p=none;"));
            }
        },
    }
    if sender.signer.is_none() && !aligned(sender.return_path, from) {
        let message = format!(
            "[company] return_path: bounces go to {}, so that SPF says nothing of {from}, and nothing is signed here",
            sender.return_path
        );
        let help =
            format!("sign with [dkim], see that the relay signs for {from}, or take a return path below it: else DMARC fails");
        report.findings.push(Finding::warning("dmarc-alignment", message, help));
    }
    Ok(())
}

/// The record of a domain, else of the nearest one above it that has one, with that domain.
async fn policy(dns: &Dns, from: &str) -> Result<Option<(String, String)>, Unanswered> {
    let mut domain = from;
    loop {
        let all = dns.txt(&format!("_dmarc.{domain}")).await?;
        if let Some(record) = all.into_iter().find(|t| t.trim_start().to_ascii_uppercase().starts_with("V=DMARC1")) {
            return Ok(Some((domain.to_owned(), record)));
        }
        match domain.split_once('.') {
            Some((_, above)) if above.contains('.') => domain = above,
            _ => return Ok(None),
        }
    }
}

/// The value of a tag: `p=none`.
fn tag<'r>(record: &'r str, name: &str) -> Option<&'r str> {
    let tags = record.split(';').filter_map(|t| t.split_once('='));
    tags.map(|(n, v)| (n.trim(), v.trim())).find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v)
}

/// Whether one of two domains is the other one, or below it.
fn aligned(a: &str, b: &str) -> bool {
    let (a, b) = (a.to_ascii_lowercase(), b.to_ascii_lowercase());
    a == b || a.ends_with(&format!(".{b}")) || b.ends_with(&format!(".{a}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_is_read_with_its_blanks_and_in_any_case() {
        assert_eq!(tag("v=DMARC1; P = reject ;rua=mailto:a@b.example", "p"), Some("reject"));
        assert_eq!(tag("v=DMARC1", "p"), None);
        assert!(aligned("bounce.example.com", "Example.com") && aligned("example.com", "mail.example.com"));
        assert!(!aligned("ample.com", "example.com"));
    }
}
