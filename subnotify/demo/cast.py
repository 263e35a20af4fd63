"""The sample files of the demonstration, and who plays in it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.resources import files

import yaml

from subnotify.rules.words import Role

_SAMPLE = files("subnotify.demo") / "sample"


@dataclass(frozen=True)
class Player:
    """An operator of the demonstration. The password is no secret: it is printed at the start, and
    the codes of the telephone (its key in base32; empty for who needs none) are on a page."""

    name: str
    email: str
    roles: tuple[Role, ...]
    password: str
    telephone_key: str = ""


@dataclass(frozen=True)
class Cast:
    operators: tuple[Player, ...]
    legal_email: str
    legal_language: str
    mail_from: str
    return_address: str
    dead_addresses: tuple[str, ...]
    time_zone: str = "Europe/Paris"


@dataclass(frozen=True)
class WrittenRelease:
    """A release as its publisher wrote it. Days count from the first start.

    changes: keys of the entries of its file; removals: of those that leave the list, which no file
    says. released_ago: None for one that is not announced. commencement_in: negative for the past,
    None where the publisher has not chosen a day.
    """

    name: str
    changes_file: str
    changes: tuple[str, ...]
    removals: tuple[str, ...]
    reason: Mapping[str, str]
    paragraph: Mapping[str, str]
    released_ago: int | None
    commencement_in: int | None
    commences_by_itself: bool
    approved: bool


def read_sample(name: str) -> bytes:
    """A sample file, by its path below demo/sample."""
    return _SAMPLE.joinpath(*name.split("/")).read_bytes()


def read_changes(name: str, today: date) -> bytes:
    """A file of demo/sample/changes, in which D-20 stands for the day 20 days before `today`.

    The other samples have no such marks: they are import files as they are.
    """

    def day(found: re.Match[bytes]) -> bytes:
        return (today + timedelta(days=int(found[1]))).isoformat().encode()

    return re.sub(rb"\bD([+-]\d+)\b", day, read_sample(f"changes/{name}"))


def read_cast() -> Cast:
    data = yaml.safe_load(read_sample("cast.yaml"))
    return Cast(
        operators=tuple(
            Player(
                x["name"],
                x["email"],
                tuple(map(Role, x["roles"])),
                x["password"],
                x.get("telephone_key", ""),
            )
            for x in data["operators"]
        ),
        legal_email=data["legal_email"],
        legal_language=data["legal_language"],
        mail_from=data["mail_from"],
        return_address=data["return_address"],
        dead_addresses=tuple(data["dead_addresses"]),
    )


def read_releases() -> dict[str, WrittenRelease]:
    """The releases of the history by name, the earliest first."""
    written = yaml.safe_load(read_sample("releases.yaml"))
    return {
        x["name"]: WrittenRelease(
            name=x["name"],
            changes_file=x["changes_file"],
            changes=tuple(x["changes"]),
            removals=tuple(x.get("removals", ())),
            reason=x["reason"],
            paragraph=x.get("paragraph", {}),
            released_ago=x.get("released_ago"),
            commencement_in=x.get("commencement_in"),
            commences_by_itself=x.get("commences_by_itself", False),
            approved=x.get("approved", False),
        )
        for x in written
    }
