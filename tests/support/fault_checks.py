"""What must hold after every fault: nothing lost, nothing doubled without need, nothing unsaid."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from subnotify.rules.cases import BY_SILENCE
from subnotify.rules.words import AttemptResult, MessageState
from subnotify.storage.tables import AttemptRow, CaseRow, MessageRow, OutcomeRow
from tests.support.smtp_server import ReceivedMail

_FINISHED = (MessageState.HANDED_OVER,)


@dataclass(frozen=True)
class Arrived:
    """copies: of each message (by its id) that arrived more than once; unknown: the reply in the
    log of each attempt whose end nobody knows, by message."""

    copies: dict[int, int]
    unknown: dict[int, list[str]]

    @property
    def repeats(self) -> int:
        return sum(self.copies.values()) - len(self.copies)


def check_fault(
    session: Session,
    mails: Sequence[ReceivedMail],
    *,
    refused: Sequence[str] = (),
    most_repeats: int = 0,
    closed_by_silence: int = 0,
) -> Arrived:
    """Check what arrived against what the log says, once all has been sent.

    refused: mailboxes that took nothing. most_repeats: copies that the fault makes unavoidable.
    Every other mailbox has at least one copy of each of its messages; all copies of a message are
    the same bytes with one Message-ID; each copy beyond the first has an attempt in the log that
    is named unknown; nothing arrived that was not recorded as attempted before; no case closed by
    silence but those that the test expects. Returns what arrived more than once.
    """
    messages = session.scalars(select(MessageRow).order_by(MessageRow.id)).all()
    attempts = session.scalars(select(AttemptRow).order_by(AttemptRow.id)).all()
    contents: dict[tuple[str | None, str | None], list[bytes]] = defaultdict(list)
    for mail in mails:
        contents[mail.recipient, mail.parsed["Message-ID"]].append(mail.raw)
    by_message = defaultdict(list)
    for attempt in attempts:
        by_message[attempt.message_id].append(attempt)
    copies, unknown = {}, {}
    for message in messages:
        key = (message.to_address, message.message_id_header)
        raws = contents.pop(key, [])
        count, own = len(raws), by_message[message.id]
        named = [x.reply or "" for x in own if x.result == AttemptResult.UNKNOWN]
        assert len(set(raws)) <= 1, f"{message.logical_key}: copies that differ"
        if message.to_address in refused:
            assert count == 0
            assert message.state == MessageState.REJECTED
            continue
        assert message.state in _FINISHED, (message.logical_key, message.state)
        assert count >= 1, f"{message.logical_key} never arrived"
        assert count <= 1 + len(named), f"{message.logical_key}: a repeat that no log names"
        assert count <= len(own), f"{message.logical_key}: sent without a recorded attempt"
        assert [x.result for x in own].count(AttemptResult.HANDED_OVER) == 1
        assert not [x for x in own if x.result is None], "an attempt without an end"
        if count > 1:
            copies[message.id] = count
        if named:
            unknown[message.id] = named
    assert not contents, f"nobody's messages arrived: {list(contents)}"
    assert len({x.message_id_header for x in messages if x.message_id_header}) == len(
        [x for x in messages if x.message_id_header]
    ), "two messages with one Message-ID"
    _check_cases(session, closed_by_silence)
    session.rollback()
    found = Arrived(copies, unknown)
    assert found.repeats <= most_repeats
    return found


def _check_cases(session: Session, closed_by_silence: int) -> None:
    """By silence only those expected, and nothing closed twice."""
    outcomes = session.execute(select(OutcomeRow.case_id, OutcomeRow.outcome)).all()
    assert len({row.case_id for row in outcomes}) == len(outcomes)
    silent = [row for row in outcomes if row.outcome in {x.value for x in BY_SILENCE}]
    assert len(silent) == closed_by_silence
    stored = session.scalars(select(CaseRow.id).where(CaseRow.outcome.is_not(None))).all()
    assert sorted(stored) == sorted(row.case_id for row in outcomes)
