"""Chromium for the journeys: the system's, else Playwright's own, else Debian's package."""

import os
import shutil
import subprocess
import sys
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
        if found:
            return Path(found)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        own = Path(playwright.chromium.executable_path)
    return own if own.exists() else None


def get_chromium() -> Path:
    """The browser to start. Raises ChromiumMissing."""
    found = find_chromium()
    if found is None:
        raise ChromiumMissing(REMEDY)
    return found


def provide_chromium() -> Path:
    """The browser to start, installed now if there is none. Raises ChromiumMissing."""
    for install in (None, _install_playwrights_own, _install_debians):
        if install is not None:
            install()
        found = find_chromium()
        if found is not None:
            return found
    raise ChromiumMissing(REMEDY)


def _install_playwrights_own() -> None:
    print("no Chromium in the system: asking Playwright for its own", flush=True)
    subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)


def _install_debians() -> None:
    if os.getuid() != 0 or shutil.which("apt-get") is None:
        return
    print("installing Debian's package chromium", flush=True)
    apt = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-q"], env=apt, check=False)
    install = ["apt-get", "install", "-q", "-y", "--no-install-recommends", "chromium"]
    subprocess.run(install, env=apt, check=False)
