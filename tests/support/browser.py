"""Chromium on a running app: pages as people see them, at the widths that count."""

import atexit
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from flask import Flask
from playwright.sync_api import Browser, Page, sync_playwright
from werkzeug.serving import BaseWSGIServer, make_server

from tests.support import telephones
from tests.support.chromium import ARGUMENTS, get_chromium

NARROW, WIDE = 360, 1280


@contextmanager
def chromium() -> Iterator[Browser]:
    """The one Chromium of this process, started when the first test asks for it. What is opened
    in it meanwhile is closed; each context has cookies and storage of its own."""
    browser = _start_chromium()
    try:
        yield browser
    finally:
        for context in browser.contexts:
            context.close()


@cache
def _start_chromium() -> Browser:
    playwright = sync_playwright().start()
    atexit.register(playwright.stop)
    return playwright.chromium.launch(executable_path=str(get_chromium()), args=ARGUMENTS)


@contextmanager
def served(app: Flask, host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
    """The app on a port of this machine; gives its address, whose host the app must trust."""
    server: BaseWSGIServer = make_server(host, port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    address = f"http://{host}:{server.server_port}"
    telephones.APPS[address] = app
    try:
        yield address
    finally:
        del telephones.APPS[address]
        server.shutdown()
        thread.join()
        server.server_close()


def too_wide(page: Page) -> list[str]:
    """What sticks out at the right of the window: nobody should have to scroll sideways."""
    found: list[str] = page.evaluate(
        """() => document.documentElement.scrollWidth <= window.innerWidth ? [] :
        [...document.querySelectorAll('body *')]
          .filter(e => e.getBoundingClientRect().right > window.innerWidth + 1)
          .map(e => e.outerHTML.slice(0, 120))"""
    )
    return found


def watch(page: Page) -> list[str]:
    """Fills with what the browser complains of: blocked by the policy, failed to load."""
    said: list[str] = []

    def note(message: Any) -> None:
        if message.type in ("error", "warning"):
            said.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: said.append(str(error)))
    return said


def contrast_problems(page: Page) -> list[str]:
    """Texts whose colour is too close to what lies behind them (WCAG 1.4.3), as rendered."""
    found: list[str] = page.evaluate(_CONTRAST)
    return found


_CONTRAST = """() => {
  const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const paint = c => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = c;
    canvas.fillRect(0, 0, 1, 1); return [...canvas.getImageData(0, 0, 1, 1).data]; };
  const painted = new Map();  // a page has few colours and many elements
  const rgba = c => { if (!painted.has(c)) painted.set(c, paint(c)); return painted.get(c); };
  const lum = c => { const [r, g, b] = c.slice(0, 3).map(v => { v /= 255;
    return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const behind = e => { for (; e; e = e.parentElement) {
    const c = rgba(getComputedStyle(e).backgroundColor); if (c[3] > 250) return c; }
    return rgba('Canvas'); };
  const problems = [];
  for (const e of document.querySelectorAll('body *')) {
    const own = [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
    const box = e.getBoundingClientRect();
    if (!own || box.width < 2 || e.closest('.hidden-visually')) continue;
    const style = getComputedStyle(e), a = lum(rgba(style.color)), b = lum(behind(e));
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const size = parseFloat(style.fontSize), bold = parseInt(style.fontWeight) >= 700;
    const least = size >= 24 || (size >= 18.66 && bold) ? 3 : 4.5;
    if (ratio < least) problems.push(`${ratio.toFixed(2)}: ${e.outerHTML.slice(0, 100)}`);
  }
  return problems;
}"""
