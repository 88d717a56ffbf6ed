//! What a template can name, learnt from the samples.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::message::samples::samples;
use crate::message::settings::Company;

/// What lies behind a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shape {
    /// A text, a number, a date.
    Leaf,
    /// Names within a name.
    Map(BTreeMap<String, Shape>),
    /// Several of one kind.
    List(Box<Shape>),
    /// Nothing is known about it: a column of the user's, or what a filter made.
    Any,
}

impl Shape {
    /// The context's, with everything optional in it.
    #[must_use]
    pub fn of_context() -> Self {
        let mut shape = Self::Any;
        for sample in samples(&Company::sample(), &BTreeSet::new()) {
            if let Ok(value) = serde_json::to_value(&sample.context) {
                shape = shape.merge(Self::of(&value));
            }
        }
        shape
    }

    fn of(value: &Value) -> Self {
        match value {
            Value::Object(fields) => {
                let field = |(name, value): (&String, &Value)| {
                    // The user's own columns: any name may be one.
                    let shape = if name == "extra" { Self::Any } else { Self::of(value) };
                    (name.clone(), shape)
                };
                Self::Map(fields.iter().map(field).collect())
            }
            Value::Array(items) => Self::List(Box::new(items.iter().map(Self::of).fold(Self::Any, Self::merge))),
            _ => Self::Leaf,
        }
    }

    /// Both together; `Any` knows nothing and adds nothing.
    fn merge(self, other: Self) -> Self {
        match (self, other) {
            (Self::Any, known) | (known, Self::Any) => known,
            (Self::Map(mut a), Self::Map(b)) => {
                for (name, shape) in b {
                    let merged = a.remove(&name).unwrap_or(Self::Any).merge(shape);
                    a.insert(name, merged);
                }
                Self::Map(a)
            }
            (Self::List(a), Self::List(b)) => Self::List(Box::new(a.merge(*b))),
            (known, _) => known,
        }
    }

    /// The names within, if it is known to have names.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        match self {
            Self::Map(fields) => fields.keys().map(String::as_str).collect(),
            _ => vec![],
        }
    }

    /// What `.name` leads to; `None`: there is no such name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Map(fields) => fields.get(name),
            Self::Any => Some(&Self::Any),
            Self::Leaf | Self::List(_) => None,
        }
    }

    /// One of several.
    #[must_use]
    pub fn element(&self) -> &Self {
        match self {
            Self::List(element) => element,
            _ => &Self::Any,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_knows_the_optional_names_too() {
        let schema = Shape::of_context();
        let invoice = schema.field("invoices").unwrap().element();
        assert_eq!(invoice.field("payment_url"), Some(&Shape::Leaf));
        assert_eq!(invoice.field("piad"), None);
        assert_eq!(invoice.field("extra").unwrap().field("anything"), Some(&Shape::Any));
        for path in ["collector", "segment", "history", "other_open", "company", "totals"] {
            assert!(schema.field(path).is_some(), "{path}");
        }
        assert!(schema.field("history").unwrap().element().field("kind").is_some());
        assert!(schema.field("company").unwrap().field("phone").is_some());
    }
}
