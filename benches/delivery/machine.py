"""What the figures were measured on: processor, load, disk, versions."""

import os
import platform
import re
import tempfile
import time
from pathlib import Path

import child
import tools


def fdatasyncs_per_second(folder: Path, seconds: float = 0.5) -> float:
    """How often a small write can be made durable: the probe of the disk below the databases."""
    with tempfile.NamedTemporaryFile(dir=folder) as probe:
        done, begun = 0, time.monotonic()
        while (taken := time.monotonic() - begun) < seconds:
            os.pwrite(probe.fileno(), b"x" * 4096, 0)
            os.fdatasync(probe.fileno())
            done += 1
        return done / taken


def version(*command: str) -> str:
    try:
        return child.checked(list(command)).splitlines()[0].strip()
    except (OSError, RuntimeError, IndexError, TypeError):
        return "–"


def processor() -> str:
    found = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())
    return found[1].strip() if found else platform.machine()


def filesystem(folder: Path) -> str:
    return version("findmnt", "-n", "-o", "FSTYPE", "-T", str(folder))


def describe(program: str, work: Path) -> list[tuple[str, str]]:
    memory = int(re.search(r"MemTotal:\s*(\d+)", Path("/proc/meminfo").read_text())[1]) / 2**20
    python = tools.python() or "python3"
    jinja = version(python, "-c", "import jinja2; print(jinja2.__version__)")
    return [
        ("processor", f"{processor()}, {len(os.sched_getaffinity(0))} cores for sender, sink and all else; {memory:.0f} GiB"),
        ("kernel, file system", f"{platform.system()} {platform.release()}, {filesystem(work)}"),
        ("dunningd", version(program, "--version")),
        ("Postfix", version("dpkg-query", "-W", "-f", "${Version}", "postfix")),
        ("PostgreSQL", version(tools.postgres("postgres"), "--version") if tools.postgres("postgres") else "–"),
        ("the script's Python, Jinja2", f"{version(python, '--version')}, {jinja}"),
    ]
