//! Numbers by chance, from a seed that a failure shows.

use std::hash::{BuildHasher as _, Hasher as _};

pub struct Dice {
    pub seed: u64,
    now: u64,
}

impl Dice {
    /// From any seed.
    pub fn thrown() -> Self {
        Self::of(std::hash::RandomState::new().build_hasher().finish())
    }

    pub fn of(seed: u64) -> Self {
        let dice = Self { seed, now: seed | 1 };
        eprintln!("the seed of the dice is {}", dice.seed);
        dice
    }

    pub fn below(&mut self, most: u64) -> u64 {
        self.now ^= self.now << 13;
        self.now ^= self.now >> 7;
        self.now ^= self.now << 17;
        self.now % most
    }
}
