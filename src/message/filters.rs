//! What templates can do with amounts, dates and numbers: the filters `money`, `date`, `plural`, `left`, `right`,
//! `lines` and the function `pay_link`.
//!
//! Tera passes unknown keyword arguments over in silence; ours are checked.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use tera::{Error, Kwargs, State, Tera, TeraResult, Value};

use crate::message::locale::{DateForm, Locale};
use crate::message::pay_link;
use crate::money::Currency;

/// Our filters with the arguments that they know.
pub const FILTERS: [(&str, &[&str]); 6] = [
    ("money", &["currency"]),
    ("date", &["form"]),
    ("plural", &["one", "other"]),
    ("left", &["width"]),
    ("right", &["width"]),
    ("lines", &[]),
];

/// Our functions with the arguments that they know.
pub const FUNCTIONS: [(&str, &[&str]); 1] = [("pay_link", &["invoice"])];

/// Tera with our filters for one locale, which escapes what it puts into `body.html` – by the template's role, not by
/// what it includes.
#[must_use]
pub fn engine(locale: &Locale) -> Tera {
    let mut tera = Tera::new();
    tera.autoescape_on([".html"]);
    register(&mut tera, locale);
    tera
}

/// Puts our filters for `locale` into `tera`, in the place of those of another locale.
pub fn register(tera: &mut Tera, locale: &Locale) {
    let l = locale.clone();
    tera.register_filter("money", move |value: &Value, args: Kwargs, _: &State| money(&l, value, &args));
    let l = locale.clone();
    tera.register_filter("date", move |value: &str, args: Kwargs, _: &State| date(&l, value, &args));
    let l = locale.clone();
    tera.register_filter("plural", move |n: i64, args: Kwargs, _: &State| plural(&l, n, &args));
    tera.register_filter("left", |value: &Value, args: Kwargs, _: &State| pad("left", value, &args));
    tera.register_filter("right", |value: &Value, args: Kwargs, _: &State| pad("right", value, &args));
    tera.register_filter("lines", lines);
    tera.register_function("pay_link", |args: Kwargs, _: &State| link(&args));
}

/// `i.open_balance | money(currency=i.currency)`.
fn money(locale: &Locale, value: &Value, args: &Kwargs) -> TeraResult<String> {
    known(args, "money")?;
    let code: &str = args.must_get("currency")?;
    let currency: Currency = code.parse().map_err(Error::message)?;
    // As text it is exact; a number of the template's own (`0 | money(…)`) is exact while it is whole.
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let amount: Decimal = text.parse().map_err(|_| Error::message(format!("`money` is for amounts, and {text:?} is none")))?;
    Ok(locale.money(amount, currency))
}

/// `i.due_date | date`, `i.due_date | date(form="short")`.
fn date(locale: &Locale, value: &str, args: &Kwargs) -> TeraResult<String> {
    known(args, "date")?;
    let form = match args.get::<&str>("form")? {
        None | Some("long") => DateForm::Long,
        Some("short") => DateForm::Short,
        Some(other) => return Err(Error::message(format!("the forms of a date are \"long\" and \"short\", not {other:?}"))),
    };
    let date: NaiveDate = value.parse().map_err(|_| Error::message(format!("`date` is for dates, and {value:?} is none")))?;
    Ok(locale.date(date, form))
}

/// `n | plural(one="invoice", other="invoices")`: the word only.
fn plural(locale: &Locale, n: i64, args: &Kwargs) -> TeraResult<String> {
    known(args, "plural")?;
    let word: &str = args.must_get(if locale.is_one(n) { "one" } else { "other" })?;
    args.must_get::<&str>("one")?;
    args.must_get::<&str>("other")?;
    Ok(word.to_owned())
}

/// `i.number | left(width=14)`: filled with spaces, never cut.
fn pad(side: &'static str, value: &Value, args: &Kwargs) -> TeraResult<String> {
    known(args, side)?;
    let width = args.must_get::<usize>("width")?.min(200);
    let text = value.to_string();
    let fill = " ".repeat(width.saturating_sub(text.chars().count()));
    Ok(if side == "left" { text + &fill } else { fill + &text })
}

