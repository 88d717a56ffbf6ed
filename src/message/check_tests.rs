//! Template folders with something wrong in them.

use std::fs;

use super::samples::{Sample, samples};
use super::{Company, RenderError, Renderer};
use crate::diagnostic::{Problem, Severity};

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn load(files: &[(&str, &str)]) -> Result<Renderer, Vec<Problem>> {
    Renderer::load(folder(files).path(), "en")
}

/// The problems of a template `a` with this body, as `line:column message (help)`.
fn problems_of(role: &str, body: &str) -> Vec<String> {
    let path = format!("en/a/{role}");
    match load(&[("en/a/subject.txt", "s"), (&path, body)]) {
        Ok(renderer) => said(&renderer.check(&Company::sample())),
        Err(problems) => said(&problems),
    }
}

fn said(problems: &[Problem]) -> Vec<String> {
    let say = |p: &Problem| {
        let place = p.line_column().map_or(String::new(), |(line, column)| format!("{line}:{column} "));
        format!("{place}{} ({})", p.message, p.help.as_deref().unwrap_or_default())
    };
    problems.iter().map(say).collect()
}

#[test]
fn an_unknown_name_is_found_even_where_tera_takes_it_for_false() {
    let said = problems_of("body.txt", "Dear\n{% if customer.piad %}a{% else %}UNPAID{% endif %}");
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].starts_with("2:16 `customer` has no `piad`"), "{said:?}");
    let said = problems_of("body.txt", "{% if custmer.name %}a{% endif %}");
    assert_eq!(said, ["1:7 unknown name `custmer` (did you mean `customer`?)"]);
    let said = problems_of("body.txt", "{% for i in invoices %}{% if i.numbr == \"x\" %}{% endif %}{% endfor %}");
    assert_eq!(said, ["1:32 `i` has no `numbr` (did you mean `number`?)"]);
    let said = problems_of("body.txt", "{{ \"a\" if invoices[0].due_dat else \"b\" }}");
    assert_eq!(said, ["1:23 `invoices[…]` has no `due_dat` (did you mean `due_date`?)"]);
    let said = problems_of("body.txt", "{% if invoices.number %}{% endif %}");
    assert!(said[0].contains("is a list"), "{said:?}");
    let said = problems_of("body.txt", "{% if today.year %}{% endif %}");
    assert!(said[0].contains("plain value"), "{said:?}");
}

#[test]
fn names_that_the_template_gives_itself_are_known() {
    for body in [
        "{% set n = invoices | length %}{% if n > 1 %}{{ n }}{% endif %}",
        "{% for i in invoices %}{% if loop.first %}{{ i.number }}{% endif %}{% endfor %}",
        "{% for name, value in customer %}{{ name }}{% endfor %}",
        "{{ [i.number for i in invoices] | join(sep=\", \") }}",
        "{% if [h for h in history if h.kind == \"email\"] %}a{% endif %}",
        "{% for i in invoices | sort(attribute=\"due_date\") %}{{ i.number }}{% endfor %}",
        "{% for i in invoices[:2] %}{{ i.number }}{% endfor %}",
        "{% set rows = [...invoices, ...other_open] %}{% for r in rows %}{{ r.number }}{% endfor %}",
        "{% if customer.phone is defined and not collector %}{{ customer.phone }}{% endif %}",
        "{{ customer.phone | default(value=\"-\") }}{{ customer[\"name\"] }}",
        "{# {{ nothing }} #}{% raw %}{{ nothing }}{% endraw %}",
        "{{ customer.extra.vat_id }}{% for i in invoices %}{{ i.extra.project }}{% endfor %}",
        "{% component box(title) %}{{ title }}: {{ body }}{% endcomponent box %}{% <box title=\"x\"> %}y{% </box> %}",
        "{%- if -1 < days_past_due -%}{{ -days_past_due }}{%- endif -%}",
    ] {
        assert_eq!(problems_of("body.txt", body), Vec::<String>::new(), "{body}");
    }
}

