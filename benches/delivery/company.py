"""A company with many customers, each with one overdue invoice, and dunningd's configuration for it.

Every customer is due one e-mail on DAY and nothing else, so that one `run --once` sends exactly one per customer.
"""

import itertools
import os
import shutil
from pathlib import Path

import child

DAY = "2026-03-02"
NOW = f"{DAY}T10:00:00Z"
FROM = "accounts@example.com"

CONFIG = """\
[database]
url = "{database}"

[relay]
transport = "smtp"
host = "127.0.0.1"
port = {port}
tls = "none"
max_connections = {connections}
max_per_connection = 1000000

[company]
name = "Example Ltd"
from = "Example Accounts <{sender}>"

[poll]
schedule = ["0 10 * * *"]
"""

TIMETABLE = """\
time_zone   = "UTC"
send_window = { days = "mon-sun", from = "00:00", to = "23:59" }
go_live     = "2026-01-01"

[[segment]]
name = "all"

[[step]]
id    = "past-due"
email = "past-due"
days  = 3
"""


def customers(n: int):
    """id, name, e-mail, invoice number, open balance."""
    for i in range(n):
        yield f"C-{i:06}", f"Customer {i:06} Ltd", f"ap{i:06}@customer.example", f"INV-{i:06}", f"{100 + i % 900}.50"


class Company:
    """Makes folders that are ready for `run --once`; what was imported once is copied from then on."""

    def __init__(self, program: str, work: Path):
        self.program, self.work, self.number = program, work, itertools.count(1)
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith("DUNNINGD__")}
        self.environment |= {"RUST_LOG": "dunningd=info", "NO_COLOR": "1"}

    def command(self, folder: Path, *words: str) -> list[str]:
        return [self.program, "--config", str(folder), "--now", NOW, *words]

    def ready(self, n: int, port: int, connections: int = 50, database: str | None = None) -> Path:
        """A folder with `n` customers in the ledger, and nothing sent yet."""
        folder = self.work / f"run-{next(self.number)}"
        self.configure(folder, port, connections, database or "sqlite:dunningd.db")
        if database:
            self.fill(folder, n)
            return folder
        seed = self.work / f"seed-{n}"
        if not seed.exists():
            self.configure(seed, 1, 1, "sqlite:dunningd.db")
            self.fill(seed, n)
        for part in seed.glob("dunningd.db*"):
            shutil.copy(part, folder)
            # What is still to be written of the copy is not the measured program's to wait for.
            with open(folder / part.name) as copy:
                os.fsync(copy.fileno())
        return folder

    def configure(self, folder: Path, port: int, connections: int, database: str) -> None:
        folder.mkdir()
        config = CONFIG.format(port=port, connections=connections, database=database, sender=FROM)
        (folder / "dunningd.toml").write_text(config)
        (folder / "timetable.toml").write_text(TIMETABLE)
        shutil.copytree(Path(__file__).with_name("templates"), folder / "templates")

    def fill(self, folder: Path, n: int) -> None:
        with open(folder / "customers.csv", "w") as c, open(folder / "invoices.csv", "w") as i:
            c.write("id,name,email\n")
            i.write("id,customer_id,number,invoice_date,due_date,currency,total,open_balance\n")
            for id, name, email, number, amount in customers(n):
                c.write(f"{id},{name},{email}\n")
                i.write(f"{number},{id},{number},2026-01-28,2026-02-27,EUR,{amount},{amount}\n")
        files = ["--customers", str(folder / "customers.csv"), "--invoices", str(folder / "invoices.csv")]
        child.checked(self.command(folder, "import", *files), env=self.environment)

    def message(self) -> bytes:
        """One of the e-mails, as it leaves."""
        folder = self.ready(100, 1)
        words = ["preview", "past-due", "--invoice", "INV-000001", "--as", "eml"]
        return child.checked(self.command(folder, *words), env=self.environment).encode()
