"""Random instants, periods, zones and calendars for tests of time limits."""

from datetime import UTC, date, datetime

from hypothesis import strategies as st

from subnotify.rules.periods import is_well_formed
from subnotify.rules.terms import Period
from subnotify.rules.terms_words import Unit

ZONES = st.sampled_from(
    [
        "Europe/Paris",
        "Europe/London",
        "Atlantic/Azores",
        "America/New_York",
        "America/Santiago",
        "America/Havana",
        "America/St_Johns",
        "Asia/Kathmandu",
        "Asia/Tokyo",
        "Africa/Cairo",
        "Australia/Lord_Howe",
        "Pacific/Kiritimati",
        "Pacific/Pago_Pago",
        "UTC",
    ]
)
CALENDARS = st.sampled_from(
    ["none", "FR", "FR-57", "DE-BY", "CH-ZH", "GB-SCT", "AT+karfreitag", "CH-ZH+01-02", "BE"]
)
INSTANTS = st.datetimes(
    min_value=datetime(2020, 1, 1),  # noqa: DTZ001 (hypothesis wants naive bounds)
    max_value=datetime(2035, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)
DAYS = st.dates(date(2020, 1, 1), date(2035, 1, 1))
# How far a random period may reach in each unit, so that no test walks for decades.
_MOST = {
    Unit.YEARS: 3,
    Unit.MONTHS: 40,
    Unit.WEEKS: 30,
    Unit.DAYS: 200,
    Unit.BUSINESS_DAYS: 90,
    Unit.JOURS_OUVRABLES: 90,
}


@st.composite
def _part(draw: st.DrawFn, plus: Period | None) -> Period:
    unit = draw(st.sampled_from(list(_MOST)))
    return Period(draw(st.integers(0, _MOST[unit])), unit, plus)


@st.composite
def day_period(draw: st.DrawFn) -> Period:
    """A period in days or longer units, often of two parts."""
    plus = draw(st.none() | _part(None))
    return draw(_part(plus).filter(is_well_formed))


PERIODS = day_period()
EVERY_PERIOD = PERIODS | st.builds(Period, st.integers(0, 500), st.just(Unit.HOURS))
