//! Behind PgBouncer in transaction mode (Debian's package `pgbouncer`): each transaction meets another session.

use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Stdio};
use std::time::Duration;

use super::*;
use crate::support::company::Running;
use crate::support::relay::Script;

/// A pooler before this company's server; it ends with its test.
fn pooler(company: &Company) -> (Running, u16) {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let socket = company.server().socket();
    let settings = format!(
        "[databases]\n* = host={} port=5432 user=postgres\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\n\
         unix_socket_dir =\nauth_type = any\npool_mode = transaction\ndefault_pool_size = 4\nmax_client_conn = 200\n\
         logfile = {log}\npidfile =\n",
        socket.parent().unwrap().display(),
        log = company.path("pooler/log").display(),
    );
    let folder = company.path("pooler");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("settings.ini"), settings).unwrap();
    // It refuses to run as root, and another user has to read its settings and write its log.
    for path in [company.path(""), folder.clone()] {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o777)).unwrap();
    }
    let program = ["/usr/sbin/pgbouncer", "/usr/bin/pgbouncer"].into_iter().find(|p| std::path::Path::new(p).exists());
    let program = program.expect("PgBouncer is not installed, and this test needs it: apt-get install pgbouncer");
    let root = std::os::unix::fs::MetadataExt::uid(&std::fs::metadata("/proc/self").unwrap()) == 0;
    let mut command = Command::new(if root { "setpriv" } else { program });
    if root {
        command.args(["--reuid=nobody", "--regid=nogroup", "--clear-groups", program]);
    }
    command.arg(folder.join("settings.ini")).current_dir("/").stdin(Stdio::null());
    let process = Running(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
    wait_until("the pooler listens", || TcpStream::connect(("127.0.0.1", port)).is_ok());
    (process, port)
}

#[test]
fn behind_a_pooler_in_transaction_mode_two_daemons_send_everything_once() {
    const CUSTOMERS: usize = 300;
    let post = Post::open(Script { thinks: Duration::from_millis(5), ..Script::offering(&["PIPELINING"]) });
    let mut company = company(&post, CUSTOMERS);
    let (_pooler, port) = pooler(&company);
    let name = company.server().name.clone();
    company.reaches_its_database_by(&format!("postgres://postgres@127.0.0.1:{port}/{name}"));
    company.import();
    company.run_at(MORNING, &["plan"]).exits(0);
    let daemons = [(); 2].map(|()| company.begin_poll_at(MORNING));
    for daemon in daemons {
        let said = daemon.finish();
        assert!(!said.err.contains("prepared statement"), "{said:#?}");
    }
    poll_until_quiet(&company);
    company.run(&["status"]).exits(0);
    assert_all_sent_once(&post, &company, CUSTOMERS);
}
