"""Chromium for the journeys: the system's, else Playwright's own, else Debian's package."""

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
REMEDY = (
    "no Chromium for the browser tests. Run `apt-get install chromium` as root, or"
    " `.venv/bin/python -m playwright install --with-deps chromium`."
)
# No sandbox as root (Chromium refuses it there); and no calls home, which a closed network refuses.
ARGUMENTS = [
    *(["--no-sandbox"] if os.getuid() == 0 else []),
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class ChromiumMissing(RuntimeError):
    """There is no Chromium to test with; the message says how to get one."""


def find_chromium() -> Path | None:
    """The browser to start: the system's, else Playwright's own, else None."""
    for name in NAMES:
        found = shutil.which(name)
        if found and _starts(Path(found)):
            return Path(found)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        own = Path(playwright.chromium.executable_path)
    return own if own.exists() and _starts(own) else None


@cache
def get_chromium() -> Path:
    """The browser to start. Raises ChromiumMissing."""
    found = find_chromium()
    if found is None:
        raise ChromiumMissing(REMEDY)
    return found


def provide_chromium() -> Path:
    """The browser to start, installed now if there is none. Raises ChromiumMissing."""
    said = ""
    for install in (_nothing_yet, _install_playwrights_own, _install_debians):
        said += install()
        found = find_chromium()
        if found is not None:
            return found
    raise ChromiumMissing(f"{REMEDY}\nWhat was tried said:\n{said}")


def _starts(browser: Path) -> bool:
    """A downloaded browser may lack the system's libraries that it needs."""
    asked = subprocess.run([browser, "--version", *ARGUMENTS[:1]], capture_output=True)
    return asked.returncode == 0


def _nothing_yet() -> str:
    return ""


def _install_playwrights_own() -> str:
    print("no Chromium in the system: asking Playwright for its own", flush=True)
    return _said_by([sys.executable, "-m", "playwright", "install", "chromium"])


def _install_debians() -> str:
    if os.getuid() != 0 or shutil.which("apt-get") is None:
        return "(not root, or no apt-get: Debian's package was not tried)\n"
    print("installing Debian's package chromium", flush=True)
    install = ["apt-get", "install", "-q", "-y", "--no-install-recommends", "chromium"]
    return _said_by(["apt-get", "update", "-q"]) + _said_by(install)


def _said_by(command: list[str]) -> str:
    done = subprocess.run(
        command,
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return f"$ {' '.join(command)}\n{done.stdout[-2_000:]}\n"
