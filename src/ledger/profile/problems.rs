//! What does not go together in a profile.

use super::file::{COLUMNS, File, Group, Lines};
use crate::diagnostic::{Problem, nearest, places::Places};

/// All that is wrong with it, each with its place.
pub fn problems(file: &File, places: &Places<'_>) -> Vec<Problem> {
    let mut found = Vec::new();
    let mut wrong = |path: &[&str], message: String, help: &str| {
        let place = places.key(path).or_else(|| places.key(&path[..1]));
        found.push(places.problem("invalid", place, message, help));
    };
    let known = |name: &str| match nearest(name, COLUMNS) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("known here: {}", COLUMNS.join(", ")),
    };
    for name in file.columns.keys().filter(|name| !COLUMNS.contains(&name.as_str())) {
        wrong(&["columns", name], format!("unknown key `{name}`"), &known(name));
    }
    for name in file
        .id
        .iter()
        .chain(file.keep.keys())
        .filter(|n| !file.columns.contains_key(*n) && !["customer_id", "customer_name"].contains(&n.as_str()))
    {
        let key = if file.id.contains(name) { "id" } else { "keep" };
        wrong(&[key], format!("`{key}` names `{name}`, which [columns] does not have"), &known(name));
    }
    let has = |name: &str| file.columns.contains_key(name);
    if file.columns.is_empty() {
        wrong(
            &["columns"],
            "there is no table [columns]".to_owned(),
            "say in which columns of the file what stands: [columns] number = \"Invoice No.\"",
        );
        return found;
    }
    if !has("number") && !has("id") {
        wrong(&["columns"], "[columns] needs `number` or `id`".to_owned(), "name the column with the number of the invoice");
    }
    if !has("customer_id") && !has("customer_name") && file.group != Some(Group::Customer) {
        let help =
            "name a column for `customer_id` or `customer_name`, or say group = \"customer\" if the customers are headings";
        wrong(&["columns"], "nothing says whose an invoice is".to_owned(), help);
    }
    if !has("due_date") && !(has("issue_date") && (has("terms") || file.default_due_days.is_some())) {
        let help = "name a column for `due_date`; or for `issue_date`, with `terms` or `default_due_days`";
        wrong(&["columns"], "nothing says when an invoice is due".to_owned(), help);
    }
    let amounts = ["open_balance", "total", "amount", "debit"];
    if !amounts.into_iter().any(has) {
        wrong(&["columns"], "nothing says how much is owed".to_owned(), "name a column for `open_balance` (or `total`)");
    }
    if file.lines == Lines::Sum && !has("amount") && !has("debit") {
        wrong(
            &["lines"],
            "lines = \"sum\" adds up postings, and no column has them".to_owned(),
            "name a column for `amount`, or `debit` and `credit`",
        );
    }
    let words = [&file.kinds.invoice, &file.kinds.credit, &file.kinds.payment];
    if !has("kind") && words.into_iter().any(|w| !w.is_empty()) {
        wrong(
            &["kinds"],
            "[kinds] has words for a column `kind`, which [columns] does not have".to_owned(),
            "name it: kind = \"Type\"",
        );
    }
    if has("kind") && file.kinds.invoice.is_empty() {
        wrong(
            &["columns", "kind"],
            "[kinds] does not say which word means an invoice".to_owned(),
            "write [kinds] with invoice = [\"Invoice\"]",
        );
    }
    if !file.kinds.payment.is_empty() && !has("pays") {
        wrong(
            &["kinds", "payment"],
            "nothing says which invoice a payment pays".to_owned(),
            "name a column for `pays`; or count it among `credit`",
        );
    }
    if has("status") && file.status.open.is_empty() {
        wrong(
            &["columns", "status"],
            "[status] does not say which word means open".to_owned(),
            "write [status] with open = [\"Open\"]",
        );
    }
    if file.grand_total.is_some() && !has("open_balance") {
        wrong(
            &["grand_total"],
            "`grand_total` is compared with `open_balance`, which [columns] does not have".to_owned(),
            "name that column, or take `grand_total` away",
        );
    }
    found
}
