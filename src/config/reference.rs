//! The JSON Schemas in `config/schemas/` and `docs/reference.md`, made from the doc comments of the settings; and tests that
//! they are fresh. `DUNNINGD_WRITE_REFERENCE=1 cargo test --lib reference` writes them anew.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::{Map, Value};

use super::Config;
use crate::timetable;

const FILES: [(&str, &str); 2] = [("dunningd.toml", "dunningd.json"), ("timetable.toml", "timetable.json")];

fn schema(file: &str) -> Value {
    // The newest draft that taplo, which the editors ask, is at home in.
    let generator = schemars::generate::SchemaSettings::draft07().into_generator();
    let mut schema = match file {
        "dunningd.toml" => generator.into_root_schema_for::<Config>().to_value(),
        _ => generator.into_root_schema_for::<timetable::file::schema::File>().to_value(),
    };
    schema["title"] = file.into();
    schema
}

/// The file's text as it should be, or written so if that is asked for.
#[expect(clippy::disallowed_methods, reason = "the tests' own switch")]
fn assert_fresh(path: &str, expected: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("DUNNINGD_WRITE_REFERENCE").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, expected).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    let stale = "is stale: DUNNINGD_WRITE_REFERENCE=1 cargo test --lib reference";
    assert!(found == expected, "{} {stale}", path.display());
}

#[test]
fn the_schemas_are_fresh() {
    for (file, name) in FILES {
        assert_fresh(&format!("config/schemas/{name}"), &format!("{:#}\n", schema(file)));
    }
}

#[test]
fn the_reference_page_is_fresh() {
    assert_fresh("docs/reference.md", &page());
}

#[test]
fn every_key_says_what_it_means() {
    for (file, _) in FILES {
        let schema = schema(file);
        for table in tables(&schema) {
            for (key, value) in table.keys {
                assert!(!meaning(&schema, &value).is_empty(), "{file}: {} {key}", table.name);
            }
        }
    }
}

#[test]
fn the_shipped_files_are_what_their_schemas_want() {
    for (file, name) in FILES {
        let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("config").join(file)).unwrap();
        assert!(text.starts_with(&format!("#:schema ./schemas/{name}\n")), "{file} names its schema for editors");
        assert_eq!(complaints(file, &text), Vec::<String>::new());
    }
}

#[test]
fn a_schema_complains_of_what_the_program_complains_of() {
    let dunningd = "[relay]\nhost = \"x\"\n[company]\nname = \"x\"\nfrom = \"x@example.com\"\n";
    assert!(complaints("dunningd.toml", dunningd).is_empty());
    for wrong in ["prot = 25", "port = \"25\"", "tls = \"requird\"", "timeouts = { conect = \"1s\" }", "max_connections = -1"] {
        let text = dunningd.replace("host = \"x\"", wrong);
        assert!(!complaints("dunningd.toml", &text).is_empty() && toml::from_str::<Config>(&text).is_err(), "{wrong}");
    }
    for right in ["max_bad_rows = 0.05", "max_bad_rows = \"5%\"", "guard = { min_ratio = 0.5, max_risen = \"0.1\" }"] {
        let text = format!("{dunningd}[ledger]\n{right}\n[poll]\nschedule = \"0 9 * * *\"\n");
        assert!(complaints("dunningd.toml", &text).is_empty() && toml::from_str::<Config>(&text).is_ok(), "{right}");
    }
    let rules =
        "time_zone = \"UTC\"\ngo_live = 2026-01-01\n[[segment]]\nname = \"all\"\n[[step]]\nid = \"a\"\nemail = \"x\"\ndays = 3\n";
    assert!(complaints("timetable.toml", rules).is_empty());
    for (old, new) in
        [("days = 3", "dyas = 3"), ("days = 3", "days = \"3\""), ("days = 3", "on = \"payd\""), ("2026-01-01", "\"soon\"")]
    {
        let text = rules.replace(old, new);
        assert!(!complaints("timetable.toml", &text).is_empty() && timetable::file::parse("f", &text).is_err(), "{new}");
    }
}

