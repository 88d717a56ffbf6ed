"""A clock from outside: when connections were open at a server, and what CPU the sender had used by then.

Planning and reporting happen without a connection, so the time from the first connection opened to the last one closed is
the delivery. It is read from /proc every few milliseconds, which costs about a hundredth of a core.
"""

import os
import threading
import time

TICK = 1 / os.sysconf("SC_CLK_TCK")


def cpu_of(pid: int) -> float:
    """The CPU seconds of a process so far, in steps of a clock tick."""
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) * TICK


class Watch:
    """Looks at how many files `server` has open, beyond those it has now, and at the CPU of `sender`."""

    def __init__(self, server: int, period: float = 0.004):
        self.server, self.period = server, period
        self.idle = self.open_files()
        self.samples: list[tuple[float, int, float]] = []
        self.over = threading.Event()
        self.thread: threading.Thread | None = None

    def open_files(self) -> int:
        return len(os.listdir(f"/proc/{self.server}/fd"))

    def begin(self, sender: int) -> None:
        self.thread = threading.Thread(target=self.look, args=(sender,), daemon=True)
        self.thread.start()

    def look(self, sender: int) -> None:
        while not self.over.is_set():
            try:
                self.samples.append((time.monotonic(), self.open_files() - self.idle, cpu_of(sender)))
            except OSError:
                break
            time.sleep(self.period)

    def end(self) -> None:
        self.over.set()
        if self.thread:
            self.thread.join()

    def span(self, not_after: float | None = None) -> tuple[float, float, float]:
        """The first moment with a connection (`not_after` at the latest), the last one, and the CPU between them."""
        connected = [n for n, (_, files, _) in enumerate(self.samples) if files > 0]
        if not connected:
            raise RuntimeError("no connection was ever opened")
        first, last = connected[0], min(connected[-1] + 1, len(self.samples) - 1)
        while not_after is not None and first > 0 and self.samples[first][0] > not_after:
            first -= 1
        begun, ended = self.samples[first], self.samples[last]
        return begun[0], ended[0], ended[2] - begun[2]
