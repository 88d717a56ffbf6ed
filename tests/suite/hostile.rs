//! Hostile rows of a ledger, end to end: nobody else is written to, no header is added, nothing is run, nothing is linked
//! (D12, L9).

use mail_parser::{Message, MessageParser};

use crate::support::company::{Company, MORNING, a_company, text};
use crate::support::post::Post;
use crate::support::relay::{Accepted, Script};

const NAMES: [&str; 12] = [
    "Evil Ltd\r\nBcc: victim@evil.example",
    "Evil Ltd\nBcc: victim@evil.example\n\nHello",
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "{{ 7*7 }}",
    "{% include \"/etc/passwd\" %}",
    "{% raw %}{{ company.name }}",
    "</td></tr></table></body></html>",
    "evil\u{202E}moc.elpmaxe\u{200B}",
    "'); DROP TABLE contact; --",
    "=HYPERLINK(\"https://evil.example\")\u{1b}[31m",
];

/// Cells of a CSV file, quoted where they must be.
fn csv(header: &[&str], rows: &[Vec<String>]) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(header).unwrap();
    rows.iter().for_each(|row| writer.write_record(row).unwrap());
    writer.into_inner().unwrap()
}

/// Imports customers, and for each the invoice of its number with these further values.
fn import(company: &Company, customers: &[(&str, &str)], further: impl Fn(usize) -> [String; 3]) {
    let row = |(n, (name, email)): (usize, &(&str, &str))| vec![format!("C-{n}"), (*name).to_owned(), (*email).to_owned()];
    let rows: Vec<_> = customers.iter().enumerate().map(row).collect();
    std::fs::write(company.path("customers.csv"), csv(&["id", "name", "email"], &rows)).unwrap();
    let row = |n: usize| {
        let fixed = [format!("I-{n}"), format!("C-{n}"), "2026-02-01".into(), "2026-03-01".into(), "USD".into(), "100.00".into()];
        [&fixed[..], &further(n)[..]].concat()
    };
    let rows: Vec<_> = (0..customers.len()).map(row).collect();
    let header = ["id", "customer_id", "issue_date", "due_date", "currency", "total", "number", "po_number", "payment_url"];
    std::fs::write(company.path("invoices.csv"), csv(&header, &rows)).unwrap();
    company.run(&["import", "--customers", "customers.csv", "--invoices", "invoices.csv"]).exits(0);
}

fn nothing(n: usize) -> [String; 3] {
    [format!("2026-{n}"), String::new(), String::new()]
}

fn parsed(accepted: &Accepted) -> Message<'_> {
    MessageParser::default().parse(&accepted.message[..]).unwrap()
}

fn bodies(accepted: &Accepted) -> (String, String) {
    let message = parsed(accepted);
    (message.body_text(0).unwrap().into_owned(), message.body_html(0).unwrap().into_owned())
}

/// The names of the headers in their order, as the bytes have them.
fn header_names(accepted: &Accepted) -> Vec<String> {
    let text = accepted.text();
    let head = text.split("\r\n\r\n").next().unwrap();
    assert!(!head.contains('\0') && !head.replace("\r\n", "").contains(['\r', '\n']), "{head}");
    let lines = head.split("\r\n").filter(|l| !l.starts_with([' ', '\t']));
    lines.map(|l| l.split_once(':').unwrap_or_else(|| panic!("{l:?}")).0.to_owned()).collect()
}

/// Everything between `<` and `>`: no data may be in there.
fn tags(html: &str) -> Vec<String> {
    html.split('<').skip(1).map(|t| t.split('>').next().unwrap().to_owned()).collect()
}

