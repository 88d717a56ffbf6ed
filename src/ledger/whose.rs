//! Which customers of a ledger are read: all, one page of them, or some.

use crate::database::Val;

/// Which customers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose<'a> {
    Everybody,
    /// Those whose ids come after one, bytewise, up to another one, which is included; `None`: to the last.
    Between {
        after: &'a str,
        upto: Option<&'a str>,
    },
    /// These.
    These(&'a [String]),
}

impl Whose<'_> {
    /// That a column names one of them, in SQL, with its values behind `values`.
    #[must_use]
    pub fn sql(&self, column: &str, values: &mut Vec<Val>) -> String {
        let mut place = |value: Val| {
            values.push(value);
            values.len()
        };
        match self {
            Self::Everybody => "1 = 1".to_owned(),
            Self::Between { after, upto: None } => format!("{column} > ${}", place((*after).into())),
            Self::Between { after, upto: Some(upto) } => {
                let (after, upto) = (place((*after).into()), place((*upto).into()));
                format!("{column} > ${after} AND {column} <= ${upto}")
            }
            Self::These(ids) => {
                let list = serde_json::json!(ids).to_string();
                format!("{column} IN (${}[])", place(list.into()))
            }
        }
    }
}
