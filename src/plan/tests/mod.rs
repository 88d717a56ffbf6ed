//! The rules T1–T31, played day by day over a log in memory.

mod office;

mod address;
mod approval;
mod business_days;
mod cases;
mod compared;
mod credit;
mod customers;
mod done;
mod events;
mod explained;
mod follow;
mod go_live;
mod late;
mod merging;
mod notices;
mod order;
mod promises;
mod properties;
mod quiet;
mod reach;
mod renames;
mod repeats;
mod resend;
mod reviews;
mod segments;
mod sizes;
mod stops;
mod superseded;
mod thanks;
mod volume;

/// Nothing was planned.
const NOTHING: [&str; 0] = [];
