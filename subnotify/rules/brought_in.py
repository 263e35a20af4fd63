"""Notices given before subnotify was used: what a row of windows.csv says, and what it may not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from subnotify.rules.notice_rules import all_variants
from subnotify.rules.periods import is_in_hours
from subnotify.rules.reading import Reader
from subnotify.rules.terms import NoticeTerms
from subnotify.rules.terms_checks import not_computable
from subnotify.rules.terms_words import RunsFrom
from subnotify.rules.texts import LANGUAGES, NO_TEXT, LocalText, local_text
from subnotify.rules.time_limits import start_of_day
from subnotify.rules.words import ChangeKind, ProofKind

PROOFS = (ProofKind.RECIPIENT_SERVER, ProofKind.ACKNOWLEDGEMENT, ProofKind.REGISTERED_DELIVERY)
KINDS = (ChangeKind.ADDITION, ChangeKind.REPLACEMENT)
LONGEST_REFERENCE = 2000


@dataclass(frozen=True)
class Moment:
    """When something happened, as it was written: a day, a local time, or an instant."""

    day: date
    at: datetime | None = None

    def instant(self, zone: ZoneInfo) -> datetime:
        """In UTC. A day alone stands for its first instant: windows count whole days."""
        if self.at is None:
            return start_of_day(self.day, zone)
        aware = self.at if self.at.tzinfo else self.at.replace(tzinfo=zone)
        return aware.astimezone(UTC)


@dataclass(frozen=True)
class GivenNotice:
    """A notice of one change to one contact of an agreement. where: its place in the file.

    received and proof are both set or both not.
    """

    where: str
    agreement: str
    contact: str
    subprocessor: str
    kind: ChangeKind | None
    commencement_on: date
    dispatched: Moment
    received: Moment | None = None
    proof: ProofKind | None = None
    proof_reference: str = ""
    # Of the change, by language, as the notice gave it.
    reason: LocalText = NO_TEXT

    def dispatched_at(self, zone: ZoneInfo) -> datetime:
        return self.dispatched.instant(zone)

    def received_at(self, zone: ZoneInfo) -> datetime | None:
        """A day of receipt that is the day of dispatch means later on that day."""
        if self.received is None:
            return None
        sent_at, got_at = self.dispatched_at(zone), self.received.instant(zone)
        same_day = self.received.at is None and sent_at.astimezone(zone).date() == self.received.day
        return sent_at if same_day else got_at


def read_given_notice(cells: Mapping[str, str], where: str, reader: Reader) -> GivenNotice | None:
    """One row of windows.csv; None with problems noted, the column after the path: `PATH.proof`."""
    noted = len(reader.problems)
    texts = {
        name: reader.text(cells.get(name, ""), f"{where}.{name}", required=True, longest=80)
        for name in ("agreement", "contact", "subprocessor")
    }
    commencement_on = _required_day(cells, "commencement_on", where, reader)
    dispatched = _moment(cells, "dispatched_at", where, reader)
    if dispatched is None and not cells.get("dispatched_at", "").strip():
        reader.problem(f"{where}.dispatched_at", "This is missing.", "Fill it in.")
    received = _moment(cells, "received_at", where, reader)
    proof = cells.get("proof", "").strip()
    read_proof = reader.choice(proof, f"{where}.proof", ProofKind) if proof else None
    reference = reader.text(
        cells.get("proof_reference", ""), f"{where}.proof_reference", longest=LONGEST_REFERENCE
    )
    reasons = {
        language: reader.text(cells.get(f"reason_{language}", ""), f"{where}.reason_{language}")
        for language in LANGUAGES
    }
    kind = _kind(cells.get("kind", "").strip(), f"{where}.kind", reader)
    _check_proof(where, reader, received, read_proof, reference)
    if len(reader.problems) > noted or commencement_on is None or dispatched is None:
        return None
    return GivenNotice(
        where,
        kind=kind,
        commencement_on=commencement_on,
        dispatched=dispatched,
        received=received,
        proof=read_proof,
        proof_reference=reference,
        reason=local_text(reasons),
        **texts,
    )


def reason_given(rows: Sequence[GivenNotice]) -> LocalText:
    """The reason of the change: of each language the first that a row gives."""
    said: dict[str, str] = {}
    for row in rows:
        said |= {key: text for key, text in row.reason.by_language if key not in said}
    return local_text(said)


def _kind(text: str, where: str, reader: Reader) -> ChangeKind | None:
    kind = reader.choice(text, where, ChangeKind) if text else None
    if kind is not None and kind not in KINDS:
        reader.problem(
            where,
            "Windows are brought in for additions and replacements.",
            "Write addition or replacement.",
        )
    return kind


def _required_day(cells: Mapping[str, str], name: str, where: str, reader: Reader) -> date | None:
    text = cells.get(name, "").strip()
    if not text:
        reader.problem(f"{where}.{name}", "This is missing.", "Fill it in.")
    return reader.day(text, f"{where}.{name}")


def _moment(cells: Mapping[str, str], name: str, where: str, reader: Reader) -> Moment | None:
    text = cells.get(name, "").strip()
    if not text:
        return None
    try:
        if len(text) == len("2026-03-02"):
            return Moment(date.fromisoformat(text))
        moment = datetime.fromisoformat(text)
    except ValueError:
        reader.problem(
            f"{where}.{name}",
            "“%(value)s” is not a day or an instant.",
            "Write 2026-03-02, 2026-03-02 10:15 (time of the agreement's zone) or"
            " 2026-03-02T10:15+01:00.",
            value=text,
        )
        return None
    return Moment(moment.date(), moment)


def _check_proof(
    where: str,
    reader: Reader,
    received: Moment | None,
    proof: ProofKind | None,
    reference: str,
) -> None:
    if proof is not None and proof not in PROOFS:
        reader.problem(
            f"{where}.proof",
            "Only facts outside the vendor's reach prove receipt.",
            "Use recipient_server, acknowledgement or registered_delivery.",
        )
    if proof is not None and received is None:
        reader.problem(
            f"{where}.received_at",
            "It is not said when the notice was received.",
            "Write the instant that the proof shows, or leave the proof empty.",
        )
    if received is not None and proof is None:
        reader.problem(
            f"{where}.proof",
            "It is not said what proves the receipt.",
            "Write recipient_server, acknowledgement or registered_delivery.",
        )
    if proof is not None and not reference:
        reader.problem(
            f"{where}.proof_reference",
            "It is not said where the proof is.",
            "Write its number, or where it is kept.",
        )


def check_instants(given: GivenNotice, zone: ZoneInfo, reader: Reader, *, at: datetime) -> None:
    """Nothing happened later than now, and no receipt before dispatch. zone: the agreement's."""
    dispatched_at, received_at = given.dispatched_at(zone), given.received_at(zone)
    for name, instant in (("dispatched_at", dispatched_at), ("received_at", received_at)):
        if instant is not None and instant > at:
            reader.problem(
                f"{given.where}.{name}",
                "This lies in the future.",
                "Correct it: only what has happened is brought in.",
            )
    if received_at is not None and received_at < dispatched_at:
        reader.problem(
            f"{given.where}.received_at",
            "The notice would be received before it was dispatched.",
            "Correct one of the two.",
        )