#[test]
fn a_part_knows_the_names_of_those_who_include_it_and_a_child_those_of_its_parent() {
    let good = [
        ("_shared/base.txt", "{% set who = customer.name %}{% block b %}{% endblock %}"),
        ("_shared/row.txt", "{{ i.number }}{% if w %}{{ w }}{% endif %}{% set inner = 1 %}"),
        ("en/a/subject.txt", "s"),
        (
            "en/a/body.txt",
            "{% extends \"_shared/base.txt\" %}{% block b %}{% set w = 1 %}{{ who }}{% for i in invoices %}{% include \"_shared/row.txt\" %}{% endfor %}{% endblock %}",
        ),
    ];
    assert_eq!(said(&load(&good).unwrap().check(&Company::sample())), Vec::<String>::new());
    let bad = [
        ("_shared/row.txt", "{% set inner = 1 %}{% if i.numbr %}{% endif %}"),
        ("en/a/subject.txt", "s"),
        ("en/a/body.txt", "{% for i in invoices %}{% include \"_shared/row.txt\" %}{% endfor %}{% if inner %}{% endif %}"),
    ];
    let found = said(&load(&bad).unwrap().check(&Company::sample()));
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].contains("`numbr`") && found[1].contains("`inner`"), "{found:?}");
}

#[test]
fn what_may_be_absent_has_to_be_asked_for() {
    let said = problems_of("body.txt", "Call {{ customer.phone }}");
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].contains("nothing optional") && said[0].contains("{% if customer.phone %}"), "{said:?}");
    assert!(problems_of("body.txt", "{% if customer.phone %}Call {{ customer.phone }}{% endif %}").is_empty());
}

#[test]
fn what_would_betray_or_endanger_the_customer_is_refused() {
    assert!(problems_of("body.html", "<p>{{ customer.name | safe }}</p>")[0].starts_with("1:23 `| safe` would"));
    assert!(problems_of("body.txt", "{{ __tera_context }}")[0].contains("__tera_context"));
    assert!(problems_of("body.html", "<a href={{ company.name }}>x</a>")[0].contains("without quotes"));
    assert!(problems_of("body.html", "<a href=\"{{ company.name }}\">x</a>").is_empty());
}

#[test]
fn an_unknown_filter_function_argument_or_part_has_a_place_and_a_suggestion() {
    for (body, message) in [
        ("{{ today | dat }}", "1:12 unknown filter `dat` (did you mean `date`?)"),
        ("{{ today | date(from=\"short\") }}", "1:17 `date` has no argument `from` (did you mean `form`?)"),
        ("{{ pay_lnk(invoice=invoices[0]) }}", "1:4 unknown function `pay_lnk` (did you mean `pay_link`?)"),
        ("{% if today is strng %}{% endif %}", "1:16 unknown test `strng` (did you mean `string`?)"),
        ("{% include \"a/subjct.txt\" %}", "1:12 unknown part `a/subjct.txt` (did you mean `a/subject.txt`?)"),
    ] {
        assert_eq!(problems_of("body.txt", body)[0], message);
    }
}

#[test]
fn every_broken_file_is_named_at_once() {
    let problems = load(&[
        ("en/a/subject.txt", "{{ a"),
        ("en/a/body.txt", "x\n{% if %}"),
        ("en/b/subject.txt", "s"),
        ("en/c/body.txt", "b"),
        ("en/c/body.html.tera", "b"),
        ("en/stray.txt", "s"),
        ("stray.txt", "s"),
    ])
    .unwrap_err();
    let text = problems.iter().map(|p| format!("{}: {}", p.file, p.message)).collect::<Vec<_>>().join("\n");
    for part in
        ["en/b: this template has no body", "en/c: this template has no subject", "body.html.tera", "en/stray.txt", "stray.txt"]
    {
        assert!(text.contains(part), "{part}\n{text}");
    }
    let problems = load(&[("en/a/subject.txt", "{{ a"), ("en/a/body.txt", "x\n{% if %}")]).unwrap_err();
    let places: Vec<_> = problems.iter().map(|p| p.line_column().map(|(line, _)| line)).collect();
    assert_eq!(places, [Some(2), Some(1)]);
    assert!(load(&[]).unwrap_err()[0].message.contains("default language"));
    assert!(Renderer::load(std::path::Path::new("/nowhere"), "en").unwrap_err()[0].message.contains("cannot be read"));
}

#[test]
fn a_missing_translation_is_a_warning_and_a_missing_default_an_error() {
    let renderer = load(&[
        ("en/a/subject.txt", "s"),
        ("en/a/body.txt", "b"),
        ("fr/b/subject.txt", "s"),
        ("fr/b/body.txt", "b"),
        ("fr-CA/b/subject.txt", "s"),
        ("fr-CA/b/body.txt", "b"),
    ])
    .unwrap();
    let found: Vec<_> = renderer.check(&Company::sample()).into_iter().map(|p| (p.severity, p.file)).collect();
    let expected =
        [(Severity::Warning, "fr/a".to_owned()), (Severity::Error, "en/b".to_owned()), (Severity::Warning, "en/b".to_owned())];
    assert_eq!(found, expected);
}

