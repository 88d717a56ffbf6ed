//! The shipped templates before the sample cases.

use std::path::{Path, PathBuf};

use super::samples::{Sample, samples};
use super::{Company, Context, Rendered, Renderer};

fn templates() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("templates")
}

fn shipped() -> Renderer {
    Renderer::load(&templates(), "en").unwrap_or_else(|problems| {
        panic!("{}", problems.iter().map(|p| p.render(false)).collect::<Vec<_>>().join("\n"));
    })
}

#[test]
fn the_shipped_templates_have_no_problem() {
    let problems = shipped().check(&Company::sample());
    assert!(problems.is_empty(), "{}", problems.iter().map(|p| p.render(false)).collect::<Vec<_>>().join("\n"));
}

#[test]
fn a_renderer_can_be_shared_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<Renderer>();
}

/// For the eye: every shipped template in every case, under `target/rendered/`.
#[test]
fn every_shipped_template_can_be_looked_at() {
    let renderer = shipped();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/rendered");
    std::fs::create_dir_all(&folder).unwrap();
    for Sample { name: case, context } in samples(&Company::sample(), &Default::default()) {
        for name in renderer.names() {
            for language in ["en", "de", "fr"] {
                let Rendered { subject, text, html, .. } = renderer.render(name, language, &context).unwrap();
                let base = format!("{language}-{name}-{}", case.replace(' ', "-"));
                std::fs::write(folder.join(format!("{base}.txt")), format!("Subject: {subject}\n\n{text}")).unwrap();
                std::fs::write(folder.join(format!("{base}.html")), html.unwrap()).unwrap();
            }
        }
    }
}

#[test]
fn the_english_texts_are_as_they_were() {
    let renderer = shipped();
    let context = Context { pay_by: None, ..super::samples::one(&Company::sample()) };
    for name in renderer.names() {
        let Rendered { subject, text, .. } = renderer.render(name, "en", &context).unwrap();
        insta::with_settings!({ prepend_module_to_snapshot => false, snapshot_path => "snapshots", omit_expression => true }, {
            insta::assert_snapshot!(name, format!("Subject: {subject}\n\n{text}"));
        });
    }
}

#[test]
fn a_deadline_takes_the_place_of_the_seven_days_in_the_final_reminders() {
    let (renderer, context) = (shipped(), super::samples::one(&Company::sample()));
    for (language, day) in [("en", "April 10, 2026"), ("de", "bis zum 10. April 2026"), ("fr", "au plus tard le 10 avril 2026")] {
        for name in ["final", "past-due-60"] {
            let Rendered { text, html, .. } = renderer.render(name, language, &context).unwrap();
            assert!(text.replace('\n', " ").contains(day) && html.unwrap().contains(day), "{language}: {text}");
        }
    }
    assert!(renderer.without_deadline("final", &Company::sample()).is_empty());
    assert_eq!(renderer.without_deadline("past-due", &Company::sample()), ["de", "en", "fr"]);
}

#[test]
fn amounts_and_dates_follow_the_customers_language() {
    let renderer = shipped();
    let context = super::samples::one(&Company::sample());
    for (language, amount, due) in [
        ("de", "1.234,50\u{a0}$", "02.03.2026"),
        ("de-AT", "$\u{a0}1\u{a0}234,50", "02.03.2026"),
        ("fr", "1\u{202f}234,50\u{a0}$", "02/03/2026"),
        ("en-GB", "$1,234.50", "2 Mar 2026"),
        ("pl", "$1,234.50", "Mar 2, 2026"),
    ] {
        let rendered = renderer.render("past-due", language, &context).unwrap();
        for body in [&rendered.text, rendered.html.as_ref().unwrap()] {
            assert!(body.contains(amount) && body.contains(due), "{language}: {body}");
        }
    }
    let german = renderer.render("reminder", "de", &context).unwrap();
    assert!(german.text.contains("am 2. März 2026 fällig"), "{}", german.text);
    let french = renderer.render("reminder", "fr-CA", &context).unwrap();
    assert!(french.text.contains("le 2 mars 2026"), "{}", french.text);
    assert!(french.html.unwrap().contains("<html lang=\"fr-CA\">"));
    assert_eq!(french.language, "fr");
    assert_eq!(renderer.render("reminder", "pl", &context).unwrap().language, "en");
}

