//! SPF (RFC 7208): which hosts may send for the domain of the return path.

use super::dns::{Dns, Unanswered};
use super::{Finding, Report};

/// More lookups than this are an error for every receiver (RFC 7208 4.6.4).
const LOOKUPS: usize = 10;

/// Looks at the record of a domain and at those that it includes.
pub async fn look(dns: &Dns, domain: &str, report: &mut Report) -> Result<(), Unanswered> {
    let about = "[company] from";
    let records = records(dns, domain).await?;
    let record = match records.as_slice() {
        [] => {
            let message =
                format!("{about}: {domain}, where bounces go, has no SPF record: nobody knows which relays may send for it");
            let help = format!(
                "publish a TXT record at {domain}: \"v=spf1 include:…the relay's… -all\"; the provider of the relay says which"
            );
            report.findings.push(Finding::warning("spf-missing", message, help));
            return Ok(());
        }
        [record] => record,
        several => {
            let message = format!("{about}: {domain} has {} SPF records, so that none of them counts", several.len());
            report.findings.push(Finding::error("spf-several", message, "make one record of them"));
            return Ok(());
        }
    };
    let read = Record::read(record);
    report.notes.push(format!("SPF of {domain}: {record}"));
    if read.all == Some('+') {
        let message = format!("{about}: the SPF record of {domain} ends with +all: everybody may send in its name");
        report.findings.push(Finding::error("spf-open", message, "end it with -all or ~all"));
    }
    if read.all.is_none() && read.redirect.is_none() {
        let message = format!("{about}: the SPF record of {domain} does not say what holds for all other hosts");
        report.findings.push(Finding::warning("spf-no-end", message, "end it with -all or ~all"));
    }
    for word in &read.unknown {
        let message =
            format!("{about}: the SPF record of {domain} has a word that SPF does not know, {word:?}, so that it does not count");
        report.findings.push(Finding::error(
            "spf-invalid",
            message,
            "see RFC 7208: ip4, ip6, a, mx, include, exists, redirect, all",
        ));
    }
    count(dns, domain, read, report).await
}

/// Follows `include` and `redirect`, and counts what a receiver has to look up.
async fn count(dns: &Dns, domain: &str, first: Record, report: &mut Report) -> Result<(), Unanswered> {
    let mut lookups = first.lookups;
    let mut waiting: Vec<String> = first.leads_to();
    while let Some(name) = waiting.pop().filter(|_| lookups <= LOOKUPS) {
        // Macros depend on the message.
        if name.contains('%') {
            continue;
        }
        match records(dns, &name).await?.as_slice() {
            [one] => {
                let read = Record::read(one);
                lookups += read.lookups;
                waiting.extend(read.leads_to());
            }
            other => {
                let message = format!(
                    "[company] from: the SPF record of {domain} includes {name}, which has {} SPF records, so that it does not count",
                    other.len()
                );
                report.findings.push(Finding::error("spf-include", message, "take it out, or see how it is spelt"));
            }
        }
    }
    if lookups > LOOKUPS {
        let message =
            format!("[company] from: the SPF record of {domain} needs more than {LOOKUPS} lookups, so that it does not count");
        let help = "take out includes of services that you do not use any more, or write their networks as ip4: and ip6:";
        report.findings.push(Finding::error("spf-lookups", message, help));
    } else {
        report.notes.push(format!("The SPF record of {domain} needs {lookups} lookups of {LOOKUPS}."));
    }
    Ok(())
}

async fn records(dns: &Dns, domain: &str) -> Result<Vec<String>, Unanswered> {
    let all = dns.txt(domain).await?;
    let is_spf = |text: &String| {
        let text = text.trim_start().to_ascii_lowercase();
        text == "v=spf1" || text.starts_with("v=spf1 ")
    };
    Ok(all.into_iter().filter(is_spf).collect())
}

/// What matters of one record.
#[derive(Debug, Default, PartialEq, Eq)]
struct Record {
    /// The sign before `all`.
    all: Option<char>,
    includes: Vec<String>,
    redirect: Option<String>,
    /// Terms that a receiver has to ask the DNS for.
    lookups: usize,
    unknown: Vec<String>,
}

impl Record {
    fn read(text: &str) -> Self {
        let mut record = Self::default();
        for term in text.split_whitespace().skip(1) {
            let sign = term.chars().next().filter(|c| "+-~?".contains(*c));
            let bare = if sign.is_some() { &term[1..] } else { term };
            let end = bare.find([':', '/', '=']).unwrap_or(bare.len());
            let (word, rest) = bare.split_at(end);
            let value = rest.trim_start_matches([':', '=']).to_owned();
            match (word.to_ascii_lowercase().as_str(), rest.starts_with('=')) {
                ("all", false) => record.all = record.all.or(Some(sign.unwrap_or('+'))),
                ("include", false) => {
                    record.lookups += 1;
                    record.includes.push(value);
                }
                ("a" | "mx" | "ptr" | "exists", false) => record.lookups += 1,
                ("ip4" | "ip6", false) => {}
                ("redirect", true) => record.redirect = Some(value),
                // Other modifiers are passed over (RFC 7208 6).
                (_, true) => {}
                _ => record.unknown.push(term.to_owned()),
            }
        }
        // With `all`, a redirect is not looked at.
        record.redirect = record.redirect.filter(|_| record.all.is_none());
        record.lookups += usize::from(record.redirect.is_some());
        record
    }

    fn leads_to(self) -> Vec<String> {
        self.includes.into_iter().chain(self.redirect).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_terms_that_need_the_dns_are_counted_and_others_are_not() {
        let read = Record::read("v=spf1 ip4:192.0.2.0/24 a mx:example.org/24 include:one.example -exists:x ~all exp=e.example");
        assert_eq!((read.all, read.lookups, read.includes.as_slice()), (Some('~'), 4, &["one.example".to_owned()][..]));
        assert!(read.unknown.is_empty());
        let read = Record::read("v=spf1 redirect=other.example");
        assert_eq!((read.all, read.lookups, read.redirect.as_deref()), (None, 1, Some("other.example")));
        assert_eq!(Record::read("v=spf1 all").all, Some('+'));
        assert_eq!(Record::read("v=spf1 ip4:192.0.2.1 inlcude:x -all").unknown, ["inlcude:x"]);
    }
}
