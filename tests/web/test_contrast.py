"""The colours of the stylesheet reach WCAG AA, in light and in dark (section 1.4.3 and 1.4.11)."""

import re
from pathlib import Path

import pytest

import subnotify

CSS = (Path(subnotify.__file__).parent / "web/static/subnotify.css").read_text(encoding="utf-8")
TEXT_PAIRS = [
    *((ink, ground) for ink in ("ink", "ink-soft") for ground in ("paper", "surface", "sunk")),
    *(("link", ground) for ground in ("paper", "surface", "sunk")),
    *(("link-strong", ground) for ground in ("paper", "surface", "sunk")),
    *((tone, f"{tone}-soft") for tone in ("ok", "info", "warn", "stop", "plum", "plain")),
    *(("ink", f"{tone}-soft") for tone in ("ok", "info", "warn", "stop")),
    ("link", "warn-soft"),
    ("on-accent", "accent"),
    ("on-accent", "accent-strong"),
    ("accent", "surface"),
    ("accent-strong", "sunk"),
    ("surface", "stop"),
    ("stop", "surface"),
    ("stop", "paper"),
]
SHAPE_PAIRS = [
    ("field-line", "surface"),
    ("field-line", "paper"),
    ("accent", "paper"),
    *(("focus", ground) for ground in ("paper", "surface", "sunk")),
]


def colours(scheme: str) -> dict[str, str]:
    light, dark = re.findall(r":root \{(.*?)\}", CSS, re.DOTALL)[:2]
    found = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", light))
    if scheme == "dark":
        found |= dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", dark))
    return found


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(a: str, b: str) -> float:
    low, high = sorted((luminance(a), luminance(b)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    ("pairs", "least"), [(TEXT_PAIRS, 4.5), (SHAPE_PAIRS, 3.0)], ids=["text", "shapes"]
)
def test_contrast(scheme: str, pairs: list[tuple[str, str]], least: float) -> None:
    found = colours(scheme)
    poor = {
        pair: round(contrast(found[pair[0]], found[pair[1]]), 2)
        for pair in pairs
        if contrast(found[pair[0]], found[pair[1]]) < least
    }
    assert poor == {}


def test_the_stylesheet_loads_nothing() -> None:
    assert "@import" not in CSS and "url(" not in CSS
