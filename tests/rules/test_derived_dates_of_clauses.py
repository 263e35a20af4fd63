"""Dates derived from every real clause: each is there, or says why not, and is the case's own."""

from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from subnotify.cli_yaml import is_calendar
from subnotify.holiday_calendars import get_calendar
from subnotify.operations.registry_yaml import read_yaml
from subnotify.rules.derived_dates import DerivedDates, derive_dates
from subnotify.rules.notice_dates import Anchors, Assumption, Basis
from subnotify.rules.notice_rules import all_variants
from subnotify.rules.presets import PRESETS
from subnotify.rules.reading import Reader
from subnotify.rules.terms import NoticeTerms
from subnotify.rules.terms_checks import not_computable
from subnotify.rules.terms_files import read_agreements_terms
from subnotify.rules.windows import compute_window, needs_commencement
from subnotify.wording.derived_dates import assumption_sentence
from subnotify.wording.language import wording_for


def clauses() -> list[NoticeTerms]:
    """Every variant of every real clause and preset."""
    path = Path(__file__).parent.parent / "data/clauses-as-terms.yaml"
    read = read_agreements_terms(read_yaml(path.read_bytes()).data, Reader(), is_calendar)
    found = [agreement.terms for agreement in read if agreement.terms is not None]
    return [variant for terms in (*found, *PRESETS.values()) for variant in all_variants(terms)]


# From 2024 to 2030, to the second.
instants = st.integers(1_704_067_200, 1_924_905_600).map(lambda x: datetime.fromtimestamp(x, UTC))


@given(
    terms=st.sampled_from(clauses()),
    sent=instants,
    hours=st.integers(0, 400),
    commencement=st.none() | st.dates(date(2024, 1, 1), date(2031, 6, 1)),
    objected=st.none() | instants,
)
def test_whatever_the_clause_each_date_is_there_or_says_why(
    terms: NoticeTerms,
    sent: datetime,
    hours: int,
    commencement: date | None,
    objected: datetime | None,
):
    received = datetime.fromtimestamp(sent.timestamp() + hours * 3600, UTC)
    anchors = Anchors(sent, received, None, commencement, objected)
    calendar = get_calendar(terms.counting.holiday_calendar)
    found = derive_dates(terms, anchors, calendar)
    is_there_or_says_why(found)
    if found.window.window is not None and not_computable(terms) is None:
        is_received = terms.waits_for_receipt
        trigger = received if is_received else sent
        day = commencement if needs_commencement(terms) else None
        assert found.window.window == compute_window(terms, trigger, calendar, commencement_on=day)
    if found.lead_time.is_met is not None:
        given_on = found.lead_time.given_at
        assert given_on is not None and found.lead_time.due_on is not None
        zone = ZoneInfo(terms.counting.time_zone)
        assert found.lead_time.is_met == (
            given_on.astimezone(zone).date() <= found.lead_time.due_on
        )


def is_there_or_says_why(found: DerivedDates) -> None:
    wording = wording_for("en", "Europe/Paris")
    for day, assumptions in (
        (found.lead_time.due_on, found.lead_time.assumptions),
        (found.window.window, found.window.assumptions),
        (found.accommodation.limit, found.accommodation.assumptions),
        (found.exercise.last_day, found.exercise.assumptions),
        (found.deemed_acceptance.limit, found.deemed_acceptance.assumptions),
        (found.effect.effect.takes_effect_on, found.effect.assumptions),
        (found.data.due_on, found.data.assumptions),
    ):
        assert day is not None or assumptions
        for assumption in assumptions:
            sentence = assumption_sentence(assumption, wording)
            assert sentence.endswith(".") and "%(" not in sentence


def test_every_basis_has_its_sentence():
    wording = wording_for("en", "Europe/Paris")
    params = {
        Basis.READING: {
            "field": "runs_from",
            "value": "receipt",
            "by": "A",
            "on": "2026-01-05",
            "why": "so",
        },
        Basis.LEAD_FROM: {"trigger": "dispatch"},
        Basis.TOO_LATE: {"last_day": "2026-03-01"},
        Basis.NOT_COMPUTABLE: {"reason": "unit"},
    }
    for basis in Basis:
        assumption = Assumption(basis, tuple(params.get(basis, {}).items()))
        assert assumption_sentence(assumption, wording)
