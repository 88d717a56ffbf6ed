//! All commands, each with an example.

use clap::Subcommand;

use super::{
    Globals, Result, accept, aging, approve, check, controls, demo, digest, evidence, explain, forget, import, in_force, init,
    ledger, log, note, plan, preview, rank, rehearse, reload, report, resolve, run, send_test, status, suppressions, tasks,
    timetable,
};
use crate::daemon::orders::Order;

/// What is to be done.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Makes a sample company in a folder, polls it once, and shows what was sent to its own mail catcher
    #[command(after_help = "Example: dunningd demo\n         dunningd demo try-it")]
    Demo(demo::Demo),
    /// Writes a commented configuration, timetable and templates to start from; never overwrites
    #[command(
        after_help = "Example: dunningd init\n         dunningd init /etc/dunningd\n         dunningd init --preset gnucash --url sqlite:books.gnucash"
    )]
    Init(init::Init),
    /// Reads all configuration and templates, the ledger, the database and the relay, and lists every problem
    #[command(after_help = "Example: dunningd check\n         dunningd check --offline")]
    Check(check::Check),
    /// Prints the timetable as the table it is: rows steps, columns segments, cells days
    #[command(after_help = "Example: dunningd timetable")]
    Timetable,
    /// The daemon: polls on the schedule and delivers; with --once: one poll, deliver all, exit
    #[command(after_help = "Example: dunningd run\n         dunningd run --once --format json")]
    Run(run::Run),
    /// What would go out, and why, without touching anything
    #[command(
        after_help = "Example: dunningd plan\n         dunningd plan --on 2026-12-07 --days 5\n         dunningd plan --diff new-timetable.toml"
    )]
    Plan(plan::Plan),
    /// The e-mail exactly as it would leave
    #[command(after_help = "Example: dunningd preview past-due --invoice 2026-0142 --as html > mail.html")]
    Preview(preview::Preview),
    /// Why something is sent about an invoice or to a customer on a day, or not: every step, its case and its rule
    #[command(
        after_help = "Example: dunningd explain 2026-0142\n         dunningd explain C-1042 --on 2026-12-07\n         dunningd explain --invoice 2026-0142 --step past-due-30"
    )]
    Explain(explain::Explain),
    /// Plays days one after another on a scratch copy: every e-mail as .eml, the contacts as JSON lines
    #[command(after_help = "Example: dunningd rehearse --from 2026-01-01 --to 2026-03-31 --out rehearsal")]
    Rehearse(rehearse::Rehearse),
    /// The contact log, and whether it was changed behind the program's back
    #[command(after_help = "Example: dunningd log --customer C-1042 --since 2026-11-01\n         dunningd log --verify")]
    Log(log::Log),
    /// CSV files into the own ledger: dunningd's three, or with a profile those of an accounting program
    #[command(
        after_help = "Example: dunningd import --customers customers.csv --invoices invoices.csv --payments payments.csv --replace\n         dunningd import --profile quickbooks-open-invoices open-invoices.csv --currency USD\n         dunningd import --profiles"
    )]
    Import(import::Import),
    /// What is open, by how many days it is past due: of each customer, segment, collector or rank
    #[command(
        after_help = "Example: dunningd aging\n         dunningd aging --personal\n         dunningd aging --by collector --on 2026-10-31 --csv > aging.csv"
    )]
    Aging(aging::AgingReport),
    /// The ranks that the books suggest, and how they come about: of a customer, or of all
    #[command(after_help = "Example: dunningd rank C-1042\n         dunningd rank --all --csv > ranks.csv")]
    Rank(rank::Rank),
    /// Which step brings the money; days sales outstanding and collection effectiveness by month
    #[command(after_help = "Example: dunningd report effect\n         dunningd report dso --months 24")]
    Report(report::Report),
    /// The morning's e-mail to a collector or the manager, without sending it
    #[command(
        after_help = "Example: dunningd digest\n         dunningd digest --to maria.lopez@example.com\n         dunningd digest --forewarning --to maria.lopez@example.com\n         dunningd digest --to boss@example.com --as html > digest.html"
    )]
    Digest(digest::ShowDigest),
    /// Lets e-mails leave that wait for a person's word; without an id those that wait
    #[command(
        after_help = "Example: dunningd approve\n         dunningd approve 01J…\n         dunningd approve --all --collector maria.lopez@example.com"
    )]
    Approve(approve::Approve),
    /// Says of e-mails that wait for a person's word that they never leave, and why
    #[command(after_help = "Example: dunningd reject 01J… --reason \"they have called: the goods came late\"")]
    Reject(approve::Reject),
    /// The worklist: calls, reviews and the like
    #[command(
        after_help = "Example: dunningd tasks\n         dunningd tasks show 01J…\n         dunningd tasks done 01J… --result voicemail"
    )]
    Tasks(tasks::Tasks),
    /// Stops the timetable for an invoice or a customer
    #[command(after_help = "Example: dunningd hold --customer C-1042 --until 2026-12-31 --reason \"waits for the credit note\"")]
    Hold(controls::Hold),
    /// Lets it go on
    #[command(after_help = "Example: dunningd release --customer C-1042")]
    Release(controls::Release),
    /// A promise to pay: stops the timetable until then, and is kept or broken by the ledger
    #[command(
        after_help = "Example: dunningd promise --invoice 2026-0142 --by 2026-12-15 --note \"Ms Weber, by phone\"\n         dunningd promise --customer C-1042 --plan 2026-12-15=500 --plan 2027-01-15=500"
    )]
    Promise(controls::Promise),
    /// A dispute that the ledger does not know of
    #[command(
        after_help = "Example: dunningd dispute --invoice 2026-0142 --code goods --reason \"two chairs were damaged\"\n         dunningd dispute --invoice 2026-0142 --resolve"
    )]
    Dispute(controls::Dispute),
    /// What is held, promised and disputed, and since when
    #[command(after_help = "Example: dunningd controls\n         dunningd controls --kind dispute --customer C-1042")]
    Controls(in_force::Controls),
    /// Notes about a customer or an invoice; without a text, those that there are
    #[command(
        after_help = "Example: dunningd note --customer C-1042 \"pays on the 15th only\"\n         dunningd note --customer C-1042"
    )]
    Note(note::Note),
    /// The daemons at work read all files anew; one mistake changes nothing (D9)
    #[command(after_help = "Example: dunningd reload")]
    Reload,
    /// A running daemon believes the ledger at its next poll, although the guard does not (T27)
    #[command(after_help = "Example: dunningd accept-ledger")]
    AcceptLedger,
    /// A running daemon sends all that is due at its next poll, however many e-mails that are (T28)
    #[command(after_help = "Example: dunningd accept-volume")]
    AcceptVolume,
    /// A running daemon takes the steps that appeared for new ones at its next poll (T31)
    #[command(after_help = "Example: dunningd accept-steps")]
    AcceptSteps,
    /// A running daemon believes the clock at its next poll (T29)
    #[command(after_help = "Example: dunningd accept-clock")]
    AcceptClock,
    /// A database that went back in time is known, and what it has forgotten was looked at (D16)
    #[command(after_help = "Example: dunningd accept-gap")]
    AcceptGap,
    /// Settles a contact that is in doubt
    #[command(
        after_help = "Example: dunningd resolve 01J… --sent --note \"queued as 4711 in the relay's log\"\n         dunningd resolve 01J… --resend"
    )]
    Resolve(resolve::Resolve),
    /// Everything ever sent about an invoice, as a ZIP: messages byte for byte, the relay's answers, hashes
    #[command(after_help = "Example: dunningd evidence 2026-0142 --out 2026-0142.zip")]
    Evidence(evidence::Evidence),
    /// Erases a customer's personal data where the law asks for it; counts and the log's chain stay
    #[command(after_help = "Example: dunningd forget C-1042")]
    Forget(forget::Forget),
    /// The accounts that are read: the rows of one invoice or customer, what has changed, what to mend, a user that may only read
    #[command(
        after_help = "Example: dunningd ledger doctor\n         dunningd ledger show 2026-0142\n         dunningd ledger role --preset tryton > role.sql"
    )]
    Ledger(ledger::Ledger),
    /// What the daemon is doing, the last polls, the queue, and what needs a person
    #[command(after_help = "Example: dunningd status")]
    Status,
    /// The addresses that no e-mail goes to, since the relay called them no good; and lifting one
    #[command(
        after_help = "Example: dunningd suppressions\n         dunningd suppressions lift ap@example.com --reason \"their server is mended\""
    )]
    Suppressions(suppressions::Suppressions),
    /// One test e-mail through the configured relay
    #[command(after_help = "Example: dunningd send-test me@example.com")]
    SendTest(send_test::SendTest),
}

