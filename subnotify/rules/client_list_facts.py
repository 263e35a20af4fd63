"""What decides which list applies to one client: the list, the agreement and its cases."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from subnotify.rules.allowed_countries import CountryException
from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.words import CaseState, ChangeKind, Outcome


class WhyNot(StrEnum):
    """Why an entry of the list may not process this client's data."""

    ACCOMMODATED = "accommodated"
    NOT_AUTHORISED = "not_authorised"
    TERMINATED = "terminated"
    GATED_OUT = "gated_out"
    OBJECTED = "objected"
    NOT_SETTLED = "not_settled"
    LEAD_TIME = "lead_time"
    COUNTRY = "country"


@dataclass(frozen=True)
class EntryOfList:
    """What the list says of a subprocessor. phased_out_from_on: it is kept for single clients from
    that day on. change_id: what brought it; None: it was on the list as first published."""

    id: int
    subprocessor_id: int
    key: str
    facts: SubprocessorFacts
    from_on: date
    until_on: date | None = None
    phased_out_from_on: date | None = None
    change_id: int | None = None

    def is_on_list(self, day: date) -> bool:
        return self.from_on <= day and (self.until_on is None or day < self.until_on)

    def is_phased_out(self, day: date) -> bool:
        return self.phased_out_from_on is not None and self.phased_out_from_on <= day


@dataclass(frozen=True)
class CaseOfClient:
    """A change that has commenced, under this agreement, as it stood at the instant of the list.

    settled_on: the day of its outcome. is_lead_over, uses_early: as the gate reads them.
    """

    id: int
    change_id: int
    kind: ChangeKind
    subprocessor_id: int
    replaced_id: int | None
    commenced_on: date
    state: CaseState
    outcome: Outcome | None = None
    settled_on: date | None = None
    is_gated_out: bool = False
    is_lead_over: bool = True
    uses_early: bool = False

    def ends(self, subprocessor_id: int) -> bool:
        """Whether the change takes what the list says of this subprocessor away."""
        if self.kind in (ChangeKind.REMOVAL, ChangeKind.AMENDMENT):
            return self.subprocessor_id == subprocessor_id
        return self.replaced_id == subprocessor_id


@dataclass(frozen=True)
class AgreementSide:
    """What the agreement says on the day. bought: keys of its services, with the day since which
    each is bought (None: not recorded). has_ended: its last day has passed."""

    bought: dict[str, date | None]
    allowed: frozenset[str] = frozenset()
    exceptions: tuple[CountryException, ...] = ()
    cases: tuple[CaseOfClient, ...] = ()
    has_ended: bool = False
