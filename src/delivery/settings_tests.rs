use std::time::Duration;

use super::*;

fn read(text: &str) -> Settings {
    toml::from_str(text).unwrap()
}

fn keys(text: &str) -> Vec<&'static str> {
    read(text).validate().into_iter().map(|(key, _)| key).collect()
}

#[test]
fn the_documented_example_is_valid_and_the_rest_has_defaults() {
    let settings = read(
        "host = \"smtp.example.com\"\nusername = \"ar@example.com\"\npassword_file = \"relay-password\"\nmax_per_minute = 300",
    );
    assert_eq!(settings.validate(), []);
    assert_eq!((settings.port(), settings.max_connections, settings.max_per_connection), (587, 10, 100));
    assert_eq!(settings.timeouts.dot, Duration::from_secs(600));
}

#[test]
fn the_port_follows_the_way_of_protection() {
    assert_eq!(read("tls = \"implicit\"").port(), 465);
    assert_eq!(read("tls = \"none\"").port(), 25);
    assert_eq!(read("tls = \"none\"\nport = 2525").port(), 2525);
}

#[test]
fn timers_are_written_as_durations() {
    let settings = read("[timeouts]\ndot = \"15m\"\ntry = \"1h\"\nconnect = \"5s\"");
    assert_eq!(settings.timeouts.dot, Duration::from_secs(900));
    assert_eq!(settings.timeouts.attempt, Duration::from_secs(3600));
    assert_eq!(settings.timeouts.connect, Duration::from_secs(5));
}

#[test]
fn an_unknown_key_is_an_error() {
    assert!(toml::from_str::<Settings>("hosst = \"x\"").is_err());
    assert!(toml::from_str::<Settings>("[timeouts]\nrctp = \"5m\"").is_err());
    assert!(toml::from_str::<Settings>("tls = \"opportunistic\"").is_err());
}

#[test]
fn mail_goes_unprotected_to_this_host_only_unless_somebody_insists() {
    assert_eq!(keys("host = \"smtp.example.com\"\ntls = \"none\""), ["tls"]);
    assert_eq!(keys("host = \"smtp.example.com\"\ntls = \"none\"\ninsecure = true"), Vec::<&str>::new());
    for host in ["localhost", "LOCALHOST.", "127.0.0.1", "127.8.8.8", "::1", "[::1]", "::ffff:127.0.0.1", "relay.localhost"] {
        assert_eq!(keys(&format!("host = {host:?}\ntls = \"none\"")), Vec::<&str>::new(), "{host}");
    }
    for host in ["localhost.example.com", "10.0.0.1", "127.0.0.1.example.com"] {
        assert_eq!(keys(&format!("host = {host:?}\ntls = \"none\"")), ["tls"], "{host}");
    }
}

#[test]
fn every_problem_is_named() {
    assert_eq!(keys(""), ["host"]);
    assert_eq!(keys("transport = \"file\""), ["directory"]);
    assert_eq!(keys("transport = \"file\"\ndirectory = \"out\""), Vec::<&str>::new());
    let all = "host = \"x.test\"\nauth = \"login\"\nhelo_name = \"a b\"\nmax_connections = 0\nmax_per_connection = 0\n\
               max_per_minute = 0\nmax_per_day = 0\nmax_message_size = 0\n[timeouts]\ndot = \"60s\"\nmail = \"0s\"";
    assert_eq!(
        keys(all),
        [
            "username",
            "helo_name",
            "timeouts.dot",
            "timeouts",
            "max_connections",
            "max_per_connection",
            "max_per_minute",
            "max_per_day",
            "max_message_size"
        ]
    );
}

#[test]
fn a_token_command_signs_in_by_xoauth2_and_its_program_is_found_as_other_paths_are() {
    let text = |program: &str| format!("host = \"x.test\"\nusername = \"u\"\ntoken_command = [{program:?}, \"bin/x\"]");
    for (program, found) in
        [("oauth-token", "oauth-token"), ("bin/oauth-token", "/srv/ar/bin/oauth-token"), ("/usr/bin/oauth", "/usr/bin/oauth")]
    {
        let mut settings = read(&text(program));
        assert_eq!((settings.validate(), settings.mechanism()), (Vec::new(), Some(Mechanism::Xoauth2)));
        settings.resolve_paths(Path::new("/srv/ar"));
        assert_eq!(settings.token_command.unwrap(), [found, "bin/x"]);
    }
    assert_eq!(keys(&format!("{}\npassword_file = \"p\"", text("t"))), ["token_command"]);
    assert_eq!(keys(&format!("{}\nauth = \"login\"", text("t"))), ["auth"]);
    assert_eq!(keys("host = \"x.test\"\ntoken_command = [\"t\"]"), ["username"]);
    assert_eq!(keys("host = \"x.test\"\nusername = \"u\"\ntoken_command = [\" \"]"), ["token_command"]);
}

#[test]
fn paths_are_relative_to_the_folder_of_the_configuration() {
    let mut settings = read("directory = \"out\"\nca_file = \"/etc/ca.pem\"\npassword_file = \"relay-password\"");
    settings.resolve_paths(Path::new("/srv/ar"));
    assert_eq!(settings.directory.unwrap(), Path::new("/srv/ar/out"));
    assert_eq!(settings.ca_file.unwrap(), Path::new("/etc/ca.pem"));
    assert_eq!(settings.password_file.unwrap(), Path::new("/srv/ar/relay-password"));
}
