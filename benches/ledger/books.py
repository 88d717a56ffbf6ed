"""Made-up accounts of any size, the same each time: three CSV files."""

import datetime
import random
from dataclasses import dataclass
from pathlib import Path

TODAY = datetime.date(2026, 3, 2)
COLUMNS = {
    "customers": "id,name,email,country",
    "invoices": "id,number,customer_id,issue_date,due_date,currency,total,open_balance",
    "payments": "id,customer_id,invoice_id,received_on,amount,currency",
}


@dataclass
class Books:
    """The files, and how many rows each has."""

    folder: Path
    invoices: int
    customers: int
    payments: int

    def file(self, name: str) -> Path:
        return self.folder / f"{name}.csv"


def make(folder: Path, invoices: int, due: int, paid: bool = False) -> Books:
    """20 invoices a customer. `due` of them, by chance, were due three days ago, all others are not due for months. `paid`: a
    third of them has a payment of a quarter, and the balance is not given."""
    folder.mkdir()
    chance = random.Random(20260302)
    customers = max(invoices // 20, 1)
    some = set(chance.sample(range(invoices), due))
    issued, was_due = TODAY - datetime.timedelta(33), TODAY - datetime.timedelta(3)
    later = [TODAY + datetime.timedelta(100 + n) for n in range(60)]
    books = Books(folder, invoices, customers, 0)
    with open(books.file("customers"), "w") as file:
        file.write(COLUMNS["customers"] + "\n")
        file.writelines(f"C{n:07},Customer {n} Ltd,ap{n}@customer.example,GB\n" for n in range(customers))
    with open(books.file("invoices"), "w") as file, open(books.file("payments"), "w") as payments:
        file.write(COLUMNS["invoices"] + "\n")
        payments.write(COLUMNS["payments"] + "\n")
        for n in range(invoices):
            # A customer's invoices are not neighbours in the books.
            customer, total = f"C{n % customers:07}", 100 + n % 9_000
            day = was_due if n in some else later[n % 60]
            balance = "" if paid else f"{total}.50"
            file.write(f"I{n:08},INV-{n},{customer},{issued},{day},EUR,{total}.50,{balance}\n")
            if paid and n % 3 == 0:
                payments.write(f"P{n:08},{customer},I{n:08},{TODAY - datetime.timedelta(n % 80)},{total // 4}.00,EUR\n")
                books.payments += 1
    return books