#[test]
fn a_language_falls_back_by_template() {
    let renderer = load(&[
        ("_shared/who.txt", "nobody"),
        ("fr/_shared/who.txt", "personne"),
        ("en/a/subject.txt", "{% include \"_shared/who.txt\" %}"),
        ("en/a/body.txt", "{{ language }}"),
        ("fr/a/subject.txt", "{% include \"_shared/who.txt\" %}"),
        ("fr/a/body.txt", "{{ language }}"),
        ("en/b/subject.txt", "b"),
        ("en/b/body.txt", "{{ language }}"),
        ("fr-CA/c/subject.txt", "{% include \"_shared/who.txt\" %}"),
        ("fr-CA/c/body.txt", "{{ language }}"),
    ])
    .unwrap();
    let Sample { context, .. } = samples(&Company::sample(), &Default::default()).remove(0);
    let shown = |name, language| {
        let rendered = renderer.render(name, language, &context).unwrap();
        (rendered.subject, rendered.text.trim().to_owned())
    };
    assert_eq!(shown("a", "fr"), ("personne".into(), "fr".into()));
    assert_eq!(shown("a", "en"), ("nobody".into(), "en".into()));
    assert_eq!(shown("a", "fr-CA"), ("personne".into(), "fr".into()));
    assert_eq!(shown("c", "fr-CA"), ("personne".into(), "fr-CA".into()));
    assert_eq!(shown("b", "fr"), ("b".into(), "en".into()));
    assert_eq!(shown("a", "xx"), ("nobody".into(), "en".into()));
    assert!(matches!(renderer.render("nope", "en", &context), Err(RenderError::Unknown { .. })));
}

#[test]
fn a_text_is_made_from_the_html_when_there_is_none() {
    let html = "<h1>Hi</h1><p>{{ customer.name }}</p><table><tr><td>a</td><td>b</td></tr></table>";
    let renderer = load(&[("en/a/subject.txt", "s"), ("en/a/body.html", html)]).unwrap();
    let rendered = renderer.render("a", "en", &super::samples::one(&Company::sample())).unwrap();
    assert!(rendered.text.contains("Atlas Machine Works") && !rendered.text.contains('<') && !rendered.text.contains('│'));
}

#[test]
fn a_template_that_never_ends_fails_alone() {
    let endless = "{% for a in range(end=100000) %}{% for b in range(end=100) %}xxxxxxxxxxxxxxxxxxxx{% endfor %}{% endfor %}";
    let renderer = load(&[("en/a/subject.txt", "s"), ("en/a/body.txt", endless)]).unwrap();
    let error = renderer.render("a", "en", &super::samples::one(&Company::sample())).unwrap_err();
    assert!(error.to_string().contains("bytes of text"), "{error}");
}

#[test]
fn a_failure_names_file_line_and_column() {
    let renderer = load(&[("en/a/subject.txt", "s"), ("en/a/body.txt", "a\n b {{ customer.nope }}")]).unwrap();
    let error = renderer.render("a", "en", &super::samples::one(&Company::sample())).unwrap_err();
    assert!(error.to_string().contains("en/a/body.txt:2:"), "{error}");
}

#[test]
fn a_link_that_is_not_https_is_a_warning_with_its_place() {
    let body = "<a href=\"http://pay.example.com/x\">pay</a> <html xmlns=\"http://www.w3.org/1999/xhtml\">";
    let renderer = load(&[("en/a/subject.txt", "s"), ("en/a/body.html", body)]).unwrap();
    let found = renderer.check(&Company::sample());
    assert_eq!(said(&found).len(), 1, "{found:?}");
    assert!(said(&found)[0].starts_with("1:10 a link that is not https"), "{found:?}");
    assert_eq!((found[0].severity, found[0].code), (Severity::Warning, "insecure-link"));
    assert!(problems_of("body.txt", "https://pay.example.com").is_empty());
    assert!(
        problems_of("body.html", "<a href=https://pay.example.com/{{ invoices[0].number }}>x</a>")[0].contains("without quotes")
    );
}
