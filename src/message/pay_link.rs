//! The payment link of an invoice, if it is one that a customer may safely click (D12).

use url::{Host, Url};

/// Longer links are cut by mail programs, and nobody reads them.
const LIMIT: usize = 2000;

/// The link in its normal form, or `None` when it is anything but an `https:` address of a host with a name: another
/// scheme, a user name (`https://bank.example@evil.example`), an IP address, a host that looks like another one.
#[must_use]
pub fn safe(link: &str) -> Option<String> {
    let link = link.trim();
    // The URL standard drops tabs and line breaks silently, and takes `\` for `/`: no honest link has them.
    if link.is_empty() || link.len() > LIMIT || link.chars().any(|c| c.is_control() || c.is_whitespace() || c == '\\') {
        return None;
    }
    let url = Url::parse(link).ok()?;
    let named = matches!(url.host(), Some(Host::Domain(host)) if host.contains('.') && host.split('.').all(is_honest));
    let bare = url.username().is_empty() && url.password().is_none() && !authority(link).contains('@');
    (url.scheme() == "https" && named && bare).then(|| url.to_string())
}

/// What stands between `//` and the path, as written.
fn authority(link: &str) -> &str {
    let rest = link.split_once("//").map_or("", |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or_default()
}

/// A label of ASCII letters, or an international one of Latin letters with marks (`münchen`). Other scripts have letters
/// that look like Latin ones.
fn is_honest(label: &str) -> bool {
    if !label.starts_with("xn--") {
        return label.is_ascii();
    }
    let (shown, read) = idna::domain_to_unicode(label);
    let latin = |c: char| c.is_ascii_alphanumeric() || c == '-' || (('ß'..='ž').contains(&c) && !"÷ıĸŀŉ".contains(c));
    read.is_ok() && shown.chars().all(latin)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_https_link_is_kept() {
        for link in ["https://pay.example.com/i/1?a=1&b=2", "https://pay.example.com:8443/x"] {
            assert_eq!(safe(link).as_deref(), Some(link));
        }
        assert_eq!(safe(" https://PAY.example.com ").as_deref(), Some("https://pay.example.com/"));
        assert_eq!(safe("https://zahlung.münchen.example/").as_deref(), Some("https://zahlung.xn--mnchen-3ya.example/"));
    }

    #[test]
    fn whatever_might_mislead_the_customer_is_left_out() {
        for link in [
            "",
            "javascript:alert(1)",
            "http://pay.example.com/",
            "//evil.example/",
            "https://bank.example@evil.example/",
            "https://@evil.example/",
            "https://user:secret@pay.example.com/",
            "https://127.0.0.1/",
            "https://[::1]/",
            "https://localhost/",
            "https://р\u{430}ypal.example/",
            "https://раураl.example/",
            "https://paypaı.example/",
            "https://pay.exam\nple.com/",
            "https:\\\\evil.example\\",
            "https://pay.example.com/\u{0}",
            "data:text/html,x",
        ] {
            assert_eq!(safe(link), None, "{link:?}");
        }
        assert_eq!(safe(&format!("https://pay.example.com/{}", "x".repeat(3000))), None);
    }
}
