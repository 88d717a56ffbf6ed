//! Tells the program when it was built (T29): `SOURCE_DATE_EPOCH` for reproducible builds, else the clock.

fn main() {
    println!("cargo:rerun-if-env-changed=SOURCE_DATE_EPOCH");
    println!("cargo:rerun-if-changed=migrations");
    println!("cargo:rerun-if-changed=Cargo.lock");
    #[expect(clippy::disallowed_methods, reason = "a build script has no crate::clock")]
    let built = std::env::var("SOURCE_DATE_EPOCH").ok().or_else(|| {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        since.ok().map(|d| d.as_secs().to_string())
    });
    println!("cargo:rustc-env=DUNNINGD_BUILT={}", built.unwrap_or_else(|| "0".to_owned()));
}
