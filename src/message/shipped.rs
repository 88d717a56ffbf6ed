//! The templates that come with dunningd, as `init` and `demo` write them.

macro_rules! shipped {
    ($($path:literal,)*) => {
        &[$(($path, include_bytes!(concat!("../../templates/", $path)) as &[u8])),*]
    };
}

/// All files, with their paths below the template folder.
#[must_use]
pub fn files() -> &'static [(&'static str, &'static [u8])] {
    shipped! {
        "_shared/base.html",
        "_shared/notice-table.html",
        "_shared/notice-table.txt",
        "_shared/plain-table.html",
        "_shared/plain-table.txt",
        "_shared/rows.html",
        "_shared/rows.txt",
        "_shared/statement-table.html",
        "_shared/statement-table.txt",
        "_shared/table.html",
        "_shared/table.txt",
        "de/_shared/interest.html",
        "de/_shared/interest.txt",
        "de/_shared/letter.html",
        "de/_shared/letter.txt",
        "de/_shared/payment.html",
        "de/_shared/payment.txt",
        "de/_shared/signature.html",
        "de/_shared/signature.txt",
        "de/_shared/which.txt",
        "de/_shared/words.html",
        "de/_shared/words.txt",
        "de/final/body.html",
        "de/final/body.txt",
        "de/final/subject.txt",
        "de/issued/body.html",
        "de/issued/body.txt",
        "de/issued/subject.txt",
        "de/notice/body.html",
        "de/notice/body.txt",
        "de/notice/subject.txt",
        "de/past-due/body.html",
        "de/past-due/body.txt",
        "de/past-due/subject.txt",
        "de/past-due-30/body.html",
        "de/past-due-30/body.txt",
        "de/past-due-30/subject.txt",
        "de/past-due-45/body.html",
        "de/past-due-45/body.txt",
        "de/past-due-45/subject.txt",
        "de/past-due-60/body.html",
        "de/past-due-60/body.txt",
        "de/past-due-60/subject.txt",
        "de/reminder/body.html",
        "de/reminder/body.txt",
        "de/reminder/subject.txt",
        "de/statement/body.html",
        "de/statement/body.txt",
        "de/statement/subject.txt",
        "de/test/body.html",
        "de/test/body.txt",
        "de/test/subject.txt",
        "de/thank-you/body.html",
        "de/thank-you/body.txt",
        "de/thank-you/subject.txt",
        "de/verify/body.html",
        "de/verify/body.txt",
        "de/verify/subject.txt",
        "en/_shared/interest.html",
        "en/_shared/interest.txt",
        "en/_shared/letter.html",
        "en/_shared/letter.txt",
        "en/_shared/payment.html",
        "en/_shared/payment.txt",
        "en/_shared/signature.html",
        "en/_shared/signature.txt",
        "en/_shared/which.txt",
        "en/_shared/words.html",
        "en/_shared/words.txt",
        "en/final/body.html",
        "en/final/body.txt",
        "en/final/subject.txt",
        "en/issued/body.html",
        "en/issued/body.txt",
        "en/issued/subject.txt",
        "en/notice/body.html",
        "en/notice/body.txt",
        "en/notice/subject.txt",
        "en/past-due/body.html",
        "en/past-due/body.txt",
        "en/past-due/subject.txt",
        "en/past-due-30/body.html",
        "en/past-due-30/body.txt",
        "en/past-due-30/subject.txt",
        "en/past-due-45/body.html",
        "en/past-due-45/body.txt",
        "en/past-due-45/subject.txt",
        "en/past-due-60/body.html",
        "en/past-due-60/body.txt",
        "en/past-due-60/subject.txt",
        "en/reminder/body.html",
        "en/reminder/body.txt",
        "en/reminder/subject.txt",
        "en/statement/body.html",
        "en/statement/body.txt",
        "en/statement/subject.txt",
        "en/test/body.html",
        "en/test/body.txt",
        "en/test/subject.txt",
        "en/thank-you/body.html",
        "en/thank-you/body.txt",
        "en/thank-you/subject.txt",
        "en/verify/body.html",
        "en/verify/body.txt",
        "en/verify/subject.txt",
        "fr/_shared/interest.html",
        "fr/_shared/interest.txt",
        "fr/_shared/letter.html",
        "fr/_shared/letter.txt",
        "fr/_shared/payment.html",
        "fr/_shared/payment.txt",
        "fr/_shared/signature.html",
        "fr/_shared/signature.txt",
        "fr/_shared/which.txt",
        "fr/_shared/words.html",
        "fr/_shared/words.txt",
        "fr/final/body.html",
        "fr/final/body.txt",
        "fr/final/subject.txt",
        "fr/issued/body.html",
        "fr/issued/body.txt",
        "fr/issued/subject.txt",
        "fr/notice/body.html",
        "fr/notice/body.txt",
        "fr/notice/subject.txt",
        "fr/past-due/body.html",
        "fr/past-due/body.txt",
        "fr/past-due/subject.txt",
        "fr/past-due-30/body.html",
        "fr/past-due-30/body.txt",
        "fr/past-due-30/subject.txt",
        "fr/past-due-45/body.html",
        "fr/past-due-45/body.txt",
        "fr/past-due-45/subject.txt",
        "fr/past-due-60/body.html",
        "fr/past-due-60/body.txt",
        "fr/past-due-60/subject.txt",
        "fr/reminder/body.html",
        "fr/reminder/body.txt",
        "fr/reminder/subject.txt",
        "fr/statement/body.html",
        "fr/statement/body.txt",
        "fr/statement/subject.txt",
        "fr/test/body.html",
        "fr/test/body.txt",
        "fr/test/subject.txt",
        "fr/thank-you/body.html",
        "fr/thank-you/body.txt",
        "fr/thank-you/subject.txt",
        "fr/verify/body.html",
        "fr/verify/body.txt",
        "fr/verify/subject.txt",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_the_folder_is_shipped_as_it_is() {
        fn walk(folder: &std::path::Path, found: &mut Vec<std::path::PathBuf>) {
            for entry in std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()) {
                if entry.is_dir() { walk(&entry, found) } else { found.push(entry) }
            }
        }
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
        let mut found = Vec::new();
        walk(&folder, &mut found);
        found.sort();
        let paths: Vec<_> = files().iter().map(|(path, _)| folder.join(path)).collect();
        assert_eq!(paths, found);
        for (path, bytes) in files() {
            assert_eq!(std::fs::read(folder.join(path)).unwrap(), *bytes, "{path}");
        }
    }
}
