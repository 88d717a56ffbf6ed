//! What several tests need: a relay that plays a script.

pub mod certificates;
pub mod relay;
pub mod script;
