"""Build hook: puts templates/ and migrations/ into the wheel."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class SubnotifyBuildHook(BuildHookInterface):
    """Runs for the wheel; an editable install finds both folders in the checkout."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        for folder in ("templates", "migrations"):
            build_data["force_include"][str(Path(self.root) / folder)] = f"subnotify/{folder}"
