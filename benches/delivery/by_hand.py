#!/usr/bin/env python3
"""The script that somebody writes by hand: reads the invoices from SQLite, renders with Jinja2, sends with smtplib, and
commits after each mail so that a crash sends at most one twice. The texts are the ones that dunningd sends.

    by_hand.py prepare DATABASE CUSTOMERS
    by_hand.py send DATABASE PORT
"""

import datetime
import smtplib
import sqlite3
import sys
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from pathlib import Path

import jinja2


def open_database(path):
    db = sqlite3.connect(path)
    db.row_factory = sqlite3.Row
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    return db


def prepare(path, customers):
    db = open_database(path)
    db.execute("CREATE TABLE customer (id TEXT PRIMARY KEY, name TEXT, email TEXT)")
    db.execute("CREATE TABLE invoice (id INTEGER PRIMARY KEY, customer TEXT, number TEXT, due_date TEXT, open_balance TEXT)")
    db.execute("CREATE TABLE reminder (invoice INTEGER PRIMARY KEY, message_id TEXT, sent_at TEXT)")
    for i in range(customers):
        customer = (f"C-{i:06}", f"Customer {i:06} Ltd", f"ap{i:06}@customer.example")
        invoice = (i, f"C-{i:06}", f"INV-{i:06}", f"{100 + i % 900}.50")
        db.execute("INSERT INTO customer VALUES (?, ?, ?)", customer)
        db.execute("INSERT INTO invoice VALUES (?, ?, ?, '2026-02-27', ?)", invoice)
    db.commit()


def long_date(iso):
    day = datetime.date.fromisoformat(iso)
    return f"{day:%B} {day.day}, {day.year}"


def send(path, port):
    db = open_database(path)
    folder = Path(__file__).with_name("templates") / "en" / "past-due"
    jinja = jinja2.Environment(loader=jinja2.FileSystemLoader(folder), autoescape=lambda name: name.endswith(".html"))
    jinja.filters["date"] = long_date
    jinja.filters["money"] = lambda amount, currency: f"€{float(amount):,.2f}"
    subject, text, html = (jinja.get_template(name) for name in ("subject.txt", "body.txt", "body.html"))
    today = datetime.date(2026, 3, 2)
    due = db.execute(
        """SELECT i.id, i.number, i.due_date, i.open_balance, 'EUR' AS currency, c.name, c.email
             FROM invoice i JOIN customer c ON c.id = i.customer
            WHERE i.due_date <= ? AND i.id NOT IN (SELECT invoice FROM reminder)""",
        (str(today - datetime.timedelta(days=3)),),
    ).fetchall()
    with smtplib.SMTP("127.0.0.1", port) as smtp:
        for row in due:
            invoice = dict(row) | {"days_past_due": (today - datetime.date.fromisoformat(row["due_date"])).days}
            names = {"customer": {"name": row["name"]}, "company": {"name": "Example Ltd"}, "language": "en"}
            names["invoices"] = [invoice]
            mail = EmailMessage()
            mail["Date"] = formatdate()
            mail["Message-ID"] = make_msgid(domain="example.com")
            mail["From"] = "Example Accounts <accounts@example.com>"
            mail["To"] = f"{row['name']} <{row['email']}>"
            mail["Subject"] = subject.render(names).strip()
            mail.set_content(text.render(names))
            mail.add_alternative(html.render(names), subtype="html")
            smtp.send_message(mail)
            sent = (row["id"], mail["Message-ID"], datetime.datetime.now().isoformat())
            db.execute("INSERT INTO reminder VALUES (?, ?, ?)", sent)
            db.commit()


if __name__ == "__main__":
    {"prepare": prepare, "send": send}[sys.argv[1]](sys.argv[2], int(sys.argv[3]))
