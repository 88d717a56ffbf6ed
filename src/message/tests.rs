//! The shipped templates before the sample cases.

use std::path::{Path, PathBuf};

use super::samples::{Sample, samples};
use super::{Company, Rendered, Renderer};

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
