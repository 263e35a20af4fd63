"""What the events of a letter come to, in whatever order they were recorded."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subnotify.rules.letter_events import (
    LetterEvent,
    LetterZones,
    contradictions,
    event_problems,
    find_posting,
    in_order_of_doubt,
    instant_of_day,
    is_known,
    letter_state,
)
from subnotify.rules.words import LetterEventKind, LetterProduct, LetterState

Kind = LetterEventKind
DAY = date(2026, 3, 2)
PARIS = ZoneInfo("Europe/Paris")
TOKYO = ZoneInfo("Asia/Tokyo")
NEW_YORK = ZoneInfo("America/New_York")
ZONES = LetterZones(PARIS, PARIS)


def posting_day(events: Iterable[LetterEvent]) -> date | None:
    posting = find_posting(events)
    return posting.on if posting else None


def event(kind: Kind, days: int = 0, number: str = "") -> LetterEvent:
    return LetterEvent(kind, DAY + timedelta(days=days), number)


def problems_of(
    events: list[LetterEvent],
    new: LetterEvent,
    *,
    product: LetterProduct = LetterProduct.REGISTERED,
    number: str = "",
) -> list[str]:
    """What is impossible, or contradicts the record."""
    impossible = event_problems(
        new,
        ZONES,
        datetime(2026, 4, 1, 12, tzinfo=UTC),
        queued_at=datetime(2026, 3, 2, 12, tzinfo=UTC),
        product=product,
        is_written=True,
    )
    return [problem.where for problem in (*impossible, *contradictions(events, new, number=number))]


DELIVERED = [
    event(Kind.HANDED_OVER, 0),
    event(Kind.PRINTED, 1),
    event(Kind.POSTED, 2, "RK 1"),
    event(Kind.PRESENTED, 4),
    event(Kind.RECEIVED, 6),
]
UNCLAIMED = [*DELIVERED[:4], event(Kind.UNCLAIMED, 19), event(Kind.RETURNED, 21)]


@given(st.sampled_from([DELIVERED, UNCLAIMED]).flatmap(st.permutations), st.integers(0, 6))
def test_the_order_in_which_events_are_recorded_does_not_matter(
    events: list[LetterEvent], cut: int
) -> None:
    known: list[LetterEvent] = []
    for one in events[:cut]:
        assert problems_of(known, one) == []
        known.append(one)
    assert letter_state(known) == letter_state(sorted(known, key=lambda x: x.on))
    assert posting_day(known) == posting_day(sorted(known, key=lambda x: x.on))


@pytest.mark.parametrize(
    ("events", "state", "posted"),
    [
        ([], LetterState.QUEUED, None),
        (DELIVERED[:1], LetterState.HANDED_OVER, None),
        (DELIVERED[:2], LetterState.PRINTED, None),
        (DELIVERED[:3], LetterState.POSTED, 2),
        (DELIVERED, LetterState.RECEIVED, 2),
        (UNCLAIMED, LetterState.RETURNED, 2),
        (UNCLAIMED[:-1], LetterState.UNCLAIMED, 2),
        # Nobody recorded the posting: what came later says when it had happened at the latest.
        ([event(Kind.RECEIVED, 6), event(Kind.PRESENTED, 4)], LetterState.RECEIVED, 4),
        ([event(Kind.RETURNED, 9)], LetterState.RETURNED, 9),
    ],
)
def test_where_a_letter_stands(
    events: list[LetterEvent], state: LetterState, posted: int | None
) -> None:
    assert letter_state(events) is state
    assert posting_day(events) == (None if posted is None else DAY + timedelta(days=posted))


def test_a_cancelled_letter_that_was_posted_all_the_same_is_on_its_way() -> None:
    assert letter_state([], is_cancelled=True) is LetterState.CANCELLED
    assert letter_state(DELIVERED[:2], is_cancelled=True) is LetterState.CANCELLED
    assert letter_state(DELIVERED[:3], is_cancelled=True) is LetterState.POSTED


@pytest.mark.parametrize(
    ("known", "new", "where"),
    [
        ([], event(Kind.POSTED, 31), "on"),
        ([], event(Kind.POSTED, -1), "on"),
        (DELIVERED[:3], event(Kind.PRESENTED, 1), "on"),
        ([event(Kind.PRESENTED, 4)], event(Kind.POSTED, 5), "on"),
        (DELIVERED[:4], event(Kind.RECEIVED, 3), "on"),
        (DELIVERED[:3], event(Kind.POSTED, 3), "on"),
        (DELIVERED, event(Kind.RETURNED, 9), "kind"),
        (DELIVERED, event(Kind.UNCLAIMED, 9), "kind"),
        (UNCLAIMED, event(Kind.RECEIVED, 15), "kind"),
        ([], event(Kind.POSTED, 1, "1" * 81), "proof_number"),
    ],
)
def test_what_cannot_be_true_is_a_problem(
    known: list[LetterEvent], new: LetterEvent, where: str
) -> None:
    assert where in problems_of(known, new)


NOTES = [event(Kind.HANDED_OVER, 9), event(Kind.PRINTED, 9)]


def test_what_the_vendor_notes_late_never_contradicts_the_post() -> None:
    for proof in (event(Kind.POSTED, 1), event(Kind.RECEIVED, 2), event(Kind.RETURNED, 3)):
        assert problems_of(NOTES, proof) == []
        for note in NOTES:
            assert problems_of([proof], note) == []


def test_a_letter_that_was_not_written_was_not_sent() -> None:
    for kind in Kind:
        (problem,) = event_problems(
            event(kind, 1),
            ZONES,
            datetime(2026, 4, 1, 12, tzinfo=UTC),
            queued_at=datetime(2026, 3, 2, 12, tzinfo=UTC),
            product=LetterProduct.REGISTERED,
            is_written=False,
        )
        assert problem.where == "letter"


def test_a_letter_whose_return_is_contested_came_back() -> None:
    assert letter_state(DELIVERED, [event(Kind.RETURNED, 9)]) is LetterState.RETURNED
    assert letter_state(UNCLAIMED, [event(Kind.RECEIVED, 9)]) is LetterState.RETURNED
    assert letter_state(DELIVERED[:3], [event(Kind.RECEIVED, 1)]) is LetterState.POSTED


@pytest.mark.parametrize("kind", Kind)
def test_a_posting_ends_with_its_day_where_the_post_office_is_or_the_agreement(kind: Kind) -> None:
    """The postmark says no zone: the later of the two readings favours the client."""
    later = datetime(2028, 1, 1, tzinfo=UTC)
    ends = {
        name: LetterZones(agreement, PARIS).end_of_day(event(kind), later)
        for name, agreement in (("tokyo", TOKYO), ("new york", NEW_YORK))
    }
    at_vendor = kind in (Kind.HANDED_OVER, Kind.PRINTED, Kind.POSTED)
    of_tokyo = PARIS if at_vendor else TOKYO
    assert ends["tokyo"] == instant_of_day(DAY, of_tokyo, later)
    assert ends["new york"] == instant_of_day(DAY, NEW_YORK, later)


def test_a_day_has_come_once_it_has_where_it_happened() -> None:
    """In Tokyo it is the third of March; in Paris, and New York, still the second."""
    at = datetime(2026, 3, 2, 20, tzinfo=UTC)
    zones = LetterZones(NEW_YORK, TOKYO)
    assert zones.last_day(at, Kind.POSTED) == date(2026, 3, 3)
    assert zones.last_day(at, Kind.RECEIVED) == date(2026, 3, 2)
    assert zones.first_day(at, Kind.POSTED) == date(2026, 3, 2)


def test_the_same_again_is_known_and_no_problem() -> None:
    assert problems_of(DELIVERED, DELIVERED[2]) == []
    assert is_known(DELIVERED, DELIVERED[2])
    assert not is_known(DELIVERED[:2], DELIVERED[2])


def test_another_number_is_of_another_letter() -> None:
    assert problems_of([], event(Kind.POSTED, 2, "RK 2"), number="RK 1") == ["proof_number"]
    assert problems_of([], event(Kind.POSTED, 2, "RK 1"), number="RK 1") == []
    assert problems_of([], event(Kind.POSTED, 2), number="RK 1") == []


@pytest.mark.parametrize("kind", [Kind.PRESENTED, Kind.RECEIVED, Kind.UNCLAIMED])
def test_of_a_plain_letter_nobody_knows_the_receipt(kind: Kind) -> None:
    assert problems_of([], event(kind, 3), product=LetterProduct.PLAIN) == ["kind"]
    assert problems_of([], event(Kind.RETURNED, 3), product=LetterProduct.PLAIN) == []
    assert problems_of([], event(kind, 3), product=LetterProduct.REGISTERED_ELECTRONIC) == []


@given(st.permutations([event(Kind.RECEIVED, 6), event(Kind.RETURNED, 9), event(Kind.POSTED, 2)]))
def test_of_two_that_contradict_each_other_the_clients_side_is_recorded(
    told: list[LetterEvent],
) -> None:
    known: list[LetterEvent] = []
    for one in in_order_of_doubt(told):
        if not problems_of(known, one):
            known.append(one)
    assert letter_state(known) is LetterState.RETURNED
    assert posting_day(known) == DAY + timedelta(days=2)


@given(
    st.dates(date(2026, 1, 1), date(2026, 12, 31)),
    st.sampled_from(["Europe/Paris", "Pacific/Auckland", "America/New_York", "UTC"]),
)
def test_paper_counts_from_the_last_instant_of_its_day(day: date, name: str) -> None:
    zone = ZoneInfo(name)
    later = datetime(2028, 1, 1, tzinfo=UTC)
    instant = instant_of_day(day, zone, later)
    assert instant.astimezone(zone).date() == day
    assert (instant + timedelta(microseconds=1)).astimezone(zone).date() > day


def test_nothing_counts_from_the_future() -> None:
    at = datetime(2026, 3, 2, 9, tzinfo=UTC)
    assert instant_of_day(DAY, PARIS, at) == at
