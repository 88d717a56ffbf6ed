"""Runs a program to its end and says what it took."""

import os
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass


@dataclass
class Ended:
    code: int
    begun: float  # time.monotonic()
    wall: float  # seconds
    cpu: float  # seconds, user and system
    rss: int  # bytes, the most that was resident at once
    stderr: str


def run(command: list[str], watch=None, **how) -> Ended:
    """`watch(pid)` is called once it runs. The standard output is thrown away."""
    with tempfile.TemporaryFile("w+") as errors:
        begun = time.monotonic()
        streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": errors}
        child = subprocess.Popen(command, start_new_session=True, **streams, **how)
        try:
            if watch:
                watch(child.pid)
            _, status, used = os.wait4(child.pid, 0)
        except BaseException:
            # Ended from outside: with all that it has started.
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
            raise
        wall = time.monotonic() - begun
        child.returncode = os.waitstatus_to_exitcode(status)
        errors.seek(0)
        cpu = used.ru_utime + used.ru_stime
        return Ended(child.returncode, begun, wall, cpu, used.ru_maxrss * 1024, errors.read())


def checked(command: list[str], **how) -> str:
    """The standard output of a command that has to succeed."""
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, **how)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {(done.stderr or done.stdout).strip()[:2000]}")
    return done.stdout
