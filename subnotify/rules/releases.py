"""Releases: what must be complete before changes are announced, and what is frozen then.

Pure: whoever asks gives the facts of each change with what the agreements it concerns need.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from subnotify.rules.case_facts import CaseFacts, Standing
from subnotify.rules.cases import decide
from subnotify.rules.errors import Problem
from subnotify.rules.publication_gaps import publication_gaps
from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.subprocessors_mapping import facts_to_mapping
from subnotify.rules.terms import NoticeTerms
from subnotify.rules.texts import NO_TEXT, LocalText, local_text_to_plain
from subnotify.rules.words import ChangeKind, HoldReason, VendorRole

NAMED_AT_MOST = 5
_OF_LISTED = frozenset({ChangeKind.AMENDMENT, ChangeKind.REMOVAL})


class Unservable(StrEnum):
    """Why an agreement's notice cannot be served by the channels of its terms, or its deadline
    not be computed."""

    NO_NOTICE_CONTACT = "no_notice_contact"
    NO_EMAIL_ADDRESS = "no_email_address"
    CONTACT_WITHOUT_EMAIL = "contact_without_email"
    NO_POSTAL_ADDRESS = "no_postal_address"
    CONTACT_WITHOUT_POSTAL_ADDRESS = "contact_without_postal_address"
    # Where either would do.
    NO_ADDRESS = "no_address"
    CONTACT_WITHOUT_ADDRESS = "contact_without_address"
    TERMS_UNKNOWN = "terms_unknown"
    TERMS_NOT_COMPUTABLE = "terms_not_computable"


# What the notice's failure is from the start: all of Unservable but the terms.
FAILURES: Mapping[Unservable, HoldReason] = {
    Unservable.NO_NOTICE_CONTACT: HoldReason.NO_NOTICE_CONTACT,
    Unservable.NO_EMAIL_ADDRESS: HoldReason.NOT_SERVED,
    Unservable.CONTACT_WITHOUT_EMAIL: HoldReason.NOT_SERVED,
    Unservable.NO_POSTAL_ADDRESS: HoldReason.NOT_SERVED,
    Unservable.CONTACT_WITHOUT_POSTAL_ADDRESS: HoldReason.NOT_SERVED,
    Unservable.NO_ADDRESS: HoldReason.NOT_SERVED,
    Unservable.CONTACT_WITHOUT_ADDRESS: HoldReason.NOT_SERVED,
}


@dataclass(frozen=True)
class ReleaseChange:
    """A change as a release would announce it, with what the agreements concerned need.

    services: keys concerned. replaced_key: of a replacement. replaced_is_in_force: the replaced
    entry is on the list. languages: of the agreements concerned. wants_agreement_dates:
    references of agreements whose terms want to be told the dates of the subprocessing agreement;
    it may be left empty where the facts have them. facts: assessed on the day of commencement.
    before: what the list says of it now. untold_services: keys that the change concerns as the
    list stands now, and that are not among its services. is_pending: an earlier change of the
    same entry is announced and has not commenced.
    """

    id: int
    kind: ChangeKind
    key: str
    facts: SubprocessorFacts
    services: tuple[str, ...]
    replaced_key: str | None = None
    replaced_is_in_force: bool = True
    languages: frozenset[str] = frozenset()
    wants_agreement_dates: tuple[str, ...] = ()
    subprocessor_id: int = 0
    before: SubprocessorFacts | None = None
    is_pending: bool = False
    untold_services: tuple[str, ...] = ()
    engages: tuple[str, ...] = ()
    replaced_by: str = ""

    @property
    def is_notified(self) -> bool:
        """A case arises only where the vendor is processor (seeds.md row 2), or was until now."""
        return notifies(self.facts, self.before)


@dataclass(frozen=True)
class ReleaseTexts:
    """What the publisher writes: the reason for the change, a free paragraph, the day.

    emergency: why notice is short; written, the release is an emergency.
    """

    reason: LocalText
    paragraph: LocalText
    commencement_on: date | None
    commences_by_itself: bool = False
    emergency: LocalText = NO_TEXT

    @property
    def is_emergency(self) -> bool:
        return bool(self.emergency)


def notifies(facts: SubprocessorFacts, before: SubprocessorFacts | None) -> bool:
    """Whether agreements are told: the vendor is processor for the entry, or was until now."""
    roles = (facts.role, before.role if before is not None else None)
    return VendorRole.PROCESSOR in roles


def release_problems(
    changes: Sequence[ReleaseChange], texts: ReleaseTexts, *, on: date
) -> tuple[Problem, ...]:
    """What is missing or wrong before this can be released on the vendor's day `on`.

    How and until when to object and what silence means come from each agreement's terms; an
    agreement whose terms do not say it is on legal's list, not here. Sources: GDPR art. 28(2) and
    44, the seed contracts (DESIGN section 6: required facts beyond the base set).
    """
    problems = list(_text_problems(changes, texts))
    if texts.commencement_on is None:
        problems.append(
            Problem("commencement_on", "The day of commencement is missing.", "Choose the day.")
        )
    elif texts.commencement_on < on:
        problems.append(
            Problem(
                "commencement_on",
                "The day of commencement has passed.",
                "Choose today or a later day.",
            )
        )
    if not changes:
        problems.append(
            Problem("changes", "The release has no change.", "Choose one or more changes.")
        )
    for change in changes:
        problems += _change_problems(change)
    return tuple(problems)


def _text_problems(changes: Sequence[ReleaseChange], texts: ReleaseTexts) -> Iterable[Problem]:
    if not texts.reason:
        yield Problem("reason", "The reason for the change is missing.", "Write why it is made.")
    languages = sorted(set().union(*(change.languages for change in changes)))
    if texts.reason:
        yield from _missing_languages(texts.reason, languages, "reason")
    if texts.paragraph:
        yield from _missing_languages(texts.paragraph, languages, "paragraph")
    if texts.is_emergency:
        yield from _missing_languages(texts.emergency, languages, "emergency")


def _missing_languages(text: LocalText, languages: Iterable[str], where: str) -> Iterable[Problem]:
    for language in languages:
        if text.is_written_in(language):
            continue
        if language == "fr":
            yield Problem(
                f"{where}.fr",
                "The text in French is missing.",
                "Write it: agreements concerned are kept in French.",
            )
        else:
            yield Problem(
                f"{where}.{language}",
                "The text in English is missing.",
                "Write it: agreements concerned are kept in English.",
            )


def _change_problems(change: ReleaseChange) -> Iterable[Problem]:
    where = f"changes.{change.key}"
    yield from _list_problems(change, where)
    if change.kind is ChangeKind.REMOVAL:
        yield from _removal_problems(change, where)
        return
    if change.kind is ChangeKind.REPLACEMENT and not change.replaced_is_in_force:
        yield Problem(
            f"{where}.replaced",
            "The entry to be replaced is not on the list.",
            "Choose another entry, or make it an addition.",
        )
    yield from publication_gaps(change.facts, where)
    languages = sorted(change.languages)
    for name, text in (
        ("activities", change.facts.activities),
        ("data_categories", change.facts.data_categories),
    ):
        if text:
            yield from _missing_languages(text, languages, f"{where}.{name}")
    wanting = change.wants_agreement_dates
    if wanting and not change.facts.has_agreement_dates:
        named = ", ".join(wanting[:NAMED_AT_MOST])
        yield Problem(
            f"{where}.agreement",
            "The dates of the subprocessing agreement are missing. Agreements that require"
            " them (%(count)s): %(named)s.",
            "Write when it was or will be signed, and from when it runs.",
            (("count", str(len(wanting))), ("named", named)),
        )


def _list_problems(change: ReleaseChange, where: str) -> Iterable[Problem]:
    """What has become of the entry since the change was drafted."""
    if change.untold_services:
        yield Problem(
            f"{where}.services",
            "The list has changed since this was drafted: clients of further services are"
            " concerned (%(services)s).",
            "Open its draft and save it again; discard a removal and draft it anew.",
            (("services", ", ".join(change.untold_services)),),
        )
    if change.is_pending:
        yield Problem(
            f"{where}.kind",
            "An earlier change of this entry is announced and has not taken effect yet.",
            "Release this one after that day, or withdraw the earlier one first.",
        )
    if change.before is None and change.kind in _OF_LISTED:
        yield Problem(
            f"{where}.kind",
            "This entry is not on the list (any more), so it can be neither amended nor removed.",
            "Discard the draft; or open it and save it again, to announce an addition.",
        )


def _removal_problems(change: ReleaseChange, where: str) -> Iterable[Problem]:
    """What else the list or another change says of an entry that is to leave."""
    if change.engages:
        named = ", ".join(change.engages[:NAMED_AT_MOST])
        yield Problem(
            f"{where}.kind",
            "Entries that stay on the list are engaged by this one: %(named)s.",
            "Remove them too, or write who engages them from then on.",
            (("named", named),),
        )
    if change.replaced_by:
        yield Problem(
            f"{where}.kind",
            "This entry is to be replaced by %(name)s, and leaves the list with that change.",
            "Discard the removal, or make the other change an addition.",
            (("name", change.replaced_by),),
        )


def release_content(
    changes: Sequence[ReleaseChange],
    texts: ReleaseTexts,
    *,
    vendor: Mapping[str, Any],
    transfer_reference: str,
    corrects: str = "",
) -> dict[str, Any]:
    """What a release announces, as plain data. Its digest is what legal approves and what is
    frozen: number and instants stand beside it.

    transfer_reference: the version of the data that the transfer bases were assessed by. corrects:
    number of the release that this one takes the place of.
    """
    content: dict[str, Any] = {
        "vendor": dict(vendor),
        "transfer_reference": transfer_reference,
        "reason": local_text_to_plain(texts.reason),
        "paragraph": local_text_to_plain(texts.paragraph),
        "commencement_on": texts.commencement_on.isoformat() if texts.commencement_on else None,
        "commences_by_itself": texts.commences_by_itself,
        "changes": [
            {
                "kind": change.kind.value,
                "subprocessor": change.key,
                "replaces": change.replaced_key,
                "services": sorted(change.services),
                "facts": facts_to_mapping(change.facts),
                **({"before": facts_to_mapping(change.before)} if change.before else {}),
            }
            for change in changes
        ],
    }
    if texts.is_emergency:
        content["emergency"] = local_text_to_plain(texts.emergency)
    if corrects:
        content["corrects"] = corrects
    return content


def next_number(year: int, numbers: Iterable[str]) -> str:
    """The number after those given ("2026-002" among them: "2026-003"), counted for each year."""
    prefix = f"{year}-"
    used = [int(x.removeprefix(prefix)) for x in numbers if x.startswith(prefix)]
    return f"{prefix}{max(used, default=0) + 1:03d}"


def starting_standing(
    kind: ChangeKind,
    terms: NoticeTerms | None,
    failure: HoldReason | None,
    *,
    at: datetime,
    is_blocked: bool = False,
) -> Standing:
    """Where a case stands the moment its notice is queued (or cannot be)."""
    facts = CaseFacts(kind=kind, terms=terms, failure=failure, is_blocked=is_blocked)
    return decide(facts, at=at)
