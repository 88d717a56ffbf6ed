"""The report: a table of ratios with what is to be reached, then what they were made of."""

import statistics
from dataclasses import dataclass

from measures import CONNECTIONS, Bench

MIB = 2**20


@dataclass
class Row:
    what: str
    to_reach: str
    values: list[float]
    reached: bool | None
    shown: str = "{:.2f}"
    remark: str = ""

    def line(self) -> str:
        if not self.values:
            return f"| {self.what} | {self.to_reach} | not measured | – | {self.remark} |"
        show = self.shown.format
        middle, low, high = statistics.median(self.values), min(self.values), max(self.values)
        span = f"{show(low)}–{show(high)}" if len(self.values) > 1 else "–"
        word = {True: "yes", False: "**no**", None: "–"}[self.reached]
        return f"| {self.what} | {self.to_reach} | {show(middle)} | {span} | {word}{'; ' + self.remark if self.remark else ''} |"


def ratios(above: list[float], below: list[float]) -> list[float]:
    """Round by round."""
    return [a / b for a, b in zip(above, below)]


def at_least(values: list[float], limit: float) -> bool | None:
    return statistics.median(values) >= limit if values else None


def at_most(values: list[float], limit: float) -> bool | None:
    return statistics.median(values) <= limit if values else None


def rows(bench: Bench) -> list[Row]:
    s, z = bench.samples, bench.sizes
    source, hand = ratios(s["rate"], s["source_rate"]), ratios(s["rate"], s["hand_rate"])
    cpu, store = ratios(s["cpu"], s["source_cpu"]), ratios(s["postgres_rate"], s["sqlite_rate"])
    slow, mib = ratios(s[f"slow_{CONNECTIONS}"], s["slow_1"]), [v / MIB for v in s["rss"]]
    large = [v / MIB for v in s["large_rss"]]
    growth = [v / statistics.median(mib) for v in large] if mib else []
    return [
        Row(f"rate / `smtp-source -d`, {CONNECTIONS} connections", "≥ 0.8", source, at_least(source, 0.8)),
        Row("the same, whole run: planning and report included", "", ratios(s["whole_rate"], s["source_rate"]), None),
        Row("rate / the Python script, a commit per mail", "≥ 30", hand, at_least(hand, 30), "{:.1f}"),
        Row("CPU per mail / smtp-source's", "≤ 2.5", cpu, at_most(cpu, 2.5)),
        Row("the same, whole run", "", ratios(s["whole_cpu"], s["source_cpu"]), None),
        Row(f"fsyncs per mail, {CONNECTIONS} connections, whole run", "≤ 0.1", s["fsyncs"], at_most(s["fsyncs"], 0.1), "{:.3f}"),
        Row("SMTP round trips per mail, relay with PIPELINING", "≤ 2", s["trips"], at_most(s["trips"], 2)),
        Row(f"connections opened for {z.messages:,} mails", f"= {CONNECTIONS}", s["connections"],
            s["connections"] == [min(CONNECTIONS, z.messages)] if s["connections"] else None, "{:.0f}"),
        Row("more connections because of refused recipients", "0", s["more_connections"],
            s["more_connections"] == [0] if s["more_connections"] else None, "{:.0f}", refused(bench)),
        Row(f"rate with {CONNECTIONS} connections / with 1, relay that answers after 20 ms", "≥ 40", slow, at_least(slow, 40), "{:.1f}"),
        Row("one mail on an idle, warm connection", "< 5 ms", s["idle"], at_most(s["idle"], 4.999), "{:.1f} ms"),
        Row(f"memory of the process, {z.messages:,} contacts in one run", "< 64 MiB", mib, at_most(mib, 63.999), "{:.0f} MiB"),
        Row(f"memory of the process, {z.large or 10 * z.messages:,} contacts in one run", "< 64 MiB", large, at_most(large, 63.999),
            "{:.0f} MiB"),
        Row("memory, ten times the contacts / once", "≤ 1.1", growth, at_most(growth, 1.1)),
        Row("PostgreSQL store / SQLite store", "≥ 0.5", store, at_least(store, 0.5), remark=bench.remarks.get("store", "")),
    ]


