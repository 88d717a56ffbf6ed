//! What the template of a forewarning sees (`LANGUAGE/_forewarning/`): the e-mails that wait for its reader's word (T34).

use chrono::NaiveDate;
use serde::Serialize;

use super::digest::{Approval, letterhead, samples, wrong};
use super::renderer::{RenderError, Rendered, Renderer};
use super::settings::Company;
use crate::diagnostic::Problem;

/// The folder of its templates, below each language.
pub const FOLDER: &str = "_forewarning";

/// Everything that the template may name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Forewarning {
    #[serde(serialize_with = "letterhead")]
    pub company: Company,
    pub recipient: String,
    pub today: NaiveDate,
    /// As the digest shows them, the oldest first.
    pub approvals: Vec<Approval>,
}

impl Renderer {
    /// Whether the folder has templates of the forewarning that this language is answered in.
    #[must_use]
    pub fn has_forewarning(&self, language: &str) -> bool {
        self.speaks(FOLDER, language)
    }

    /// Writes a forewarning.
    ///
    /// # Errors
    /// The place in the template, and what is wrong there.
    pub fn forewarning(&self, language: &str, forewarning: &Forewarning) -> Result<Rendered, RenderError> {
        self.render(FOLDER, language, forewarning)
    }

    /// What is wrong with the forewarning in its language, before the cases that it has to stand; each problem once.
    #[must_use]
    pub fn check_forewarning(&self, language: &str, company: &Company) -> Vec<Problem> {
        if !self.has_forewarning(language) {
            return Vec::new();
        }
        let tried = cases(company).into_iter().map(|(case, sample)| (case, self.forewarning(language, &sample)));
        wrong(FOLDER, "forewarning", tried)
    }
}

/// The cases that the template has to stand: those of the digest in which something waits.
fn cases(company: &Company) -> Vec<(&'static str, Forewarning)> {
    let of_digest = samples::samples(company).into_iter().filter(|(_, digest)| !digest.approvals.is_empty());
    let one = |d: super::digest::Digest| Forewarning {
        company: d.company,
        recipient: d.recipient,
        today: d.today,
        approvals: d.approvals,
    };
    of_digest.map(|(case, digest)| (case, one(digest))).collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// For the eye, too: under `target/rendered/`.
    #[test]
    fn the_shipped_forewarning_stands_every_case_in_every_language_and_says_what_can_be_done() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let renderer = Renderer::load(&root.join("templates"), "en").unwrap();
        let folder = root.join("target/rendered");
        std::fs::create_dir_all(&folder).unwrap();
        for language in ["en", "de", "fr"] {
            assert!(renderer.has_forewarning(language));
            assert!(renderer.check_forewarning(language, &Company::sample()).is_empty());
            for (case, sample) in cases(&Company::sample()) {
                let Rendered { subject, text, html, .. } = renderer.forewarning(language, &sample).unwrap();
                let html = html.unwrap();
                for part in [&text, &html] {
                    assert!(part.contains("dunningd approve 01KB") && part.contains("dunningd reject 01KB"), "{part}");
                }
                assert!(!html.contains("<script"), "{html}");
                let base = format!("{language}-forewarning-{}", case.replace([' ', '\''], "-"));
                std::fs::write(folder.join(format!("{base}.txt")), format!("Subject: {subject}\n\n{text}")).unwrap();
                std::fs::write(folder.join(format!("{base}.html")), html).unwrap();
            }
        }
        let full = &cases(&Company::sample())[0].1;
        let Rendered { subject, text, .. } = renderer.forewarning("en", full).unwrap();
        insta::with_settings!({ prepend_module_to_snapshot => false, snapshot_path => "snapshots", omit_expression => true }, {
            insta::assert_snapshot!("forewarning", format!("Subject: {subject}\n\n{text}"));
        });
    }

    #[test]
    fn a_broken_forewarning_is_found_before_its_hour() {
        let folder = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        write("en/a/subject.txt", "s");
        write("en/a/body.txt", "b");
        let renderer = Renderer::load(folder.path(), "en").unwrap();
        assert!(!renderer.has_forewarning("en") && renderer.check_forewarning("en", &Company::sample()).is_empty());
        write("en/_forewarning/subject.txt", "s");
        write("en/_forewarning/body.txt", "{{ aprovals }}");
        let said = Renderer::load(folder.path(), "en").unwrap().check_forewarning("en", &Company::sample());
        assert!(said[0].message.contains("aprovals"), "{}", said[0].message);
    }
}
