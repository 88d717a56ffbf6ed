"""Postfix's smtp-sink on a spare port of loopback."""

import os
import socket
import subprocess
import time

import tools
from watch import Watch


def spare_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Sink:
    """`with Sink() as sink`: it takes everything; `sink.watch` says when it had connections."""

    def __enter__(self) -> "Sink":
        self.port = spare_port()
        user = ["-u", "nobody"] if os.geteuid() == 0 else []
        command = [tools.find("smtp-sink"), *user, f"127.0.0.1:{self.port}", "1000"]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        try:
            self.wait_until_it_answers()
            self.watch = Watch(self.process.pid)
        except BaseException:
            self.end()
            raise
        return self

    def wait_until_it_answers(self) -> None:
        for _ in range(500):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    probe.recv(200)
                    break
            time.sleep(0.01)
        else:
            raise RuntimeError("smtp-sink does not answer")
        time.sleep(0.1)

    def __exit__(self, *_) -> None:
        self.watch.end()
        self.end()

    def end(self) -> None:
        self.process.terminate()
        self.process.wait()
