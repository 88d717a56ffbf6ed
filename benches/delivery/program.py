"""One measured `dunningd run --once`."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import child
import timings
from company import Company
from watch import Watch


@dataclass
class Run:
    sent: int
    whole: child.Ended
    """Of the delivery alone; None where nobody watched: seconds, CPU seconds, and seconds before and after it."""
    delivery: float | None = None
    cpu: float | None = None
    before: float | None = None
    after: float | None = None
    phases: dict[str, float] | None = None


def run(company: Company, folder: Path, watch: Watch | None = None, under: tuple[str, ...] = (), keep: bool = False) -> Run:
    """`under`: a program that runs it, strace for example. The folder is gone afterwards."""
    command = [*under, *company.command(folder, "run", "--once", "--accept-volume", "--format", "json")]
    ended = child.run(command, watch=watch.begin if watch else None, env=company.environment)
    status = json.loads(child.checked(company.command(folder, "status", "--format", "json"), env=company.environment))
    done = Run(sent=status["contacts"].get("sent", 0), whole=ended, phases=timings.read(ended.stderr))
    if ended.code > 1 or ended.code < 0:
        raise RuntimeError(f"dunningd ended with {ended.code}: {ended.stderr[-2000:]}")
    if watch:
        watch.end()
        # What is made ready before the first connection belongs to the delivery, as soon as the program says when it began.
        planned = ended.begun + done.phases["planning"] / 1000 if done.phases and "planning" in done.phases else None
        begun, over, done.cpu = watch.span(planned)
        done.delivery, done.before, done.after = over - begun, begun - ended.begun, ended.begun + ended.wall - over
    if not keep:
        shutil.rmtree(folder)
    return done


def whole(run: Run, n: int) -> Run:
    """The run, if it has sent everything."""
    if run.sent != n or run.whole.code:
        raise RuntimeError(f"{run.sent} of {n} were sent, exit code {run.whole.code}: {run.whole.stderr[-2000:]}")
    return run
