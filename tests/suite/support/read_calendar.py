"""Reads a calendar with icalendar (PyPI, Debian): python3 read_calendar.py FILE. One JSON document a line: the calendar's own
properties first, then each entry's. Fails where the file is not RFC 5545, or a line is too long."""

import json
import sys

import icalendar

with open(sys.argv[1], "rb") as file:
    data = file.read()
assert b"\n" not in data.replace(b"\r\n", b""), "a line ends without CR"
assert all(len(line) <= 75 for line in data.split(b"\r\n")), "a line is longer than 75 octets"
calendar = icalendar.Calendar.from_ical(data)


def shown(component):
    def plain(value):
        if isinstance(value, icalendar.prop.vDDDTypes):
            return value.dt.isoformat()
        if isinstance(value, icalendar.prop.vCategory):
            return ",".join(str(c) for c in value.cats)
        return str(value)

    assert not any(isinstance(component.get(one), list) for one in ["PRODID", "UID", "SUMMARY", "DUE"]), "twice"
    return {"component": component.name} | {key.lower(): plain(value) for key, value in component.items()}


assert not getattr(calendar, "errors", None), calendar.errors
print(json.dumps(shown(calendar)))
for entry in calendar.subcomponents:
    assert not entry.errors, entry.errors
    print(json.dumps(shown(entry)))