def refused(bench: Bench) -> str:
    count = bench.samples["refused"]
    return f"{count[0]:.0f} recipients were refused" if count else ""


def span(values: list[float], form: str, scale: float = 1) -> str:
    if not values:
        return "–"
    values = [v * scale for v in values]
    if len(values) == 1:
        return form.format(values[0])
    return f"{form.format(statistics.median(values))} ({form.format(min(values))}–{form.format(max(values))})"


def absolute(bench: Bench) -> list[str]:
    s = bench.samples
    count = "{:,.0f}"
    table = [
        (f"smtp-source -d -s {CONNECTIONS}", s["source_rate"], s["source_cpu"]),
        ("dunningd, delivery only", s["rate"], s["cpu"]),
        ("dunningd, whole run", s["whole_rate"], s["whole_cpu"]),
        ("the Python script", s["hand_rate"], s["hand_cpu"]),
        (f"dunningd, {CONNECTIONS} connections, relay after 20 ms", s[f"slow_{CONNECTIONS}"], []),
        ("dunningd, 1 connection, relay after 20 ms", s["slow_1"], []),
        ("dunningd, log in PostgreSQL, delivery only", s["postgres_rate"], []),
    ]
    lines = ["| sender | mails per second | CPU µs per mail |", "|---|---|---|"]
    return lines + [f"| {name} | {span(rate, count)} | {span(cpu, count, 1e6)} |" for name, rate, cpu in table]


def phases(bench: Bench) -> list[str]:
    s, own = bench.samples, [k for k in bench.samples if k.startswith("phase ")]
    outside = [
        ("before the first connection: start, read, plan", s["before"]),
        ("delivery: first connection to last", s["delivery"]),
        ("after the last connection: report", s["after"]),
    ]
    lines = ["| part of the run | seconds |", "|---|---|"]
    lines += [f"| {name} | {span(values, '{:.2f}')} |" for name, values in outside]
    if own:
        lines += [f"| within, as the program says: {k.removeprefix('phase ')} | {span(s[k], '{:.2f}')} |" for k in own]
    else:
        names = ("planning", "rendering", "intents", "wire", "outcomes")
        lines += [f"| within: {name} | not measured: the program does not say |" for name in names]
    if s["fsyncs"] and s["fdatasyncs"]:
        wait = statistics.median(s["fsyncs"]) * bench.sizes.messages / statistics.median(s["fdatasyncs"])
        lines.append(f"| fsyncs × the probe's time for one (an estimate) | {wait:.2f} |")
    return lines


def report(bench: Bench, about: list[tuple[str, str]], runs: int, when: str) -> str:
    s = bench.samples
    load, rounds = span(s["load"], "{:.1f}"), "1 round" if runs == 1 else f"{runs} rounds"
    lines = [
        "# Delivery, measured",
        "",
        f"Made by `benches/delivery/run` on {when}; [README.md](README.md) says how to read it.",
        f"{bench.sizes.messages:,} contacts of as many customers, {bench.bytes:,} bytes a message, {rounds}; medians, in parentheses or",
        "under *from–to* the smallest and the largest. Trust the counts first, then the ratios, then the absolute rates: the",
        "senders share the cores with the sink and with all else that ran.",
        "",
        "## Ratios",
        "",
        "| measured | to reach | median | from–to | reached |",
        "|---|---|---|---|---|",
        *[row.line() for row in rows(bench)],
        "",
        "## What they are made of",
        "",
        *absolute(bench),
        "",
        "## Where the time goes",
        "",
        *phases(bench),
        "",
        "## The machine",
        "",
        "| | |",
        "|---|---|",
        *[f"| {name} | {value} |" for name, value in about],
        f"| load (1 min) before each round | {load} |",
        f"| fdatasync per second, alone, before each round | {span(s['fdatasyncs'], '{:,.0f}')} |",
    ]
    lines += ["", *[f"Failed: {name}: {text}" for name, text in bench.remarks.items() if text.startswith("failed")]]
    return "\n".join(lines).rstrip() + "\n"
