"""What must hold for the window of any terms: read back as written, never shortened."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import assume, given
from hypothesis import strategies as st

from subnotify.holiday_calendars import get_calendar
from subnotify.rules.cases import grown_window
from subnotify.rules.deemed_receipt import deemed_receipt_at
from subnotify.rules.errors import NoticeTooLate
from subnotify.rules.recomputations import lengthened
from subnotify.rules.terms import DeemedReceipt, NoticeTerms
from subnotify.rules.terms_mapping import terms_to_mapping
from subnotify.rules.terms_reading import terms_from_mapping
from subnotify.rules.terms_words import DeemedKind
from subnotify.rules.time_limits import zone_of
from subnotify.rules.windows import (
    Window,
    compute_window,
    extend_window,
    needs_commencement,
    started_at,
    window_from_mapping,
    window_key,
    window_to_mapping,
)
from tests.support.calendars import OtherHolidays
from tests.support.limit_strategies import CALENDARS, DAYS, INSTANTS, ZONES
from tests.support.terms_strategies import DEEMED, any_terms, window_terms

SOON = st.integers(0, 400)


def commencement_of(terms: NoticeTerms, at: datetime, days: int) -> date | None:
    """Late enough for most windows that end with it or are counted back from it."""
    return at.date() + timedelta(days=days) if needs_commencement(terms) else None


def computed(terms: NoticeTerms, at: datetime, commencement_on: date | None) -> Window | None:
    """None where the window would be over before it opens."""
    calendar = get_calendar(terms.counting.holiday_calendar)
    try:
        return compute_window(terms, at, calendar, commencement_on=commencement_on)
    except NoticeTooLate:
        return None


@given(any_terms())
def test_terms_are_read_back_as_they_were_written(terms: NoticeTerms) -> None:
    assert terms_from_mapping(terms_to_mapping(terms)) == terms


@given(terms=window_terms(), at=INSTANTS, days=SOON)
def test_windows_are_read_back_as_they_were_written(
    terms: NoticeTerms, at: datetime, days: int
) -> None:
    window = computed(terms, at, commencement_of(terms, at, days))
    assume(window is not None)
    assert window is not None
    assert window_from_mapping(window_to_mapping(window)) == window


@given(terms=window_terms(), at=INSTANTS, days=SOON)
def test_a_window_ends_with_its_latest_reading_and_never_before_it_opens(
    terms: NoticeTerms, at: datetime, days: int
) -> None:
    window = computed(terms, at, commencement_of(terms, at, days))
    assume(window is not None)
    assert window is not None
    assert window.opens_at < window.closes_at < window.silence_after_at
    assert window.closes_at == max(reading.ends_at for reading in window.readings)
    assert window.last_day == max(reading.last_day for reading in window.readings)
    zone = zone_of(terms.counting.time_zone)
    last_instant = window.closes_at - timedelta(microseconds=1)
    assert last_instant.astimezone(zone).date() == window.last_day
    # Grace: one local day at least.
    grace = (window.silence_after_at - timedelta(microseconds=1)).astimezone(zone).date()
    assert grace >= window.last_day + timedelta(days=1)
    assert window.opens_at >= at


@given(terms=window_terms(), at=INSTANTS, seconds=st.integers(0, 20_000), days=SOON)
def test_triggers_with_one_key_give_windows_that_differ_by_the_hour_only(
    terms: NoticeTerms, at: datetime, seconds: int, days: int
) -> None:
    commencement_on = commencement_of(terms, at, days)
    other = at + timedelta(seconds=seconds)
    if window_key(terms, at, commencement_on) != window_key(terms, other, commencement_on):
        other = at
    first, second = (computed(terms, x, commencement_on) for x in (at, other))
    if first is None or second is None:
        assert first is second is None
    else:
        assert started_at(first, other) == second


@given(terms=window_terms(), at=INSTANTS, later=st.integers(0, 400 * 24 * 3600), days=SOON)
def test_serving_anew_never_shortens(
    terms: NoticeTerms, at: datetime, later: int, days: int
) -> None:
    commencement_on = commencement_of(terms, at, days)
    old = computed(terms, at, commencement_on)
    for seconds in (later, -later):
        new = computed(terms, at + timedelta(seconds=seconds), commencement_on)
        if old is None or new is None:
            continue
        grown = grown_window(old, new)
        assert grown.closes_at == max(old.closes_at, new.closes_at)
        assert grown.silence_after_at >= max(old.silence_after_at, new.silence_after_at)
        assert grown.last_day >= max(old.last_day, new.last_day)


@given(terms=window_terms(), at=INSTANTS, days=SOON, moved=st.integers(-60, 60))
def test_extending_never_shortens(terms: NoticeTerms, at: datetime, days: int, moved: int) -> None:
    window = computed(terms, at, commencement_of(terms, at, days))
    assume(window is not None)
    assert window is not None
    calendar = get_calendar(terms.counting.holiday_calendar)
    wanted = window.last_day + timedelta(days=moved)
    extended = extend_window(terms, window, wanted, calendar)
    assert extended.closes_at >= window.closes_at
    assert extended.silence_after_at >= window.silence_after_at
    assert extended.last_day == max(window.last_day, wanted)
    assert extended.opens_at == window.opens_at


@given(terms=window_terms(), at=INSTANTS, data=st.data())
def test_better_known_holidays_never_shorten(
    terms: NoticeTerms, at: datetime, data: st.DataObject
) -> None:
    """A library that knows more or fewer holidays gives more time, or changes nothing."""
    commencement_on = commencement_of(terms, at, 400)
    old = computed(terms, at, commencement_on)
    assume(old is not None)
    assert old is not None
    base = get_calendar(terms.counting.holiday_calendar)
    near = [old.last_day + timedelta(days=n) for n in range(-30, 30)]
    added = data.draw(st.sets(st.sampled_from(near)))
    kept = data.draw(st.sets(st.sampled_from(near)))
    removed = {day for day in near if base.holiday_name(day)} - kept
    other = OtherHolidays(base, "9.9", dict.fromkeys(added, "New"), frozenset(removed))
    try:
        new = compute_window(terms, at, other, commencement_on=commencement_on)
    except NoticeTooLate:
        return
    for grown in (lengthened(old, new), grown_window(old, new)):
        assert grown.closes_at >= old.closes_at
        assert grown.silence_after_at >= old.silence_after_at
    later_day = old.last_day + timedelta(days=1)
    assert extend_window(terms, old, later_day, other).silence_after_at >= old.silence_after_at


@given(at=INSTANTS, deemed=DEEMED, zone=ZONES, calendar=CALENDARS)
def test_no_clause_deems_a_notice_received_before_it_was_sent(
    at: datetime, deemed: DeemedReceipt, zone: str, calendar: str
) -> None:
    assume(deemed.kind is not DeemedKind.FIRST_PRESENTATION)
    received = deemed_receipt_at(at, deemed, zone, get_calendar(calendar))
    assert received >= at
    assert received.tzinfo is UTC


@given(day=DAYS, hour=st.integers(0, 47), deemed=DEEMED, calendar=CALENDARS)
def test_what_is_sent_later_is_never_deemed_received_earlier(
    day: date, hour: int, deemed: DeemedReceipt, calendar: str
) -> None:
    assume(deemed.kind is not DeemedKind.FIRST_PRESENTATION)
    # Office hours that end before they begin are no clause of any contract.
    assume(deemed.cutoff is None or deemed.opening <= deemed.cutoff)
    at = datetime(day.year, day.month, day.day, tzinfo=UTC)
    days = get_calendar(calendar)
    first, second = (
        deemed_receipt_at(instant, deemed, "Europe/Paris", days)
        for instant in (at, at + timedelta(hours=hour))
    )
    assert first <= second


@given(terms=window_terms(), at=INSTANTS)
def test_what_a_person_reads_does_not_change_the_window(terms: NoticeTerms, at: datetime) -> None:
    """Terms that only name another preset or source open the same window."""
    commencement_on = commencement_of(terms, at, 300)
    other = replace(terms, preset="x", provenance=replace(terms.provenance, clause="§ 8"))
    assert computed(terms, at, commencement_on) == computed(other, at, commencement_on)
