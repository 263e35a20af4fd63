"""What drafting, approving and releasing share: a draft with its changes, and the refusals."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from subnotify.evidence.digest import plain_digest
from subnotify.operations.assess_entries import EntryAssessor
from subnotify.rules.errors import ProblemsFound, RuleError
from subnotify.rules.releases import (
    ReleaseChange,
    ReleaseTexts,
    release_content,
    release_problems,
)
from subnotify.rules.words import ReleaseState
from subnotify.storage.agreement_names import name_agreements
from subnotify.storage.corrections import find_corrected
from subnotify.storage.release_drafts import list_release_changes
from subnotify.storage.releases import release_of
from subnotify.storage.tables import ReleaseRow, VendorRow
from subnotify.storage.tables.base import Json

NAMED_AT_MOST = 5


class StaleRevision(RuleError):
    message = (
        "This release has changed since you opened it. What you wrote is kept below: compare it"
        " with the present version, then save again."
    )


class ReleaseNotEditable(RuleError):
    message = "This release has been announced. A correction is a new release."


class ReleaseNotDraft(RuleError):
    message = "Only a draft can be approved; this release is approved or released already."


class ReleaseNotApproved(RuleError):
    message = (
        "This release is not approved in its present version. Ask legal to approve it, then"
        " release it."
    )


class AlreadyReleased(RuleError):
    message = "This release has been released already. Nothing was sent twice."


class ContentChanged(RuleError):
    message = (
        "What this release announces has changed since legal approved it. Ask legal to approve it"
        " again."
    )


class OnePersonAlone(RuleError):
    message = (
        "Whoever approved a release cannot release it. Ask another publisher, or change the"
        " setting that allows one person."
    )


class UnservableChanged(RuleError):
    """The agreements that cannot be served are not those that legal confirmed.

    added, gone: their names, at most a few of each.
    """

    message = (
        "The agreements that cannot be served or computed are not those that legal confirmed."
        " New: %(added)s. No longer: %(gone)s. Ask legal to confirm the present list."
    )


class LateNotConfirmed(RuleError):
    """Notice comes too late for agreements that legal did not confirm. added: their names."""

    message = (
        "The notice comes too late for agreements that legal has not confirmed: %(added)s. Ask"
        " legal to confirm the present list."
    )


class ChangeNotAvailable(RuleError):
    message = (
        "A change you chose is not a draft any more, or is in another release. Check the choice"
        " below and save again."
    )


@dataclass(frozen=True)
class DraftedRelease:
    """A draft with what it would announce on the vendor's day `on`."""

    texts: ReleaseTexts
    changes: tuple[ReleaseChange, ...]
    content: Json
    on: date

    @property
    def notified_ids(self) -> tuple[int, ...]:
        """The changes that agreements get notices of."""
        return tuple(change.id for change in self.changes if change.is_notified)

    @property
    def content_digest(self) -> str:
        return plain_digest(self.content)


def load_draft(
    session: Session, row: ReleaseRow, vendor: VendorRow, *, zone: ZoneInfo, at: datetime
) -> DraftedRelease:
    """The draft as it stands, its transfers assessed on the day of commencement (today where none
    is chosen yet), those of what the list says now today; zone: the vendor's."""
    on = at.astimezone(zone).date()
    texts = release_of(row).texts
    assessor, day = EntryAssessor(session), texts.commencement_on or on
    changes = tuple(
        replace(
            change,
            facts=assessor.assess(change.facts, on=day, known_on=on),
            before=assessor.assess(change.before, on=on) if change.before else None,
        )
        for change in list_release_changes(session, row.id, on)
    )
    corrected = find_corrected(session, row.corrects_id)
    content = release_content(
        changes,
        texts,
        vendor=vendor.profile,
        transfer_reference=assessor.reference.version,
        corrects=corrected.number if corrected else "",
    )
    return DraftedRelease(texts, changes, content, on)


def refuse_incomplete(draft: DraftedRelease) -> None:
    """Raises ProblemsFound where the draft cannot be released as it is."""
    problems = release_problems(draft.changes, draft.texts, on=draft.on)
    if problems:
        raise ProblemsFound(problems)


def refuse_stale(row: ReleaseRow, revision: int) -> None:
    """Raises StaleRevision where somebody changed the draft since it was read."""
    if row.revision != revision:
        raise StaleRevision


def refuse_announced(row: ReleaseRow) -> None:
    """Raises ReleaseNotEditable unless the release is still a draft, approved or not."""
    if row.state not in (ReleaseState.DRAFT.value, ReleaseState.APPROVED.value):
        raise ReleaseNotEditable


def refuse_other_unservable(
    session: Session, confirmed: Iterable[int], actual: Iterable[int]
) -> None:
    """Raises UnservableChanged, with names, unless both lists have the same agreements."""
    agreed, found = set(confirmed), set(actual)
    if agreed != found:
        raise UnservableChanged(
            added=_named(session, found - agreed), gone=_named(session, agreed - found)
        )


def refuse_other_late(session: Session, confirmed: Iterable[int], actual: Iterable[int]) -> None:
    """Raises LateNotConfirmed, with names, for an agreement that is late and not confirmed. One
    that is late no more does no harm."""
    added = set(actual) - set(confirmed)
    if added:
        raise LateNotConfirmed(added=_named(session, added))


def _named(session: Session, agreement_ids: set[int]) -> str:
    first = sorted(agreement_ids)[:NAMED_AT_MOST]
    named = "; ".join(name_agreements(session, first).values())
    more = len(agreement_ids) - len(first)
    if not named:
        return "–"
    return f"{named} (+{more})" if more else named
