"""The public tools that the benchmark needs: found, or installed with apt-get."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

PLACES = os.environ.get("PATH", "") + ":/usr/local/sbin:/usr/sbin:/sbin"
# tool: Debian's package
NEEDED = {"smtp-sink": "postfix", "smtp-source": "postfix", "strace": "strace"}


def find(name: str) -> str | None:
    """The path of a tool, also where only the superuser's PATH looks."""
    return shutil.which(name, path=PLACES)


def postgres(name: str) -> str | None:
    """The path of a tool of the newest PostgreSQL server."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda p: int(p.parts[-3]))
    return str(found[-1]) if found else find(name)


def python() -> str | None:
    """A Python that has Jinja2; Debian's own first, since its package brings it there."""
    for candidate in ("/usr/bin/python3", sys.executable):
        if os.path.exists(candidate) and not subprocess.run([candidate, "-c", "import jinja2"], capture_output=True).returncode:
            return candidate
    return None


def ensure(with_postgres: bool) -> None:
    """Installs what is missing. Ends the program when that cannot be done."""
    packages = {package for tool, package in NEEDED.items() if not find(tool)}
    packages |= set() if python() else {"python3-jinja2"}
    packages |= {"postgresql"} if with_postgres and not postgres("initdb") else set()
    if packages:
        install(sorted(packages))
    still = [tool for tool in NEEDED if not find(tool)] + ([] if python() else ["python3-jinja2"])
    if still:
        sys.exit(f"benches/delivery: these are still missing: {', '.join(still)}")


def install(packages: list[str]) -> None:
    """With apt-get, without questions; Postfix stays unconfigured and no service is left running."""
    print(f"apt-get install {' '.join(packages)}", file=sys.stderr)
    if not find("apt-get"):
        sys.exit(f"benches/delivery: these are missing and there is no apt-get: {' '.join(packages)}")
    root = [] if os.geteuid() == 0 else ["sudo"]
    apt = [*root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
    get = [*apt, "install", "-y", "--no-install-recommends"]
    subprocess.run([*apt, "update"], check=True, stdout=sys.stderr)
    if "postfix" in packages:
        answer = "postfix postfix/main_mailer_type select No configuration\n"
        subprocess.run([*root, "debconf-set-selections"], input=answer, text=True, check=True)
    if "postgresql" in packages:
        # A cluster of its own is made later: the package must neither make nor start one.
        subprocess.run([*get, "postgresql-common"], check=True, stdout=sys.stderr)
        none = "/etc/postgresql-common/createcluster.d/benchmark.conf"
        make = f"mkdir -p {os.path.dirname(none)} && echo 'create_main_cluster = false' >{none}"
        subprocess.run([*root, "sh", "-c", make], check=True)
        subprocess.run([*get, *packages], check=True, stdout=sys.stderr)
        subprocess.run([*root, "rm", "-f", none], check=True)
    else:
        subprocess.run([*get, *packages], check=True, stdout=sys.stderr)
