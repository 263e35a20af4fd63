"""The dated list on paper: everything that it says to one client, as plain data for the printer."""

from collections.abc import Iterable
from typing import Any

from subnotify.rules.client_list_facts import EntryOfList
from subnotify.rules.client_lists import ClientEntry
from subnotify.rules.document_requests import AnnouncedEntry
from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.wording.changes import change_sentence
from subnotify.wording.client_lists import used_notes, why_not_words
from subnotify.wording.language import Wording
from subnotify.wording.list_document_entries import entry_content
from subnotify.wording.list_document_facts import ListDocument
from subnotify.wording.list_document_head import (
    footer_words,
    invented_vendor_words,
    list_block,
    vendor_block,
)


def list_document_name(document: ListDocument, w: Wording) -> str:
    """The name of the file: ASCII, without anything that a file system minds."""
    kept = [x if x.isascii() and x.isalnum() else "-" for x in document.agreement_reference]
    reference = "-".join(part for part in "".join(kept).split("-") if part)[:60]
    day = document.on.isoformat()
    name = "sous-traitants" if w.language == "fr" else "subprocessors"
    return f"{name}-{reference}-{day}.pdf" if reference else f"{name}-{day}.pdf"


def list_document_content(document: ListDocument, w: Wording) -> dict[str, Any]:
    """Every text of the document, in the order in which it is read."""
    day = w.date(document.on)
    return {
        "title": w.gettext("List of subprocessors"),
        "subtitle": w.gettext(
            "%(client)s, agreement %(reference)s: the list on %(day)s",
            client=document.client,
            reference=document.agreement_reference,
            day=day,
        ),
        "author": document.vendor.name,
        "warning": invented_vendor_words(document, w),
        "blocks": [list_block(document, w), vendor_block(document.vendor, w)],
        "lead": _lead(document, w),
        "columns": [
            w.gettext("Entry"),
            w.gettext("Identity and address"),
            w.gettext("Activities and data"),
            w.gettext("Places and transfer bases"),
            w.gettext("Agreement and dates"),
        ],
        "sections": _sections(document, w),
        "invented": _invented_values(document, w),
        "missing": w.gettext(
            "%(sign)s stands for a character that the fonts of this document lack.", sign="\ufffd"
        ),
        "footer": footer_words(document, w),
        # The printer knows both numbers.
        "page": w.gettext("page %(page)s of %(pages)s", page="{page}", pages="{pages}"),
    }


def _lead(document: ListDocument, w: Wording) -> list[str]:
    said = [
        w.gettext(
            "Who may process the client's personal data on behalf of %(vendor)s, where, and what"
            " makes each transfer lawful under the laws named above.",
            vendor=document.vendor.name,
        )
    ]
    if not document.is_today:
        said.append(
            w.gettext(
                "The list is the one that applied when %(day)s ended.", day=w.date(document.on)
            )
        )
    return said


def _sections(document: ListDocument, w: Wording) -> list[dict[str, Any]]:
    applies = document.applies
    sections = [
        _section(
            w.gettext("Subprocessors that may process the client's data"),
            w.gettext("The vendor is processor, and engages them for the client's data."),
            [_entry(x, document, w) for x in applies.used],
            empty=w.gettext("None: no entry of the list is used for this client."),
        ),
        _section(
            w.gettext("Announced changes"),
            w.gettext("Not in force on the day of this list."),
            [_announced(x, document, w) for x in document.announced],
        ),
        _section(
            w.gettext("On the published list, but not used for this client"),
            w.gettext("They do not process the client's data, for the reason stated."),
            [_entry(x, document, w) for x in applies.not_used],
        ),
        _section(
            w.gettext("Recipients"),
            w.gettext(
                "The vendor gives them data as controller, apart from what it processes for this"
                " client."
            ),
            [_recipient(x, document, w) for x in applies.recipients],
        ),
    ]
    return [x for x in sections if x["entries"] or x["empty"]]


def _entry(found: ClientEntry, document: ListDocument, w: Wording) -> dict[str, Any]:
    return entry_content(
        found.entry.facts,
        w,
        laws=document.laws,
        services=_named(found.services, document),
        engaged_by=_engager(found.entry.facts, document),
        since_on=found.since_on,
        said=[why_not_words(found, w)] if found.why_not else used_notes(found, w),
        is_used=found.why_not is None,
    )


def _recipient(entry: EntryOfList, document: ListDocument, w: Wording) -> dict[str, Any]:
    services = _named(entry.facts.services, document)
    return entry_content(
        entry.facts, w, laws=document.laws, services=services, since_on=entry.from_on
    )


def _section(
    title: str, said: str, entries: list[dict[str, Any]], empty: str = ""
) -> dict[str, Any]:
    return {"title": title, "said": said, "entries": entries, "empty": empty}


def _announced(change: AnnouncedEntry, document: ListDocument, w: Wording) -> dict[str, Any]:
    """The entry as it will be, with what happens, when, and which release said so."""
    found, facts = change.found, change.found.entry.facts
    services = _named(found.services or facts.services, document)
    said = [
        change_sentence(change.kind, facts.name, change.replaced, services, w) + ".",
    ]
    if change.commencement_on is not None:
        day = w.date(change.commencement_on, "weekday")
        said.append(w.gettext("It takes effect on %(day)s at the earliest.", day=day))
    said.append(
        w.gettext(
            "Release %(number)s, announced on %(day)s.",
            number=change.release_number,
            day=w.date(w.local(change.released_at).date()),
        )
    )
    if found.why_not is not None:
        said.append(why_not_words(found, w))
    return entry_content(
        facts,
        w,
        laws=document.laws,
        services=services,
        engaged_by=_engager(facts, document),
        said=said,
    )


def _named(keys: Iterable[str], document: ListDocument) -> list[str]:
    return [document.service_names.get(key, key) for key in keys]


def _engager(facts: SubprocessorFacts, document: ListDocument) -> str:
    return document.entry_names.get(facts.engaged_by, facts.engaged_by)


def _invented_values(document: ListDocument, w: Wording) -> str:
    shown = (
        *(x.entry.facts for x in (*document.applies.used, *document.applies.not_used)),
        *(x.facts for x in document.applies.recipients),
        *(x.found.entry.facts for x in document.announced),
    )
    if not any(facts.demonstration_values for facts in shown):
        return ""
    return w.gettext("Values marked * are invented for the demonstration.")