#[test]
fn a_name_stays_a_name_whatever_it_holds() {
    let post = Post::kind();
    let company = a_company().with_relay(post.port);
    let addresses: Vec<String> = (0..=NAMES.len()).map(|n| format!("ap@c{n}.example")).collect();
    let names = ["Honest Ltd"].into_iter().chain(NAMES);
    let customers: Vec<(&str, &str)> = names.zip(&addresses).map(|(n, a)| (n, a.as_str())).collect();
    import(&company, &customers, |n| {
        // A number with a line break is no number: its row would be left out (L2).
        let visible = |name: &str| name.replace(char::is_control, " ");
        if n == 0 { nothing(0) } else { [visible(NAMES[n - 1]), visible(NAMES[n - 1]), String::new()] }
    });
    let polled = company.poll_at(MORNING);
    assert_eq!(polled.code, Some(0), "{polled:#?}");
    let accepted = post.accepted();
    assert_eq!(accepted.len(), customers.len());
    let honest = accepted.iter().find(|a| a.to == [addresses[0].clone()]).unwrap();
    for message in &accepted {
        assert_eq!(header_names(message), header_names(honest));
        let at = addresses.iter().position(|a| message.to == [a.clone()]).expect("one recipient, and a known one");
        let (plain, html) = bodies(message);
        assert!(!plain.contains("49") && !plain.contains("root:") && !html.contains("root:"), "{plain}");
        if customers[at].0.starts_with('{') {
            assert!(plain.contains(customers[at].0), "literally: {plain}");
        }
        if at > 0 {
            // The honest one has no order number, and so one line less.
            let span = |t: &&String| !["br", "span", "/span"].iter().any(|s| t.split(' ').next() == Some(s));
            let (found, plain_ones) = (tags(&html), tags(&bodies(honest).1));
            assert_eq!(
                found.iter().filter(span).collect::<Vec<_>>(),
                plain_ones.iter().filter(span).collect::<Vec<_>>(),
                "{html}"
            );
        }
        assert!(parsed(message).bcc().is_none() && parsed(message).to().unwrap().as_list().unwrap().len() == 1);
    }
    let verbs = ["EHLO ", "MAIL FROM:<ar@us.example>", "RCPT TO:<ap@c", "DATA", "RSET", "QUIT"];
    assert!(post.commands().iter().all(|c| verbs.iter().any(|v| c.starts_with(v))), "{:#?}", post.commands());
    assert_eq!(post.commands().iter().filter(|c| c.starts_with("RCPT")).count(), customers.len());
    // On a terminal its control characters are shown, not obeyed.
    assert!(!company.run_at(MORNING, &["log"]).exits(0).out.contains('\u{1b}'));
    assert_eq!(company.log().len(), customers.len());
}

#[test]
fn only_addresses_that_are_surely_meant_are_written_to() {
    let cases: [(&str, &[&str]); 14] = [
        ("a@c0.example\r\nRCPT TO:<v@evil.example>", &[]),
        ("a@c1.example;b@c1.example", &["a@c1.example", "b@c1.example"]),
        ("\"a b\"@c2.example", &[]),
        ("a@c3.example\u{200B}", &[]),
        ("a@localhost", &[]),
        ("<a@c5.example>,,", &[]),
        ("a@c6.example> SIZE=1", &[]),
        ("a@c7.example, not an address, b@c7.example", &["a@c7.example", "b@c7.example"]),
        ("\"x,v@evil.example\"@c8.example", &[]),
        ("a@[127.0.0.1]", &[]),
        ("a@c10.example,A@c10.example", &["a@c10.example", "A@c10.example"]),
        ("a@c11.example a@evil.example", &[]),
        ("-oQ/tmp@c12.example", &["-oQ/tmp@c12.example"]),
        ("", &[]),
    ];
    let post = Post::kind();
    let company = a_company().with_relay(post.port);
    let customers: Vec<(&str, &str)> = cases.iter().map(|(address, _)| ("Some Ltd", *address)).collect();
    import(&company, &customers, nothing);
    company.poll_at(MORNING);
    let mut wanted: Vec<String> = cases.iter().flat_map(|(_, good)| *good).map(|a| (*a).to_owned()).collect();
    let of = |c: &String| c.strip_prefix("RCPT TO:<").and_then(|r| r.split('>').next()).map(str::to_owned);
    let mut asked: Vec<String> = post.commands().iter().filter_map(of).collect();
    wanted.sort();
    asked.sort();
    assert_eq!(asked, wanted);
    let planned = company.run_at(MORNING, &["plan", "--format", "json"]).exits(0).json().pop().unwrap()["plan"].clone();
    let waiting = planned["waiting"].as_array().unwrap();
    assert_eq!(waiting.len(), cases.iter().filter(|(_, good)| good.is_empty()).count(), "{planned}");
    assert!(waiting.iter().all(|w| text(w, "rule") == "T15" && text(w, "reason").contains("address")), "{planned}");
    // `check` names what cannot be used.
    let check = company.run_at(MORNING, &["check"]).exits(0);
    for part in ["not an address", "a@localhost", "<a@c5.example>"] {
        assert!(check.err.contains(part), "{part} is not in {check:#?}");
    }
}

