//! What several tests need: a relay that plays a script, and a company that plays the program.

pub mod backup;
pub mod books;
pub mod certificates;
pub mod company;
pub mod daemon;
pub mod dice;
pub mod dns;
pub mod mariadb;
pub mod post;
pub mod postgres;
pub mod program;
pub mod proxy;
pub mod relay;
pub mod script;
pub mod signatures;
pub mod state;
