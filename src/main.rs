//! The thin binary over the library.

use std::process::ExitCode;

/// A delivery allocates much and gives it all back, on several threads.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    dunningd::commands::main()
}