#[test]
fn only_an_honest_https_link_reaches_an_email() {
    let links = [
        "https://pay.example/i/1",
        "javascript:alert(1)",
        "http://pay.example/",
        "//evil.example/",
        "https://bank.example@evil.example/",
        "https://раураl.example/",
        "data:text/html,<script>alert(1)</script>",
        "https://pay.example/\r\nX: y",
        "https:\\\\evil.example",
        "https://pay.example/\"><script>alert(1)</script>",
    ];
    let post = Post::kind();
    let company = a_company().with_relay(post.port);
    let addresses: Vec<String> = (0..links.len()).map(|n| format!("ap@c{n}.example")).collect();
    let customers: Vec<(&str, &str)> = addresses.iter().map(|a| ("Some Ltd", a.as_str())).collect();
    import(&company, &customers, |n| [format!("2026-{n}"), String::new(), links[n].to_owned()]);
    assert_eq!(company.poll_at(MORNING).code, Some(0));
    assert_eq!(post.accepted().len(), links.len());
    for message in post.accepted() {
        let at = addresses.iter().position(|a| message.to == [a.clone()]).unwrap();
        let (plain, html) = bodies(&message);
        let hrefs: Vec<&str> = html.split("href=\"").skip(1).map(|h| h.split('"').next().unwrap()).collect();
        let found: Vec<&&str> = hrefs.iter().filter(|h| !h.starts_with("mailto:ar@us.example")).collect();
        assert!(found.iter().all(|h| h.starts_with("https://pay.example/")), "{found:?}");
        assert_eq!(found.is_empty(), ![0, links.len() - 1].contains(&at), "{} {found:?}", links[at]);
        for bad in ["javascript:", "http:", "evil", "data:", "<script"] {
            assert!(!html.contains(bad), "{bad} in {html}");
        }
        assert!(!plain.contains("javascript:") && !plain.contains("evil"), "{plain}");
    }
}

#[test]
fn no_shipped_template_lets_data_into_its_tags() {
    let names = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/templates/en")).unwrap();
    let mut names: Vec<String> = names.map(|n| n.unwrap().file_name().into_string().unwrap()).collect();
    // What begins so is no e-mail to a customer.
    names.retain(|n| !n.starts_with('_'));
    names.sort();
    assert!(names.len() >= 10, "{names:?}");
    let steps = |n: &String| format!("[[step]]\nid = \"try-{n}\"\nemail = \"{n}\"\ndays = 3\n");
    let company = a_company().with_all_templates().with_steps(&names.iter().map(steps).collect::<String>());
    let bad = "\"'><script>alert(1)</script>&amp;{{ 7*7 }}";
    import(&company, &[("Honest Ltd", "a@c0.example"), (bad, "a@c1.example")], |n| {
        let value = if n == 0 { "2026-0001" } else { bad };
        [value.to_owned(), value.to_owned(), String::new()]
    });
    for name in names {
        let html = |invoice: &str| {
            let args = ["preview", &format!("try-{name}"), "--invoice", invoice, "--as", "html"];
            company.run_at("2026-03-03T09:00:00-05:00", &args).exits(0).out
        };
        let (honest, hostile) = (html("I-0"), html("I-1"));
        assert_eq!(tags(&hostile), tags(&honest), "{name}");
        // The test message is about nobody.
        let literal = hostile.contains("{{ 7*7 }}") && hostile.contains("&lt;script&gt;");
        assert!(literal || name == "test", "{name}: {hostile}");
    }
}

