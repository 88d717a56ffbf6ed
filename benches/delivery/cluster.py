"""A PostgreSQL cluster of one's own: in a temporary folder, on a Unix socket there, gone afterwards."""

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

import child
import tools


def user() -> list[str]:
    """PostgreSQL does not run as root: what to put before its commands."""
    if os.geteuid() != 0:
        return []
    try:
        pwd.getpwnam("postgres")
        return ["runuser", "-u", "postgres", "--"]
    except KeyError:
        return ["runuser", "-u", "nobody", "--"]


class Cluster:
    """`with Cluster() as cluster`: `cluster.empty()` gives the url of an empty database."""

    def __enter__(self) -> "Cluster":
        self.number = 0
        self.folder = Path(tempfile.mkdtemp(prefix="dunningd-bench-"))
        self.data = self.folder / "data"
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def start(self) -> None:
        if os.geteuid() == 0:
            shutil.chown(self.folder, user()[2])
        how = ["-U", "dunningd", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"]
        self.say(tools.postgres("initdb"), "-D", str(self.data), *how)
        options = f"-c listen_addresses='' -c unix_socket_directories='{self.folder}'"
        control = [tools.postgres("pg_ctl"), "-D", str(self.data), "-w", "-l", str(self.folder / "log")]
        self.say(*control, "-o", options, "start")

    def say(self, *command: str) -> None:
        done = child.run([*user(), *command], cwd=self.folder)
        if done.code:
            raise RuntimeError(f"{Path(command[0]).name}: {done.stderr.strip()}")

    def empty(self) -> str:
        self.number += 1
        name = f"bench{self.number}"
        self.say(tools.postgres("createdb"), "-h", str(self.folder), "-U", "dunningd", name)
        return f"postgres://dunningd@localhost/{name}?host={self.folder}"

    def drop(self, url: str) -> None:
        name = url.split("/")[3].split("?")[0]
        self.say(tools.postgres("dropdb"), "-h", str(self.folder), "-U", "dunningd", "--if-exists", "--force", name)

    def __exit__(self, *_) -> None:
        stop = [tools.postgres("pg_ctl"), "-D", str(self.data), "-w", "-m", "immediate", "stop"]
        subprocess.run([*user(), *stop], cwd="/", capture_output=True)
        shutil.rmtree(self.folder, ignore_errors=True)
