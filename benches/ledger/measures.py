"""What is measured: each method fills in some rows of the report."""

import json
import shutil
import sqlite3
import statistics
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import books
import child
import machine
import tools
from cluster import Cluster, user

ALL = ("asleep", "due", "query", "import")

CONFIG = """\
[database]
url = "sqlite:dunningd.db"

[relay]
transport = "file"
directory = "outbox"

[company]
name = "Example Ltd"
from = "Example Accounts <accounts@example.com>"

[poll]
schedule = ["0 10 * * *"]
"""

TIMETABLE = """\
time_zone    = "UTC"
send_window  = { days = "mon-sun", from = "00:00", to = "23:59" }
go_live      = "2026-01-01"
volume_guard = 0

[[segment]]
name = "all"

[[step]]
id   = "call"
task = "call"
days = 3
"""

OWN_QUERIES = {
    "customers": "SELECT id, name, email, country FROM customers",
    "invoices": "SELECT id, number, customer_id, issue_date, due_date, currency, total, open_balance FROM invoices",
    "payments": "SELECT id, customer_id, invoice_id, received_on, amount, currency FROM payments",
}
# As the shipped presets ask: what is open is counted from the payments.
SUMMED = {
    **OWN_QUERIES,
    "invoices": "SELECT i.id, i.number, i.customer_id, i.issue_date, i.due_date, i.currency, i.total, "
    "i.total - COALESCE(p.paid, 0) AS open_balance FROM invoices i "
    "LEFT JOIN (SELECT invoice_id, sum(amount) AS paid FROM payments GROUP BY invoice_id) p ON p.invoice_id = i.id",
}


@dataclass
class Row:
    """One figure: what it is, what is to be reached, and what was measured in each round."""

    what: str
    goal: str
    most: float | None
    figures: list[float]
    unit: str = ""

    @property
    def median(self) -> float:
        return statistics.median(self.figures)

    @property
    def reached(self) -> str:
        return "–" if self.most is None else "yes" if self.median <= self.most else "**no**"


