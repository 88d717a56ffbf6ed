"""The report, in Markdown."""

import os
import platform

import machine
import tools
from measures import Bench, Row


def number(value: float, unit: str) -> str:
    if unit == "MiB" or value >= 1_000:
        return f"{value:,.0f}" + (f" {unit}" if unit else "")
    return (f"{value:.2f}" if value < 100 else f"{value:.0f}") + (f" {unit}" if unit else "")


def span(row: Row) -> str:
    if len(row.figures) < 2:
        return "–"
    return f"{number(min(row.figures), row.unit)}–{number(max(row.figures), row.unit)}"


def report(bench: Bench, day: str) -> str:
    rounds = "1 round" if bench.runs == 1 else f"{bench.runs} rounds"
    lines = [
        "# Ledgers, measured",
        "",
        f"Made by `benches/ledger/run` on {day}; [README.md](README.md) says how to read it. {rounds}; medians. Trust the ratios",
        "before the seconds: both sides of each ran in turn, in the same minute.",
        "",
        "## Ratios",
        "",
        "| measured | to reach | median | from–to | reached |",
        "|---|---|---|---|---|",
        *(f"| {r.what} | {r.goal} | {number(r.median, r.unit)} | {span(r)} | {r.reached} |" for r in bench.rows),
        "",
        "## What they are made of",
        "",
        "| measured | median | from–to |",
        "|---|---|---|",
        *(f"| {r.what} | {number(r.median, r.unit)} | {span(r)} |" for r in bench.parts),
        "",
        "## Measured on",
        "",
        f"- {machine.processor()}, {len(os.sched_getaffinity(0))} cores; {platform.system()} {platform.release()}, "
        f"{machine.filesystem(bench.work)}",
        f"- load {', '.join(f'{n:.1f}' for n in os.getloadavg())} at the end; "
        f"{', '.join(f'{n:,.0f}' for n in bench.probes)} fdatasync per second before the measurements",
        f"- {machine.version(bench.program, '--version')}; sqlite3 {machine.version('sqlite3', '--version').split(' ')[0]}; "
        f"{machine.version(tools.postgres('postgres') or 'postgres', '--version')}",
        *(f"- {remark}" for remark in bench.remarks),
    ]
    return "\n".join(lines) + "\n"
