"""Reads plain mappings (YAML, JSON) into rules objects, collecting every problem on the way.

A `Reader` never raises on bad content: it notes a Problem with path, reason and remedy, and
returns None, so that one pass over a file names everything that is wrong with it.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar

from subnotify.rules.countries import COUNTRIES
from subnotify.rules.errors import Problem

_EMAIL = re.compile(r"[^@\s<>,;:\"()\[\]\\]+@[^@\s<>,;:\"()\[\]\\]+\.[^@\s<>,;:\"()\[\]\\.]+")

E = TypeVar("E", bound=StrEnum)


class Reader:
    """Collects problems; `where` is the path of what is being read."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def problem(self, where: str, message: str, remedy: str, **params: object) -> None:
        filled = tuple((key, str(value)) for key, value in params.items())
        self.problems.append(Problem(where, message, remedy, filled))

    def mapping(self, value: object, where: str) -> Mapping[str, Any] | None:
        if isinstance(value, Mapping):
            return value
        self.problem(where, "This must be a mapping of fields.", "Write `field: value` lines.")
        return None

    def known_fields(self, value: Mapping[str, Any], where: str, known: Sequence[str]) -> None:
        for name in value:
            if name not in known:
                self.problem(
                    f"{where}.{name}",
                    "The field “%(name)s” is not known.",
                    "Remove it, or use one of: %(known)s.",
                    name=name,
                    known=", ".join(sorted(known)),
                )

    def text(
        self, value: object, where: str, *, required: bool = False, longest: int = 2000
    ) -> str:
        """A string, stripped; "" when absent. Numbers are taken as their digits."""
        if value is None or value == "":
            if required:
                self.problem(where, "This is missing.", "Fill it in.")
            return ""
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if not isinstance(value, str):
            self.problem(where, "This must be a text.", "Put the value in quotes.")
            return ""
        stripped = value.strip()
        if len(stripped) > longest:
            self.problem(
                where,
                "This is longer than %(longest)s characters.",
                "Shorten it.",
                longest=longest,
            )
        return stripped[:longest]

    def choice(self, value: object, where: str, kind: type[E]) -> E | None:
        try:
            return kind(str(value))
        except ValueError:
            self.problem(
                where,
                "“%(value)s” is not a known value.",
                "Use one of: %(known)s.",
                value=value,
                known=", ".join(kind),
            )
            return None

    def sequence(self, value: object, where: str) -> Sequence[Any]:
        if value is None:
            return ()
        if isinstance(value, list | tuple):
            return value
        self.problem(where, "This must be a list.", "Write one `- item` line for each.")
        return ()

    def day(self, value: object, where: str) -> date | None:
        """A calendar day: a YAML date or an ISO 8601 text (2026-03-31)."""
        if value is None or value == "":
            return None
        if isinstance(value, date) and not hasattr(value, "hour"):
            return value
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            self.problem(
                where,
                "“%(value)s” is not a day.",
                "Write it as year-month-day, for example 2026-03-31.",
                value=value,
            )
            return None

    def flag(self, value: object, where: str, *, default: bool = False) -> bool:
        if value is None:
            return default
        if isinstance(value, bool):
            return value
        self.problem(where, "This must be yes or no.", "Write true or false.")
        return default

    def number(self, value: object, where: str, *, least: int, most: int) -> int | None:
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
            return value
        self.problem(
            where,
            "“%(value)s” is not a whole number from %(least)s to %(most)s.",
            "Write the number in digits.",
            value=value,
            least=least,
            most=most,
        )
        return None

    def country(self, value: object, where: str, *, required: bool = True) -> str:
        """A country by its two letters (ISO 3166-1); "" when absent or not one."""
        code = self.text(value, where, required=required, longest=60)
        if code and code not in COUNTRIES:
            self.problem(
                where,
                "“%(value)s” is not a country code.",
                "Write the two capital letters of ISO 3166-1: FR for France, GB for the United"
                " Kingdom.",
                value=code,
            )
            return ""
        return code

    def url(self, value: object, where: str) -> str:
        """A web address; "" when absent or not one."""
        address = self.text(value, where, longest=500)
        if address and not address.startswith(("https://", "http://")):
            self.problem(
                where,
                "“%(value)s” is not a web address.",
                "Write it with https:// in front.",
                value=address,
            )
            return ""
        return address

    def email(self, value: object, where: str, *, required: bool = False) -> str:
        address = self.text(value, where, required=required, longest=254)
        if address and not _EMAIL.fullmatch(address):
            self.problem(
                where,
                "“%(value)s” is not an email address.",
                "Write it as name@example.org.",
                value=address,
            )
            return ""
        return address