@dataclass
class Bench:
    program: str
    work: Path
    runs: int
    smaller: int
    rows: list[Row] = field(default_factory=list)
    parts: list[Row] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    failed: bool = False
    probes: list[float] = field(default_factory=list)

    def measure(self, name: str) -> None:
        self.probes.append(machine.fdatasyncs_per_second(self.work))
        try:
            {"asleep": self.asleep, "due": self.due, "query": self.query, "import": self.imports}[name]()
        except (RuntimeError, OSError, subprocess.SubprocessError) as error:
            self.failed = True
            self.remarks.append(f"failed: {name}: {error}")

    # -- dunningd

    def command(self, folder: Path, now: str, *words: str) -> list[str]:
        return [self.program, "--config", str(folder), "--now", f"{now}T10:00:00Z", *words]

    def configured(self, name: str, more: str = "") -> Path:
        folder = self.work / name
        folder.mkdir()
        (folder / "dunningd.toml").write_text(CONFIG + more)
        (folder / "timetable.toml").write_text(TIMETABLE)
        shutil.copytree(Path(__file__).parent.parent / "delivery/templates", folder / "templates")
        return folder

    def run(self, command: list[str]) -> child.Ended:
        ended = child.run(command, env={"PATH": "/usr/bin:/bin", "RUST_LOG": "dunningd=info", "TMPDIR": str(self.work)})
        if ended.code not in (0, 1):
            raise RuntimeError(f"{' '.join(command)}: {ended.code}: {ended.stderr[-1500:]}")
        return ended

    def imported(self, name: str, made: books.Books) -> Path:
        folder = self.configured(name)
        self.run(self.import_command(folder, made))
        return folder

    def import_command(self, folder: Path, made: books.Books) -> list[str]:
        files = [word for name in books.COLUMNS for word in (f"--{name}", str(made.file(name)))]
        return self.command(folder, f"{books.TODAY}", "import", *files)

    # -- measurements

    def asleep(self) -> None:
        """Nothing is due: a poll costs as much with a hundred times the invoices."""
        folders = {}
        for invoices in (100_000 // self.smaller, 10_000_000 // self.smaller):
            made = books.make(self.work / f"asleep-{invoices}-csv", invoices, 0)
            folders[invoices] = self.imported(f"asleep-{invoices}", made)
            shutil.rmtree(made.folder)
            first = self.run(self.command(folders[invoices], "2026-03-02", "run", "--once"))
            self.parts.append(Row(f"the first poll of {invoices:,} invoices, which looks at all", "", None, [first.wall], "s"))
            self.parts.append(Row("the same, memory", "", None, [first.rss / 2**20], "MiB"))
        small, large = folders
        wall, cpu, seconds = [], [], {small: [], large: []}
        for day in range(3, 3 + self.runs):
            ended = {n: self.run(self.command(folders[n], f"2026-03-{day:02}", "run", "--once")) for n in (small, large)}
            wall.append(ended[large].wall / ended[small].wall)
            cpu.append(ended[large].cpu / ended[small].cpu)
            for n in (small, large):
                seconds[n].append(ended[n].wall)
        self.rows.append(Row(f"own ledger, nothing due: a poll of {large:,} open invoices / of {small:,}", "≤ 1.3", 1.3, wall))
        self.rows.append(Row("the same, CPU", "≤ 1.3", 1.3, cpu))
        for n in (small, large):
            self.parts.append(Row(f"a poll of {n:,} open invoices, nothing due", "", None, seconds[n], "s"))
            shutil.rmtree(folders[n])

    def due(self) -> None:
        """Some are due: a poll against the query that finds them, by SQLite's own shell."""
        invoices, due = 1_000_000 // self.smaller, 20_000 // self.smaller
        made = books.make(self.work / "due-csv", invoices, due)
        folder = self.imported("due", made)
        # Everybody has been looked at, the day before.
        self.run(self.command(folder, "2026-03-01", "run", "--once"))
        with sqlite3.connect(folder / "dunningd.db") as db:
            db.execute("CREATE INDEX bench_due ON ledger_invoice (due_date)")
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.close()
        asked = (
            "SELECT i.*, c.*, (SELECT sum(CAST(p.amount AS NUMERIC)) FROM ledger_payment p WHERE p.invoice_id = i.id) "
            f"FROM ledger_invoice i JOIN ledger_customer c ON c.id = i.customer_id WHERE i.due_date = '{books.TODAY.replace(day=27, month=2)}'"
        )
        ratios, walls, planned, polls = [], [], [], []
        for number in range(self.runs):
            copy = self.work / f"due-{number}"
            shutil.copytree(folder, copy)
            shell = child.run(["sqlite3", str(copy / "dunningd.db"), asked])
            polled = self.run(self.command(copy, "2026-03-02", "run", "--once"))
            status = json.loads(child.checked(self.command(copy, "2026-03-02", "status", "--format", "json")))
            found = status["contacts"].get("open", 0)
            if found < due / 2:
                raise RuntimeError(f"only {found} contacts were planned: {polled.stderr[-500:]}")
            ratios.append(polled.wall / shell.wall)
            walls.append(shell.wall)
            planned.append(found)
            polls.append(polled.wall)
            shutil.rmtree(copy)
        self.rows.append(Row(f"{due:,} due of {invoices:,}: a poll / the same indexed query by `sqlite3`", "≤ 2", 2, ratios))
        self.parts.append(Row("`sqlite3`: the invoices that are due, with their customers and payments", "", None, walls, "s"))
        self.parts.append(Row("dunningd: reads them, plans and writes the contacts down", "", None, polls, "s"))
        self.parts.append(Row("contacts that it planned", "", None, planned))
        shutil.rmtree(made.folder)

    def query(self) -> None:
        """A query ledger on PostgreSQL, read as a whole, against COPY of the same queries."""
        invoices = 1_000_000 // self.smaller
        made = books.make(self.work / "query-csv", invoices, 20_000 // self.smaller, paid=True)
        with Cluster() as cluster:
            url = cluster.empty()
            tables = (
                "CREATE TABLE customers (id text PRIMARY KEY, name text, email text, country text);"
                "CREATE TABLE invoices (id text PRIMARY KEY, number text, customer_id text, issue_date date, due_date date, "
                "currency char(3), total numeric(12, 2), open_balance numeric(12, 2));"
                "CREATE TABLE payments (id text PRIMARY KEY, customer_id text, invoice_id text, received_on date, "
                "amount numeric(12, 2), currency char(3));"
            )
            load = [f"\\copy {name} from '{made.file(name)}' csv header" for name in books.COLUMNS]
            self.psql(cluster, url, [tables, *load, "VACUUM ANALYZE"])
            for what, queries in (("tables as they are", OWN_QUERIES), ("balances from payments, as presets ask", SUMMED)):
                self.query_of(cluster, url, what, queries, invoices)
        shutil.rmtree(made.folder)

    def psql(self, cluster: Cluster, url: str, commands: list[str]) -> child.Ended:
        words = [word for command in commands for word in ("-c", command)]
        ended = child.run([*user(), "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", url, *words], cwd=cluster.folder)
        if ended.code:
            raise RuntimeError(ended.stderr)
        return ended

    def query_of(self, cluster: Cluster, url: str, what: str, queries: dict[str, str], invoices: int) -> None:
        more = f'\n[ledger]\nsource = "query"\n\n[ledger.query]\nurl = "{url}"\n'
        more += "".join(f"{name} = {json.dumps(sql)}\n" for name, sql in queries.items())
        folder = self.configured(f"query-{len(self.rows)}", more)
        copies = [f"\\copy ({sql}) to /dev/null" for sql in queries.values()]
        ratios, ours, theirs, memory, cpu = [], [], [], [], []
        for _ in range(self.runs):
            copied = self.psql(cluster, url, copies)
            read = self.run(self.command(folder, "2026-03-02", "aging", "--by", "segment"))
            ratios.append(read.wall / copied.wall)
            ours.append(read.wall)
            cpu.append(read.cpu)
            theirs.append(copied.wall)
            memory.append(read.rss / 2**20)
        title = f"PostgreSQL query ledger, {invoices:,} invoices ({what})"
        self.rows.append(Row(f"{title}: full read / `psql \\copy`", "≤ 1.5", 1.5, ratios))
        self.rows.append(Row("the same, memory", "< 64 MiB", 64, memory, "MiB"))
        polled = self.run(self.command(folder, "2026-03-02", "run", "--once"))
        self.rows.append(Row("the same, memory of a whole poll (the first one)", "< 64 MiB", 64, [polled.rss / 2**20], "MiB"))
        self.parts.append(Row(f"`psql \\copy` of the three queries ({what})", "", None, theirs, "s"))
        self.parts.append(Row("dunningd: reads, checks and sums them (`aging --by segment`)", "", None, ours, "s"))
        self.parts.append(Row("the same, CPU", "", None, cpu, "s"))
        self.parts.append(Row("dunningd: the first poll", "", None, [polled.wall], "s"))

    def imports(self) -> None:
        """CSV files into the own ledger, against SQLite's own import of the same files."""
        invoices = 1_000_000 // self.smaller
        made = books.make(self.work / "import-csv", invoices, 0)
        ratios, ours, theirs, cpu, memory = [], [], [], [], []
        for number in range(self.runs):
            bare = self.work / f"bare-{number}.db"
            lines = [f".import --csv {made.file(name)} {name}" for name in books.COLUMNS]
            shell = child.run(["sqlite3", str(bare), *lines])
            folder = self.configured(f"import-{number}")
            imported = self.run(self.import_command(folder, made))
            ratios.append(imported.wall / shell.wall)
            cpu.append(imported.cpu / shell.cpu)
            ours.append(imported.wall)
            theirs.append(shell.wall)
            memory.append(imported.rss / 2**20)
            bare.unlink()
            shutil.rmtree(folder)
        self.rows.append(Row(f"import of {invoices:,} invoices from CSV / `sqlite3 .import` into bare tables", "≤ 3", 3, ratios))
        self.rows.append(Row("the same, CPU", "≤ 3", 3, cpu))
        self.parts.append(Row("`sqlite3 .import` of the three files", "", None, theirs, "s"))
        self.parts.append(Row("`dunningd import` of the three files", "", None, ours, "s"))
        self.parts.append(Row("the same, memory", "", None, memory, "MiB"))
        shutil.rmtree(made.folder)
