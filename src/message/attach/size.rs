//! A number of octets as people write it: `"5MB"`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

const KB: u64 = 1000;
const MB: u64 = 1000 * KB;

/// The size of files: 1KB is 1000 octets, 1MB 1000KB. At least one octet, at most 50MB: no mail system takes more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Size(u64);

impl Size {
    /// 5MB: what nearly every mail system takes, with a third more for its encoding.
    pub const DEFAULT: Self = Self(5 * MB);
    const MOST: Self = Self(50 * MB);

    /// In octets.
    #[must_use]
    pub fn octets(self) -> u64 {
        self.0
    }
}

impl FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || format!("{text:?} is no size: write \"5MB\" or \"500KB\", up to {}", Self::MOST);
        let text = text.trim();
        let of = |name, octets| text.strip_suffix(name).map(|number| (number, octets));
        let (number, unit) = of("MB", MB).or_else(|| of("KB", KB)).ok_or_else(wrong)?;
        let number: u64 = number.trim_end().parse().map_err(|_| wrong())?;
        let octets = number.checked_mul(unit).filter(|o| (1..=Self::MOST.0).contains(o));
        octets.map(Self).ok_or_else(wrong)
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            octets if octets.is_multiple_of(MB) => write!(f, "{}MB", octets / MB),
            octets => write!(f, "{}KB", octets / KB),
        }
    }
}

impl Serialize for Size {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Size {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_written_in_megabytes_or_kilobytes() {
        assert_eq!("5MB".parse(), Ok(Size::DEFAULT));
        assert_eq!("1500 KB".parse::<Size>().unwrap().octets(), 1_500_000);
        for text in ["5MB", "1500KB", "1KB", "50MB"] {
            assert_eq!(text.parse::<Size>().unwrap().to_string(), text);
        }
        for wrong in ["", "5", "0MB", "51MB", "-1MB", "5 GB", "1.5MB", "MB", "5MBMB", "99999999999999999999KB"] {
            assert!(wrong.parse::<Size>().is_err(), "{wrong:?}");
        }
    }
}
