"""The measurements, one method each. Each appends what it saw to `samples`; report.py makes ratios of it.

What is compared is measured in turn within one round, so that both have the same machine with the same load.
"""

import json
import os
import re
import shutil
import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import child
import cluster
import machine
import program
import tools
from company import FROM, Company
from counting import Counting
from sink import Sink

CONNECTIONS = 50


@dataclass
class Sizes:
    """How many messages each measurement sends."""

    messages: int
    by_hand: int
    fsyncs: int
    refused: int
    slow_50: int
    slow_1: int
    idle: int
    large: int  # 0: not measured

    @staticmethod
    def of(messages: int, quick: bool) -> "Sizes":
        up_to = lambda n: min(messages, n)
        return Sizes(
            messages=messages,
            by_hand=up_to(2_000),
            fsyncs=up_to(5_000),
            refused=up_to(2_000),
            slow_50=up_to(1_000 if quick else 4_000),
            slow_1=up_to(40 if quick else 100),
            idle=up_to(300),
            large=0 if quick else 10 * messages,
        )


class Bench:
    def __init__(self, path: str, work: Path, sizes: Sizes):
        self.path, self.work, self.sizes = path, work, sizes
        self.company = Company(path, work)
        self.samples: dict[str, list[float]] = defaultdict(list)
        self.remarks: dict[str, str] = {}
        self.cluster: cluster.Cluster | None = None
        self.mail = work / "message.eml"
        text = self.company.message()
        self.bytes = len(text)
        # smtp-source ends the lines itself.
        self.mail.write_bytes(text.replace(b"\r\n", b"\n"))

    def note(self, **values: float | None) -> None:
        for name, value in values.items():
            if value is not None:
                self.samples[name].append(value)

    # In every round.

    def speed(self) -> None:
        """smtp-source, dunningd and the script, to the same smtp-sink."""
        n = self.sizes.messages
        self.note(load=os.getloadavg()[0], fdatasyncs=machine.fdatasyncs_per_second(self.work))
        with Sink() as sink:
            source = [tools.find("smtp-source"), "-d", "-s", str(CONNECTIONS), "-m", str(n), "-F", str(self.mail)]
            ended = child.run([*source, "-f", FROM, "-t", "ap000001@customer.example", f"127.0.0.1:{sink.port}"])
            if ended.code:
                raise RuntimeError(f"smtp-source ended with {ended.code}: {ended.stderr}")
        run, (hand_rate, hand_cpu) = self.to_sink(n), self.script()
        # All of them or none, so that the rounds stay in step.
        self.note(source_rate=n / ended.wall, source_cpu=ended.cpu / n, hand_rate=hand_rate, hand_cpu=hand_cpu)
        self.note(rate=n / run.delivery, whole_rate=n / run.whole.wall, rss=run.whole.rss)
        self.note(cpu=run.cpu / n, whole_cpu=run.whole.cpu / n)
        self.note(before=run.before, delivery=run.delivery, after=run.after)
        for phase, amount in (run.phases or {}).items():
            self.note(**{f"phase {phase}": amount / 1000})

    def to_sink(self, n: int, database: str | None = None) -> program.Run:
        with Sink() as sink:
            folder = self.company.ready(n, sink.port, CONNECTIONS, database)
            return program.whole(program.run(self.company, folder, sink.watch), n)

    def script(self) -> tuple[float, float]:
        """The rate of the hand-written script, and its CPU seconds per mail."""
        n, folder = self.sizes.by_hand, self.work / "by-hand"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        script = [tools.python(), str(Path(__file__).with_name("by_hand.py"))]
        child.checked([*script, "prepare", str(folder / "a.db"), str(n)])
        with Sink() as sink:
            ended = child.run([*script, "send", str(folder / "a.db"), str(sink.port)])
        if ended.code:
            raise RuntimeError(f"by_hand.py ended with {ended.code}: {ended.stderr}")
        return n / ended.wall, ended.cpu / n

    def fsyncs(self) -> None:
        """fsync and fdatasync of the whole run, planning included; not timed, since strace slows it down."""
        n, counts = self.sizes.fsyncs, self.work / "strace"
        strace = (tools.find("strace"), "-f", "--seccomp-bpf", "-qq", "-c", "-e", "trace=fsync,fdatasync", "-o", str(counts))
        with Sink() as sink:
            folder = self.company.ready(n, sink.port, CONNECTIONS)
            program.whole(program.run(self.company, folder, under=strace), n)
        rows = re.findall(r"^\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)\s.*\b(?:fsync|fdatasync)$", counts.read_text(), re.M)
        self.note(fsyncs=sum(map(int, rows)) / n)

    def latency(self) -> None:
        """A relay that answers after 20 ms: what many connections bring."""
        rates = {}
        for connections, n in ((CONNECTIONS, self.sizes.slow_50), (1, self.sizes.slow_1)):
            with Counting(delay=0.02) as relay:
                folder = self.company.ready(n, relay.port, connections)
                program.whole(program.run(self.company, folder), n)
            rates[f"slow_{connections}"] = n / (relay.seen["last"] - relay.seen["first"])
        self.note(**rates)

    def idle(self) -> None:
        """One connection that is there already: from the relay's reply to one message to the final dot of the next."""
        n = self.sizes.idle
        with Counting() as relay:
            folder = self.company.ready(n, relay.port, 1)
            program.whole(program.run(self.company, folder), n)
        self.note(idle=relay.seen["gap"] * 1000)

    def store(self) -> None:
        """The same delivery with the log in SQLite and in PostgreSQL."""
        if not self.cluster or "store" in self.remarks:
            return
        n, url = self.sizes.messages, self.cluster.empty()
        try:
            in_postgres = self.to_sink(n, url)
        except RuntimeError as error:
            said = str(error).split(": ", 1)[-1].strip().splitlines()[0]
            self.remarks["store"] = said.replace(url, "postgres://…")
            return
        finally:
            self.cluster.drop(url)
        in_sqlite = self.to_sink(n)
        self.note(postgres_rate=n / in_postgres.delivery, sqlite_rate=n / in_sqlite.delivery)

    # Counts, which do not depend on the load: once.

    def trips(self) -> None:
        """Round trips and connections, with a relay that counts; then one that refuses some recipients.

        Every 25th of them: five refusals without an acceptance in between make dunningd pause (D4), and with 50 messages
        under way at once the refusals, which need no DATA, overtake the acceptances.
        """
        n = self.sizes.messages
        with Counting() as relay:
            program.whole(program.run(self.company, self.company.ready(n, relay.port, CONNECTIONS)), n)
        self.note(trips=relay.seen["trips"] / relay.seen["accepted"], connections=relay.seen["connections"])
        n = self.sizes.refused
        with Counting(refuse_every=25) as relay:
            run = program.run(self.company, self.company.ready(n, relay.port, CONNECTIONS))
        seen = relay.seen
        if run.sent != seen["accepted"] or seen["accepted"] + seen["refused"] != n:
            raise RuntimeError(f"{run.sent} sent, but the relay saw {json.dumps(seen)}")
        self.note(refused=seen["refused"], more_connections=seen["connections"] - min(CONNECTIONS, n))

    def memory(self) -> None:
        """Ten times the contacts in one run."""
        if self.sizes.large:
            self.note(large_rss=self.to_sink(self.sizes.large).whole.rss)


ROUNDS = ("speed", "fsyncs", "latency", "idle", "store")
ONCE = ("trips", "memory")


def measure(bench: Bench, runs: int, only: list[str], with_postgres: bool) -> None:
    wanted = lambda names: [n for n in names if not only or n in only]
    if with_postgres and "store" in wanted(ROUNDS):
        try:
            with cluster.Cluster() as bench.cluster:
                rounds(bench, runs, wanted)
        finally:
            bench.cluster = None
    else:
        rounds(bench, runs, wanted)
    for name in wanted(ONCE):
        attempt(bench, name)


def rounds(bench: Bench, runs: int, wanted) -> None:
    for number in range(runs):
        print(f"round {number + 1} of {runs}, load {os.getloadavg()[0]:.1f}", file=sys.stderr)
        for name in wanted(ROUNDS):
            attempt(bench, name)


def attempt(bench: Bench, name: str) -> None:
    """One measurement; a failure is reported and does not end the others."""
    print(f"  {name}", file=sys.stderr)
    try:
        getattr(bench, name)()
    except (RuntimeError, OSError) as error:
        bench.remarks[name] = f"failed: {error}"
        print(f"  {name}: {error}", file=sys.stderr)