/// Does what a command says.
pub async fn dispatch(globals: &Globals, command: &Command) -> Result {
    match command {
        Command::Demo(args) => demo::run(globals, args).await,
        Command::Init(args) => init::run(args),
        Command::Check(args) => check::run(globals, args).await,
        Command::Timetable => timetable::run(globals),
        Command::Run(args) => run::run(globals, args).await,
        Command::Plan(args) => plan::run(globals, args).await,
        Command::Preview(args) => preview::run(globals, args).await,
        Command::Explain(args) => explain::run(globals, args).await,
        Command::Rehearse(args) => rehearse::run(globals, args).await,
        Command::Log(args) => log::run(globals, args).await,
        Command::Import(args) => import::run(globals, args).await,
        Command::Aging(args) => aging::run(globals, args).await,
        Command::Rank(args) => rank::run(globals, args).await,
        Command::Report(args) => report::run(globals, args).await,
        Command::Digest(args) => digest::run(globals, args).await,
        Command::Approve(args) => approve::approve(globals, args).await,
        Command::Reject(args) => approve::reject(globals, args).await,
        Command::Tasks(args) => tasks::run(globals, args).await,
        Command::Hold(args) => controls::hold(globals, args).await,
        Command::Release(args) => controls::release(globals, args).await,
        Command::Promise(args) => controls::promise(globals, args).await,
        Command::Dispute(args) => controls::dispute(globals, args).await,
        Command::Controls(args) => in_force::run(globals, args).await,
        Command::Note(args) => note::run(globals, args).await,
        Command::Reload => reload::run(globals).await,
        Command::AcceptLedger => accept::give(globals, Order::Ledger).await,
        Command::AcceptVolume => accept::give(globals, Order::Volume).await,
        Command::AcceptSteps => accept::give(globals, Order::Steps).await,
        Command::AcceptClock => accept::give(globals, Order::Clock).await,
        Command::AcceptGap => accept::give(globals, Order::Gap).await,
        Command::Resolve(args) => resolve::run(globals, args).await,
        Command::Evidence(args) => evidence::run(globals, args).await,
        Command::Forget(args) => forget::run(globals, args).await,
        Command::Ledger(args) => ledger::run(globals, args).await,
        Command::Status => status::run(globals).await,
        Command::Suppressions(args) => suppressions::run(globals, args).await,
        Command::SendTest(args) => send_test::run(globals, args).await,
    }
}
