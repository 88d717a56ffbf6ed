"""Headless Chromium, with nothing but Python's own library: what the pictures and the browser check share."""

import html
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path


def chromium() -> str:
    """The path of a Chromium; ends the script where there is none."""
    for name in ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"):
        if found := shutil.which(name):
            return found
    sys.exit("there is no Chromium: apt-get install chromium")


def start(*arguments: str, profile: str, **how) -> subprocess.Popen:
    """Starts a Chromium that has no window, no network of its own accord and a profile that nobody else uses."""
    command = [chromium(), "--headless=new", "--disable-gpu", "--hide-scrollbars", "--no-first-run", "--mute-audio",
               "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage",
               f"--user-data-dir={profile}", *arguments]
    if os.geteuid() == 0:
        command.insert(1, "--no-sandbox")  # Chromium refuses to run as root with its sandbox.
    return subprocess.Popen(command, stderr=subprocess.DEVNULL, **how)


def run(*arguments: str) -> str:
    """Runs Chromium to its end; what it wrote."""
    with tempfile.TemporaryDirectory() as profile:
        process = start(*arguments, profile=profile, stdout=subprocess.PIPE, text=True)
        try:
            out, _ = process.communicate(timeout=120)
        finally:
            process.kill()
    if process.returncode != 0:
        sys.exit(f"Chromium ended with {process.returncode}")
    return out


def picture(body: str, width: int, target: Path) -> None:
    """Renders a page, as high as it is, into a PNG."""
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder, "page.html")
        measure = "<script>addEventListener('load', () => { document.title = document.body.scrollHeight })</script>"
        page.write_text(body + measure, encoding="utf-8")
        dom = run("--dump-dom", f"--window-size={width},200", "--virtual-time-budget=5000", page.as_uri())
        if not (height := re.search(r"<title>(\d+)</title>", dom)):
            sys.exit(f"Chromium does not say how high {target.name} is")
        # The window's frame takes a part of the height in some versions: a second look would not hurt, room does not.
        run(f"--screenshot={target}", f"--window-size={width},{height[1]}", "--virtual-time-budget=5000", page.as_uri())
    if not target.exists():
        sys.exit(f"Chromium wrote no {target}")


def escaped(text: str) -> str:
    return html.escape(text, quote=True)
