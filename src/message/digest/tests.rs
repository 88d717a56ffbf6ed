//! The shipped digest.

use std::path::Path;

use super::samples::samples;
use super::*;

fn shipped() -> Renderer {
    Renderer::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("templates"), "en").unwrap()
}

/// For the eye, too: under `target/rendered/`.
#[test]
fn the_shipped_digest_stands_every_case_in_every_language() {
    let renderer = shipped();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/rendered");
    std::fs::create_dir_all(&folder).unwrap();
    for language in ["en", "de", "fr"] {
        assert!(renderer.has_digest(language) && renderer.check_digest(language, &Company::sample()).is_empty());
        for (case, sample) in samples(&Company::sample()) {
            let Rendered { subject, text, html, .. } = renderer.digest(language, &sample).unwrap();
            let base = format!("{language}-digest-{}", case.replace([' ', '\''], "-"));
            std::fs::write(folder.join(format!("{base}.txt")), format!("Subject: {subject}\n\n{text}")).unwrap();
            std::fs::write(folder.join(format!("{base}.html")), html.unwrap()).unwrap();
        }
    }
}

#[test]
fn the_english_digest_is_as_it_was() {
    let all = samples(&Company::sample());
    for (case, name) in [("collector and manager", "digest"), ("nothing at all", "digest-quiet")] {
        let sample = &all.iter().find(|(c, _)| *c == case).unwrap().1;
        let Rendered { subject, text, .. } = shipped().digest("en", sample).unwrap();
        insta::with_settings!({ prepend_module_to_snapshot => false, snapshot_path => "../snapshots", omit_expression => true }, {
            insta::assert_snapshot!(name, format!("Subject: {subject}\n\n{text}"));
        });
    }
}

#[test]
fn what_a_ledger_says_is_no_code_in_the_digest() {
    let all = samples(&Company::sample());
    let hostile = &all.iter().find(|(c, _)| *c == "hostile texts").unwrap().1;
    let html = shipped().digest("en", hostile).unwrap().html.unwrap();
    assert!(!html.contains("<script") && html.contains("&lt;script") && html.contains("{{ 7*7 }}"), "{html}");
}

#[test]
fn a_folder_without_digest_or_with_a_broken_one_is_found_before_the_morning() {
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("en/a/subject.txt", "s");
    write("en/a/body.txt", "b");
    assert!(!Renderer::load(folder.path(), "en").unwrap().has_digest("en"));
    write("en/_digest/subject.txt", "s");
    write("en/_digest/body.txt", "{{ custmer.name }}");
    let renderer = Renderer::load(folder.path(), "en").unwrap();
    assert!(renderer.has_digest("de"), "the default language stands in");
    let said = renderer.check_digest("en", &Company::sample());
    assert!(said[0].message.contains("custmer"), "{}", said[0].message);
}
