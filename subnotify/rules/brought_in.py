"""Notices given before subnotify was used: what a row of windows.csv says, and what it may not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from subnotify.rules.reading import Reader
from subnotify.rules.texts import LANGUAGES, NO_TEXT, LocalText, local_text
from subnotify.rules.time_limits import last_instant_of_day, start_of_day
from subnotify.rules.words import ChangeKind, Channel, ProofKind

PROOFS = (ProofKind.RECIPIENT_SERVER, ProofKind.ACKNOWLEDGEMENT, ProofKind.REGISTERED_DELIVERY)
CHANNELS = (Channel.EMAIL, Channel.POST, Channel.REGISTERED_POST)
# A proof that only one channel leaves says which it was.
_CHANNEL_OF_PROOF = {
    ProofKind.RECIPIENT_SERVER: Channel.EMAIL,
    ProofKind.REGISTERED_DELIVERY: Channel.REGISTERED_POST,
}
KINDS = (ChangeKind.ADDITION, ChangeKind.REPLACEMENT)
LONGEST_REFERENCE = 2000


@dataclass(frozen=True)
class Moment:
    """When something happened, as it was written: a day, a local time, or an instant."""

    day: date
    at: datetime | None = None

    def first_instant(self, zone: ZoneInfo, *others: ZoneInfo) -> datetime:
        """In UTC. zone: of a time without an offset; others: of which the day may be as well."""
        if self.at is None:
            return min(start_of_day(self.day, one) for one in (zone, *others))
        return self._exactly(self.at, zone)

    def last_instant(self, zone: ZoneInfo, *others: ZoneInfo) -> datetime:
        """The same of the end of a day alone: no window may open earlier than by that reading."""
        if self.at is None:
            return last_instant_of_day(self.day, zone, *others)
        return self._exactly(self.at, zone)

    @staticmethod
    def _exactly(at: datetime, zone: ZoneInfo) -> datetime:
        return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)


@dataclass(frozen=True)
class GivenZones:
    """Where the days of a notice are counted: the agreement's zone; of its dispatch also the
    vendor's, since a postmark or a log does not say which."""

    agreement: ZoneInfo
    vendor: ZoneInfo


@dataclass(frozen=True)
class GivenNotice:
    """A notice of one change to one contact of an agreement. where: its place in the file.

    received and proof are both set or both not. channel: None where nobody said it and no proof
    shows it.
    """

    where: str
    agreement: str
    contact: str
    subprocessor: str
    kind: ChangeKind | None
    commencement_on: date
    dispatched: Moment
    channel: Channel | None = None
    received: Moment | None = None
    proof: ProofKind | None = None
    proof_reference: str = ""
    # Of the change, by language, as the notice gave it.
    reason: LocalText = NO_TEXT

    @property
    def way(self) -> Channel:
        """What nobody says more of was a mail; `check_channels` refuses it where that matters."""
        return self.channel or Channel.EMAIL

    def dispatched_since(self, zones: GivenZones) -> datetime:
        """The first instant at which it can have been dispatched."""
        return self.dispatched.first_instant(zones.agreement, zones.vendor)

    def dispatched_at(self, zones: GivenZones) -> datetime:
        """The last instant at which it can have been dispatched: of a day alone its end, or the
        receipt on that day."""
        sent_at = self.dispatched.last_instant(zones.agreement, zones.vendor)
        received_at = self.received_at(zones)
        if self.dispatched.at is not None or received_at is None:
            return sent_at
        return max(min(sent_at, received_at), self.dispatched_since(zones))

    def received_at(self, zones: GivenZones) -> datetime | None:
        return self.received.last_instant(zones.agreement) if self.received else None

    def is_dispatched_at(self, instant: datetime, zones: GivenZones) -> bool:
        """Whether `instant`, on record, is what the row says: in earlier versions a day alone
        stood for its first instant."""
        last = self.dispatched.last_instant(zones.agreement, zones.vendor)
        return self.dispatched_since(zones) <= instant <= last

    def is_received_at(self, instant: datetime | None, zones: GivenZones) -> bool:
        """The same of the receipt; None: there is none on record."""
        if self.received is None or instant is None:
            return self.received is None and instant is None
        first = self.received.first_instant(zones.agreement)
        return first <= instant <= self.received.last_instant(zones.agreement)


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
    channel = _channel(cells.get("channel", "").strip(), read_proof, where, reader)
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
        channel=channel,
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


def _channel(text: str, proof: ProofKind | None, where: str, reader: Reader) -> Channel | None:
    """As the row says it, or its proof shows it."""
    shown = _CHANNEL_OF_PROOF.get(proof) if proof is not None else None
    channel = reader.choice(text, f"{where}.channel", Channel) if text else shown
    if channel is not None and channel not in CHANNELS:
        reader.problem(
            f"{where}.channel",
            "Notices are brought in that went by mail or by post.",
            "Write email, post or registered_post.",
        )
    elif channel is not None and shown is not None and channel is not shown:
        reader.problem(
            f"{where}.proof",
            "A notice by this channel leaves no such proof.",
            "Correct the channel or the proof.",
        )
    return channel


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
            moment = Moment(date.fromisoformat(text))
        else:
            at = datetime.fromisoformat(text)
            moment = Moment(at.date(), at)
        # Of the first and the last year not every zone has each day.
        if not date.min.year < moment.day.year < date.max.year:
            raise ValueError
    except ValueError:
        reader.problem(
            f"{where}.{name}",
            "“%(value)s” is not a day or an instant.",
            "Write 2026-03-02, 2026-03-02 10:15 (time of the agreement's zone) or"
            " 2026-03-02T10:15+01:00.",
            value=text,
        )
        return None
    return moment


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
