"""Imports in words: where a problem stands in a file, and what is imported."""

import re

from subnotify.rules.csv_layouts import ImportKind
from subnotify.rules.errors import N_, Problem
from subnotify.wording.import_fields import entry_field_words
from subnotify.wording.language import Wording
from subnotify.wording.problems import problem_text

# As csv_tables.place and registry_yaml.locate write it.
_IN_TABLE = re.compile(r"(?P<file>.+), line (?P<line>\d+)(?:, column (?P<column>\S+))?")
_IN_YAML = re.compile(r"line (?P<line>\d+)(?:, (?P<rest>.+))?", re.DOTALL)

_SECTIONS = {
    "vendor": N_("Vendor"),
    "services": N_("Services"),
    "subprocessors": N_("Subprocessors"),
    "clients": N_("Clients"),
    "contacts": N_("Contacts"),
    "agreements": N_("Agreements"),
    "windows": N_("Windows that run already"),
    "late_notices": N_("Agreements that subnotify will notify itself"),
    "contacts_not_told": N_("Contacts at whose old address nobody could be told"),
    "notices_to_serve_anew": N_("Notices to serve anew"),
}
_KINDS = {
    ImportKind.REGISTRY: N_("the registry’s file"),
    ImportKind.CLIENTS: N_("clients"),
    ImportKind.CONTACTS: N_("contacts"),
    ImportKind.AGREEMENTS: N_("agreements"),
    ImportKind.DESIGNATIONS: N_("contacts named in agreements"),
    ImportKind.WINDOWS: N_("windows that run already"),
    ImportKind.SUBPROCESSORS: N_("entries of the list"),
    ImportKind.LOCATIONS: N_("seats and locations of the entries"),
    ImportKind.BASES: N_("transfer bases of the locations"),
}

# Of a window that is brought in: no fields of a file, but what it came to.
_WINDOW_FIELDS = {
    "notice": N_("Reference of the notice"),
    "window_opens_at": N_("The window runs from"),
    "window_last_day": N_("Last day of the window"),
    "window_closes_at": N_("The window is over from"),
}
_CONTACT_FIELDS = {
    "channel": N_("%(contact)s: channel"),
    "dispatched_at": N_("%(contact)s: dispatched"),
    "received_at": N_("%(contact)s: received"),
    "proof": N_("%(contact)s: proof of receipt"),
}


def section_words(section: str, w: Wording) -> str:
    return w.gettext(_SECTIONS[section]) if section in _SECTIONS else section


def field_words(section: str, name: str, w: Wording) -> str:
    """A field's name: as the file has it, or what it says of an entry of the list, or of a window
    that is brought in."""
    if section == "subprocessors":
        return entry_field_words(name, w)
    if section != "windows":
        return name
    if name in _WINDOW_FIELDS:
        return w.gettext(_WINDOW_FIELDS[name])
    contact, _, field = name.rpartition(".")
    if field not in _CONTACT_FIELDS:
        return name
    return w.gettext(_CONTACT_FIELDS[field]) % {"contact": contact}


def import_kind_words(kind: ImportKind, w: Wording) -> str:
    return w.gettext(_KINDS[kind])


def place_words(where: str, w: Wording) -> str:
    """The place of a problem in a file, in this language; anything else as it is."""
    table = _IN_TABLE.fullmatch(where)
    if table and table["column"]:
        said = w.gettext("%(file)s, line %(line)s, column %(column)s")
        return said % table.groupdict()
    if table:
        return w.gettext("%(file)s, line %(line)s") % table.groupdict()
    yaml = _IN_YAML.fullmatch(where)
    if yaml is None:
        return where
    line = w.gettext("line %(line)s") % {"line": yaml["line"]}
    return f"{line}, {yaml['rest']}" if yaml["rest"] else line


def import_problem_words(problem: Problem, w: Wording) -> str:
    """A problem of an imported file: where, what is wrong, how to mend it."""
    text = problem_text(problem, w)
    place = place_words(problem.where, w)
    return w.gettext("%(place)s: %(said)s") % {
        "place": place,
        "said": f"{text.message} {text.remedy}".strip(),
    }