/// What a validator says of a file.
fn complaints(file: &str, text: &str) -> Vec<String> {
    let (mut schemas, mut compiler) = (boon::Schemas::new(), boon::Compiler::new());
    compiler.add_resource("schema.json", schema(file)).unwrap();
    let index = compiler.compile("schema.json", &mut schemas).unwrap();
    let value = json(toml::from_str::<toml::Value>(text).unwrap());
    schemas.validate(&value, index).err().map(|e| format!("{e:#}")).into_iter().collect()
}

/// As an editor sees TOML: dates are texts.
fn json(value: toml::Value) -> Value {
    match value {
        toml::Value::Datetime(date) => date.to_string().into(),
        toml::Value::Array(list) => list.into_iter().map(json).collect(),
        toml::Value::Table(table) => Value::Object(table.into_iter().map(|(k, v)| (k, json(v))).collect()),
        other => serde_json::to_value(other).unwrap(),
    }
}

#[test]
fn the_reader_of_the_timetable_knows_just_the_keys_of_its_schema() {
    const NO_KEY: &str = "qqqqqqqqqqqqqqqqqqqq";
    let good = "time_zone = \"UTC\"\nTOP\nsend_window = { WINDOW }\n[[segment]]\nname = \"a\"\nmatch = { rank = [\"A\"], MATCH }\n\
                [[segment]]\nname = \"b\"\nSEGMENT\n[[step]]\nid = \"s\"\nnotify = \"x\"\nto = \"collector\"\ndays = 3\nSTEP\n\
                [customer.C1]\nCUSTOMER\n[[case]]\nname = \"c\"\namount = 1\ncurrency = \"EUR\"\ndue = \"2026-01-01\"\n\
                paid_on = \"2026-01-01\"\nCASE\nexpect = [{ on = \"2026-01-01\", step = \"s\", EXPECTED }]\n";
    let schema = schema("timetable.toml");
    let described = |name: &str| -> Vec<String> {
        let properties = if name == "TOP" { &schema["properties"] } else { &schema["definitions"][title(name)]["properties"] };
        properties.as_object().unwrap().keys().cloned().collect()
    };
    for place in ["TOP", "WINDOW", "MATCH", "SEGMENT", "STEP", "CUSTOMER", "CASE", "EXPECTED"] {
        let mut text = good.replace(place, &format!("{NO_KEY} = 1"));
        for other in ["TOP", "WINDOW", "MATCH", "SEGMENT", "STEP", "CUSTOMER", "CASE", "EXPECTED"] {
            text = text.replace(&format!(", {other}"), "").replace(other, "");
        }
        let problems = timetable::file::parse("f", &text).unwrap_err();
        let found = problems.iter().find(|p| p.message.contains(NO_KEY)).unwrap_or_else(|| panic!("{text}\n{problems:#?}"));
        let known = found.help.as_deref().unwrap().strip_prefix("known here: ").unwrap();
        assert_eq!(known.split(", ").collect::<Vec<_>>(), described(place), "{place}");
    }
}

/// `MATCH` is described as `Match`.
fn title(place: &str) -> String {
    place[..1].to_owned() + &place[1..].to_lowercase()
}

/// One table of a file.
struct Table {
    name: String,
    about: String,
    keys: Map<String, Value>,
    required: Vec<String>,
}

/// The tables of a schema, those that others lead to behind them.
fn tables(schema: &Value) -> Vec<Table> {
    let mut found = Vec::new();
    collect(schema, schema, String::new(), &mut found);
    found
}

fn collect(schema: &Value, object: &Value, name: String, found: &mut Vec<Table>) {
    let Some(keys) = object["properties"].as_object() else { return };
    let required = object["required"].as_array().into_iter().flatten().filter_map(|r| r.as_str().map(str::to_owned)).collect();
    let about = object["description"].as_str().unwrap_or_default().to_owned();
    found.push(Table { name: name.clone(), about, keys: keys.clone(), required });
    for (key, value) in keys {
        let path = if name.is_empty() { key.clone() } else { format!("{}.{key}", name.trim_matches(['[', ']'])) };
        if let Some((inner, kind)) = inner(schema, value) {
            let header = match kind {
                Inner::Table => format!("[{path}]"),
                Inner::List => format!("[[{path}]]"),
                Inner::ByName => format!("[{path}.NAME]"),
            };
            collect(schema, inner, header, found);
        }
    }
}

