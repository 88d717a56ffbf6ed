//! The language of an e-mail: the customer's, and else the default one.

use super::*;

#[test]
fn a_customer_without_a_language_is_written_to_in_the_default_one() {
    for (default, words) in [("en", "Dear"), ("de", "Sehr geehrte Damen und Herren")] {
        let post = Post::kind();
        // The last table of the file is [templates].
        let company = owed_by(&post, &["C-1"]).with_all_templates().with_settings(&format!("default_language = {default:?}\n"));
        assert_eq!(company.poll_at(MORNING).states(), ["C-1: sent"]);
        assert_eq!(text(&company.contact(), "language"), default);
        let said = post.only().text();
        assert!(said.contains(words), "{said}");
    }
}