/// The tags of an HTML text with the names of their attributes, in order.
fn tags(html: &str) -> Vec<String> {
    let tag = |rest: &str| {
        let inner = rest.split('>').next().unwrap_or_default();
        let mut quoted = false;
        let bare: String = inner
            .chars()
            .filter(|c| {
                quoted ^= *c == '"';
                !quoted
            })
            .collect();
        bare
    };
    html.match_indices('<').map(|(at, _)| tag(&html[at + 1..])).collect()
}

#[test]
fn a_ledgers_text_never_becomes_markup() {
    let renderer = shipped();
    let all = samples(&Company::sample(), &Default::default());
    let hostile = &all.iter().find(|s| s.name == "hostile texts").unwrap().context;
    let mut tame = hostile.clone();
    tame.customer.name = "A".into();
    tame.customer.phone = Some("1".into());
    for invoice in tame.invoices.iter_mut().chain(&mut tame.other_open) {
        (invoice.number, invoice.customer_name, invoice.po_number) = ("1".into(), "A".into(), Some("1".into()));
    }
    for name in renderer.names() {
        for language in ["en", "de", "fr"] {
            let html = |context| renderer.render(name, language, context).unwrap().html.unwrap();
            assert_eq!(tags(&html(hostile)), tags(&html(&tame)), "{language}/{name}");
            let text = renderer.render(name, language, hostile).unwrap();
            assert!(!text.subject.contains(['\r', '\n', '\0']) && !text.text.contains(['\r', '\0']));
            assert!(!text.text.contains("javascript:") && !text.text.contains("evil.example"), "{}", text.text);
        }
    }
}

#[test]
fn every_shipped_html_can_be_read_by_everybody() {
    let renderer = shipped();
    // The hostile case holds such words as text; it has a test of its own.
    for Sample { context, .. } in
        samples(&Company::sample(), &Default::default()).into_iter().filter(|s| s.name != "hostile texts")
    {
        for name in renderer.names() {
            for language in ["en", "de", "fr"] {
                let html = renderer.render(name, language, &context).unwrap().html.unwrap();
                assert!(html.contains(&format!("<html lang=\"{language}\">")), "{name}");
                let title = html.split("<title>").nth(1).and_then(|t| t.split("</title>").next()).unwrap();
                assert!(!title.trim().is_empty(), "{name}");
                assert_eq!(html.matches("<th ").count(), html.matches("<th scope=").count(), "{name}");
                assert!(html.contains("name=\"color-scheme\" content=\"light dark\""));
                for outside in ["src=", "url(", "@import", "<link", "<img", "<script", "href=\"http:"] {
                    assert!(!html.contains(outside), "{name}: {outside}");
                }
            }
        }
    }
}

#[test]
fn every_text_names_each_invoice_and_what_is_open() {
    let renderer = shipped();
    let context = samples(&Company::sample(), &Default::default()).remove(1).context;
    assert_eq!(context.invoices.len(), 300);
    for name in [
        "issued",
        "invoice-copy",
        "verify",
        "reminder",
        "past-due",
        "past-due-30",
        "past-due-45",
        "past-due-60",
        "final",
        "statement",
        "notice",
    ] {
        let rendered = renderer.render(name, "en", &context).unwrap();
        for body in [&rendered.text, rendered.html.as_ref().unwrap()] {
            for invoice in &context.invoices {
                let amount = super::locale::Locale::new("en").money(invoice.open_balance.parse().unwrap(), invoice.currency);
                assert!(body.contains(&invoice.number) && body.contains(&amount), "{name}: {}", invoice.number);
            }
        }
    }
}
