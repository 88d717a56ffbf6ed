"""Verifies DKIM signatures with dkimpy: python3 verify_dkim.py NAME RECORD FILE…, where RECORD is what DNS would say for
NAME. One line for each file: good, or bad and why."""

import sys

import dkim

name, record, files = sys.argv[1].encode(), sys.argv[2].encode(), sys.argv[3:]


def answer(asked, timeout=5):
    asked = asked if isinstance(asked, bytes) else asked.encode()
    return record if asked.rstrip(b".") == name else None


for path in files:
    with open(path, "rb") as file:
        message = file.read()
    try:
        verdict = "good" if dkim.DKIM(message).verify(dnsfunc=answer) else "bad: no good signature"
    except Exception as error:
        verdict = f"bad: {error}"
    print(verdict)