#[test]
fn whatever_a_template_holds_the_wire_is_clean_and_the_reader_sees_what_was_rendered() {
    let long = "W".repeat(5000);
    let body = format!(
        ".\r\n..\n.a\rb\0c\n{long}\n\n.\r\nMAIL FROM:<v@evil.example>\r\n.\n\r.\rFrom here, =20 and \t {{{{ customer.name }}}}\nÜ \u{2028}end"
    );
    let post = Post::kind();
    let company = a_company().with_relay(post.port);
    let template = company.path("config/templates/en/past-due");
    std::fs::write(template.join("subject.txt"), format!("Grüße {long} end\r\nBcc: v@evil.example\0")).unwrap();
    std::fs::write(template.join("body.txt"), &body).unwrap();
    std::fs::write(template.join("body.html"), format!("<html lang=\"en\"><p>{body}</p></html>")).unwrap();
    import(&company, &[("Some Ltd", "a@c0.example")], nothing);
    let preview = |shape: &str| {
        let args = ["preview", "past-due", "--invoice", "I-0", "--as", shape];
        company.run_at(MORNING, &args).exits(0).out
    };
    assert_eq!(company.poll_at(MORNING).states(), ["C-0: sent"]);
    let message = post.only();
    assert!(!message.message.contains(&0));
    for line in message.message.split_inclusive(|b| *b == b'\n') {
        let bare = line.strip_suffix(b"\r\n").expect("every line ends with CR and LF");
        assert!(bare.len() <= 998 && !bare.contains(&b'\r'), "{}", String::from_utf8_lossy(line));
    }
    let shown = |text: &str| text.replace("\r\n", "\n");
    let (text, html) = bodies(&message);
    assert_eq!(preview("text").split_once("\n\n").unwrap().1.trim_end(), shown(&text).trim_end());
    assert_eq!(preview("html").trim_end(), shown(&html).trim_end());
    assert!(text.contains(&long) && text.lines().any(|l| l == ".."), "{text}");
    let subject = parsed(&message).subject().unwrap().to_owned();
    assert!(subject.starts_with("Grüße WWW") && subject.ends_with('…') && subject.chars().count() <= 250, "{subject}");
    assert!(parsed(&message).bcc().is_none() && !post.heard("MAIL FROM:<v@"));
}

#[test]
fn an_address_that_needs_smtputf8_fails_alone_where_the_relay_has_none() {
    let post = Post::open(Script::offering(&["PIPELINING", "8BITMIME"]));
    let company = a_company().with_relay(post.port);
    let addresses = ["jürgen@firma.example", "info@münchen.example", "ap@c2.example"];
    import(&company, &addresses.map(|a| ("Some Ltd", a)), nothing);
    company.poll_at(MORNING);
    let log = company.log();
    let of = |id: &str| log.iter().find(|c| text(c, "customer") == id).unwrap();
    assert_eq!([of("C-0"), of("C-1"), of("C-2")].map(|c| text(c, "state")), ["failed", "sent", "sent"]);
    assert!(text(of("C-0"), "reason").contains("SMTPUTF8"), "{}", of("C-0"));
    let mut reached: Vec<_> = post.accepted().into_iter().flat_map(|a| a.to).collect();
    reached.sort();
    assert_eq!(reached, ["ap@c2.example", "info@xn--mnchen-3ya.example"]);
}