/// `company.address | lines`: escaped, with `<br>` for the line breaks in HTML; as it is elsewhere.
fn lines(value: &str, args: Kwargs, state: &State) -> TeraResult<Value> {
    known(&args, "lines")?;
    if !state.autoescaping_enabled() {
        return Ok(Value::from(value));
    }
    let escaped: TeraResult<Vec<String>> = value.trim().lines().map(|line| state.escape(line)).collect();
    Ok(Value::safe_string(&escaped?.join("<br>\n")))
}

/// `pay_link(invoice=i)`: the checked link, or an empty text, upon which a template leaves the link out.
fn link(args: &Kwargs) -> TeraResult<String> {
    known(args, "pay_link")?;
    let invoice: tera::Map = args.must_get("invoice")?;
    let link = invoice.iter().find(|(key, _)| key.to_string() == "payment_url").and_then(|(_, link)| link.as_str());
    Ok(link.and_then(pay_link::safe).unwrap_or_default())
}

fn known(args: &Kwargs, name: &str) -> TeraResult<()> {
    let known = FILTERS.iter().chain(&FUNCTIONS).find(|(n, _)| *n == name).map_or(&[][..], |(_, args)| args);
    match args.iter().map(|(key, _)| key.to_string()).find(|key| !known.contains(&key.as_str())) {
        Some(key) => Err(Error::message(format!("`{name}` has no argument `{key}`"))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn render(language: &str, name: &str, text: &str) -> Result<String, String> {
        let mut tera = engine(&Locale::new(language));
        tera.add_raw_template(name, text).map_err(|e| e.to_string())?;
        let invoice = serde_json::json!({"open_balance": "1234.50", "currency": "EUR", "due_date": "2026-03-02",
            "payment_url": "https://pay.example.com/?a=1&b=2"});
        let context = tera::context! { i => &invoice, address => "1 <b> Street\nTown", bad => &serde_json::json!({"payment_url": "http://x.test"}) };
        tera.render(name, &context).map_err(|e| e.to_string())
    }

    #[test]
    fn an_amount_and_a_date_follow_the_language() {
        let text = "{{ i.open_balance | money(currency=i.currency) }} {{ i.due_date | date }}";
        assert_eq!(render("en", "a.txt", text).unwrap(), "€1,234.50 March 2, 2026");
        assert_eq!(render("de", "a.txt", text).unwrap(), "1.234,50\u{a0}€ 2. März 2026");
    }

    #[test]
    fn an_unknown_argument_is_an_error() {
        for text in [
            "{{ i.open_balance | money(curency=i.currency) }}",
            "{{ i.due_date | date(fmt=\"x\") }}",
            "{{ 1 | plural(one=\"a\") }}",
        ] {
            assert!(render("en", "a.txt", text).is_err(), "{text}");
        }
        assert!(render("en", "a.txt", "{{ i.open_balance | money }}").is_err());
        assert!(render("en", "a.txt", "{{ i.due_date | money(currency=\"EUR\") }}").is_err());
    }

    #[test]
    fn a_word_follows_its_number() {
        let text = "{{ 0 | plural(one=\"a\", other=\"b\") }}{{ 1 | plural(one=\"a\", other=\"b\") }}{{ 2 | plural(one=\"a\", other=\"b\") }}";
        assert_eq!(render("en", "a.txt", text).unwrap(), "bab");
        assert_eq!(render("fr", "a.txt", text).unwrap(), "aab");
    }

    #[test]
    fn columns_are_filled_and_never_cut() {
        assert_eq!(
            render("en", "a.txt", "{{ \"ab\" | left(width=4) }}|{{ 7 | right(width=3) }}|{{ \"abcd\" | right(width=2) }}")
                .unwrap(),
            "ab  |  7|abcd"
        );
    }

    #[test]
    fn lines_are_escaped_in_html_and_left_alone_in_text() {
        assert_eq!(render("en", "a.html", "{{ address | lines }}").unwrap(), "1 &lt;b&gt; Street<br>\nTown");
        assert_eq!(render("en", "a.txt", "{{ address | lines }}").unwrap(), "1 <b> Street\nTown");
    }

    #[test]
    fn only_a_safe_link_is_given_to_the_template() {
        assert_eq!(render("en", "a.txt", "{{ pay_link(invoice=i) }}").unwrap(), "https://pay.example.com/?a=1&b=2");
        assert_eq!(render("en", "a.txt", "{% if pay_link(invoice=bad) %}yes{% else %}no{% endif %}").unwrap(), "no");
    }
}