enum Inner {
    Table,
    List,
    ByName,
}

/// The table that a key holds, if it does.
fn inner<'s>(schema: &'s Value, value: &'s Value) -> Option<(&'s Value, Inner)> {
    let of = |v: &'s Value| Some(resolved(schema, v)).filter(|v| v["properties"].is_object());
    of(value)
        .map(|v| (v, Inner::Table))
        .or_else(|| of(&value["items"]).map(|v| (v, Inner::List)))
        .or_else(|| of(&value["additionalProperties"]).map(|v| (v, Inner::ByName)))
}

/// Behind references, and without the `null` of what may be left out.
fn resolved<'s>(schema: &'s Value, value: &'s Value) -> &'s Value {
    if let Some(name) = value["$ref"].as_str().and_then(|r| r.rsplit('/').next()) {
        return resolved(schema, &schema["definitions"][name]);
    }
    if let Some([one]) = value["allOf"].as_array().map(Vec::as_slice) {
        return resolved(schema, one);
    }
    let choices = value["anyOf"].as_array().filter(|c| c.iter().any(|v| v["type"] == "null"));
    match choices.and_then(|c| c.iter().find(|v| v["type"] != "null")) {
        Some(one) => resolved(schema, one),
        None => value,
    }
}

fn meaning(schema: &Value, value: &Value) -> String {
    let own = value["description"].as_str();
    own.or_else(|| resolved(schema, value)["description"].as_str()).unwrap_or_default().replace('\n', " ")
}

/// How a value is written.
fn kind(schema: &Value, value: &Value) -> String {
    let value = resolved(schema, value);
    if let Some(choices) = value["enum"].as_array() {
        return choices.iter().map(|c| format!("`{c}`")).collect::<Vec<_>>().join(", ");
    }
    if let Some(choices) = value["oneOf"].as_array() {
        let words = choices.iter().flat_map(|c| match c["enum"].as_array() {
            Some(several) => several.clone(),
            None => vec![c["const"].clone()],
        });
        return words.map(|w| format!("`{w}`")).collect::<Vec<_>>().join(", ");
    }
    if let Some(choices) = value["anyOf"].as_array() {
        let mut all: Vec<String> = choices.iter().map(|c| kind(schema, c)).collect();
        all.dedup();
        return all.join(" or ");
    }
    let word = |t: &str| match t {
        "string" => "text",
        "integer" => "whole number",
        "number" => "number",
        "boolean" => "true or false",
        "array" => "list",
        _ => "table",
    };
    let types: Vec<&str> = match &value["type"] {
        Value::String(one) => vec![one],
        Value::Array(several) => several.iter().filter_map(Value::as_str).filter(|t| *t != "null").collect(),
        _ => vec!["object"],
    };
    types.into_iter().map(word).collect::<Vec<_>>().join(" or ")
}

/// `docs/reference.md`.
fn page() -> String {
    let mut page = "# Reference: every key of both files\n\nThis page is made from the program's own descriptions, as are the \
                    JSON Schemas in [`config/schemas/`](../config/schemas): an editor that knows one of them completes and checks \
                    the files while you write. [configuration.md](configuration.md) and [timetable.md](timetable.md) explain \
                    how the keys work together.\n"
        .to_owned();
    for (file, _) in FILES {
        let schema = schema(file);
        let _ = write!(page, "\n## `{file}`\n");
        for table in tables(&schema) {
            if !table.name.is_empty() {
                let _ = write!(page, "\n### `{}`\n", table.name);
            }
            let _ =
                write!(page, "\n{}\n\n| key | value | default | meaning |\n|---|---|---|---|\n", table.about.replace('\n', " "));
            for (key, value) in &table.keys {
                let default = match &value["default"] {
                    _ if table.required.contains(key) => "must be given".to_owned(),
                    Value::Null | Value::Object(_) => String::new(),
                    Value::Array(list) if list.is_empty() => String::new(),
                    Value::String(text) if text.is_empty() => String::new(),
                    given => format!("`{given}`"),
                };
                let meaning = meaning(&schema, value).replace('|', "\\|");
                let _ = writeln!(page, "| `{key}` | {} | {default} | {meaning} |", kind(&schema, value));
            }
        }
    }
    page
}
