"""What the page of an import shows: counts, and the differences, a page at a time."""

from dataclasses import dataclass

from flask import url_for

from subnotify.operations.import_differences import Effect, EntryChange, entries_from_plain
from subnotify.rules.transfer_reference import TransferReference
from subnotify.storage.import_proposals import Proposal
from subnotify.wording.import_fields import entry_value_words
from subnotify.wording.imports import field_words, import_kind_words, section_words
from subnotify.wording.language import Wording

PAGE_SIZE = 50
LATE = "late_notices"
UNTOLD, TO_SERVE_ANEW = "contacts_not_told", "notices_to_serve_anew"
# What follows from the differences, and is none of them.
_FOLLOWING = (LATE, UNTOLD, TO_SERVE_ANEW)


@dataclass(frozen=True)
class EntryView:
    """An entry that is new or changed. key may be empty (the vendor is one).

    fields: name, before, after.
    """

    section: str
    key: str
    is_new: bool
    fields: list[tuple[str, str, str]]


@dataclass(frozen=True)
class ProposalView:
    """counts: section in words, new, changed, unchanged. files: name and kind in words.

    changes: how many entries are new or changed; entries: those of this page. late: agreements
    that subnotify would notify itself. untold: designated contacts whose only address changes, so
    that nobody is told at the old one. to_serve_anew: notices of which a letter goes there.
    """

    counts: list[tuple[str, int, int, int]]
    files: list[tuple[str, str]]
    changes: int
    entries: list[EntryView]
    late: list[str]
    untold: list[str]
    to_serve_anew: list[str]
    page: int
    last: int
    earlier: str | None
    later: str | None


def _entry(entry: EntryChange, reference: TransferReference, w: Wording) -> EntryView:
    def value(name: str, text: str) -> str:
        of_the_list = entry.section == "subprocessors"
        return entry_value_words(name, text, reference, w) if of_the_list else text

    return EntryView(
        section_words(entry.section, w),
        entry.key,
        entry.effect is Effect.NEW,
        [
            (field_words(entry.section, x.name, w), value(x.name, x.before), value(x.name, x.after))
            for x in entry.fields
        ],
    )


def proposal_view(
    proposal: Proposal, page: int, reference: TransferReference, w: Wording
) -> ProposalView:
    """page: counted from 1; one that is not there is the nearest. reference: names the bases."""
    plain = [one for one in proposal.entries if one["section"] not in _FOLLOWING]
    # What changes is read with more care than what is added.
    plain.sort(key=lambda one: one["effect"] != Effect.CHANGED)
    last = max(1, -(-len(plain) // PAGE_SIZE))
    page = min(max(1, page), last)
    shown = entries_from_plain(plain[(page - 1) * PAGE_SIZE : page * PAGE_SIZE])

    def address(number: int) -> str:
        return url_for("imports.show_proposal", proposal_id=proposal.id, page=number)

    return ProposalView(
        counts=[(section_words(x[0], w), *x[1:]) for x in proposal.lines if x[0] not in _FOLLOWING],
        files=[(file.name, import_kind_words(file.kind, w)) for file in proposal.files],
        changes=len(plain),
        entries=[_entry(x, reference, w) for x in shown],
        late=[one["key"].split("/")[0] for one in proposal.entries if one["section"] == LATE],
        untold=[one["key"] for one in proposal.entries if one["section"] == UNTOLD],
        to_serve_anew=[one["key"] for one in proposal.entries if one["section"] == TO_SERVE_ANEW],
        page=page,
        last=last,
        earlier=address(page - 1) if page > 1 else None,
        later=address(page + 1) if page < last else None,
    )