def check_hours(given: GivenNotice, terms: NoticeTerms, reader: Reader) -> None:
    """Where the hour decides when the window ends, a day alone would let it end too early."""
    name = "received_at" if terms.waits_for_receipt else "dispatched_at"
    moment = given.received if terms.waits_for_receipt else given.dispatched
    if moment is None or moment.at is not None or not _hour_decides(terms):
        return
    reader.problem(
        f"{given.where}.{name}",
        "“%(value)s” is not an instant.",
        'Write it in quotes with its offset, for example "2026-03-02T10:00:00+01:00".',
        value=moment.day.isoformat(),
    )


def _hour_decides(terms: NoticeTerms) -> bool:
    """A period counts hours, or the notice counts as received on another day after some hour."""
    deemed = terms.deemed_receipt
    if deemed is not None and deemed.cutoff is not None:
        return True
    return any(
        period is not None and is_in_hours(period)
        for variant in all_variants(terms)
        for period in (variant.objection_period, variant.lead_time)
    )


def check_terms(terms: NoticeTerms | None, kind: ChangeKind, where: str, reader: Reader) -> None:
    """Whether a window can run under these terms at all."""
    if terms is None:
        reader.problem(
            where,
            "The notice terms of this agreement are not known.",
            "Enter them first: without them no window can be computed.",
        )
    elif kind not in terms.changes_covered:
        reader.problem(
            where,
            "The terms of this agreement do not cover this kind of change: no window runs.",
            "Remove the row.",
        )
    elif not_computable(terms) is not None:
        reader.problem(
            where,
            "No dates can be computed from the notice terms of this agreement.",
            "Complete its terms first.",
        )
    elif terms.trigger is RunsFrom.PUBLICATION:
        reader.problem(
            where,
            "The window of this agreement runs from the publication of the list, and subnotify did"
            " not publish this change.",
            "Announce the change with a release.",
        )
