"""Imports go one way: a rule of law never depends on a database, nor a job on a web page."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import subnotify

PACKAGE = Path(subnotify.__file__).parent

# What each part may import of the others (DESIGN section 5). Whoever is not named here may not
# be imported by anybody but itself.
ALLOWED = {
    "clock": set(),
    "config": {"rules", "storage", "delivery"},
    "resources": set(),
    "rules": set(),
    "storage": {"rules", "resources"},
    "delivery": {"rules", "resources"},
    "evidence": {"rules", "resources"},
    "wording": {"rules", "resources"},
    "holiday_calendars": {"rules", "resources"},
}
BELOW_OPERATIONS = set(ALLOWED) - {"clock", "config"}
ALLOWED["operations"] = BELOW_OPERATIONS | {"config"}
BELOW_JOBS = BELOW_OPERATIONS | {"operations", "config", "clock"}
ALLOWED["jobs"] = BELOW_JOBS
ALLOWED["web"] = BELOW_JOBS
ALLOWED["app"] = BELOW_JOBS | {"jobs", "web"}
ALLOWED["demo"] = BELOW_JOBS | {"jobs", "web", "app"}
ALLOWED["cli"] = BELOW_JOBS | {"jobs", "web", "app", "demo"}
ALLOWED["wsgi"] = {"app", "config"}
ALLOWED["__main__"] = {"cli"}

# The web framework stays in the web. Storage holds the Flask-SQLAlchemy object, delivery sends
# one-off mail with Flask-Mail.
FRAMEWORKS = ("flask", "werkzeug", "wtforms", "flask_wtf", "flask_babel")
MAY_IMPORT_FRAMEWORKS = {"web", "app", "wsgi", "demo", "cli"}
EXCEPTIONS = {"subnotify/storage/database.py": "flask"}

CLOCK_READS = {
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("time", "time"),
}


def sources() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def name_of(path: Path) -> str:
    return path.relative_to(PACKAGE.parent).as_posix()


def part_of(path: Path) -> str:
    """The first name below the package: `rules` for rules/cases.py, `cli` for cli_operator.py."""
    return part_named(path.relative_to(PACKAGE).parts[0].removesuffix(".py"))


def part_named(first: str) -> str:
    """The modules cli_... are parts of the command line, config_... of the configuration."""
    return next((part for part in ("cli", "config") if first.startswith(f"{part}_")), first)


def imported(path: Path) -> Iterator[str]:
    """Every module that the file imports, wherever the import stands, by its full name."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name_of(path)} imports relatively: name the module in full"
            yield str(node.module)
            # `from subnotify import clock` imports a module too.
            if node.module == "subnotify":
                yield from (f"subnotify.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("path", sources(), ids=name_of)
def test_imports_go_one_way(path: Path):
    part = part_of(path)
    if part == "__init__":
        assert list(imported(path)) == []
        return
    ours = {
        part_named(name.split(".")[1]) for name in imported(path) if name.startswith("subnotify.")
    }
    assert ours <= ALLOWED[part] | {part}


@pytest.mark.parametrize("path", sorted((PACKAGE / "rules").rglob("*.py")), ids=name_of)
def test_rules_need_the_standard_library_only(path: Path):
    others = {name.split(".")[0] for name in imported(path)} - {"subnotify"}
    assert others <= set(sys.stdlib_module_names)


@pytest.mark.parametrize("path", sources(), ids=name_of)
def test_the_web_framework_stays_in_the_web(path: Path):
    if part_of(path) in MAY_IMPORT_FRAMEWORKS:
        return
    met = {name.split(".")[0] for name in imported(path)} & set(FRAMEWORKS)
    assert met <= {EXCEPTIONS.get(name_of(path))}


@pytest.mark.parametrize("path", sources(), ids=name_of)
def test_only_the_clock_reads_the_clock(path: Path):
    if part_of(path) == "clock":
        return
    reads = {
        f"line {node.lineno}: {ast.unparse(node)}"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
        and (ast.unparse(node.value).split(".")[-1], node.attr) in CLOCK_READS
    }
    assert reads == set()
