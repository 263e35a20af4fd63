"""Build hook: compiles the translations, and puts templates/ and migrations/ into the wheel."""

from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class SubnotifyBuildHook(BuildHookInterface):
    """Runs for the wheel; an editable install only needs the compiled translations."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        compile_translations(root / "subnotify" / "translations")
        if version != "editable":
            for folder in ("templates", "migrations"):
                build_data["force_include"][str(root / folder)] = f"subnotify/{folder}"


def compile_translations(folder: Path) -> None:
    """Write messages.mo beside each messages.po of `folder`, which may be absent."""
    for source in sorted(folder.glob("*/LC_MESSAGES/messages.po")):
        locale = source.parent.parent.name
        with source.open("rb") as po, source.with_suffix(".mo").open("wb") as mo:
            write_mo(mo, read_po(po, locale=locale))
