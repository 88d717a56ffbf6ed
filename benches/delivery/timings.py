"""What the program says of itself: the line `delivery.timings` of its log, in text or in JSON."""

import re

COLOUR = re.compile(r"\x1b\[[0-9;]*m")
FIELD = re.compile(r'"?(\w+)_ms"?\s*[=:]\s*"?([0-9.]+)')


def read(log: str) -> dict[str, float] | None:
    """Milliseconds by phase, summed over all such lines; None if there is none."""
    found: dict[str, float] = {}
    for line in COLOUR.sub("", log).splitlines():
        if "delivery.timings" in line:
            for phase, amount in FIELD.findall(line):
                found[phase] = found.get(phase, 0) + float(amount)
    return found or None
