"""The weeks in which a client's office may be empty: a window there deserves a second thought."""

from datetime import date

AUGUST = 8


def falls_in_august(first: date, last: date) -> bool:
    """Whether a day of August lies in the window (first and last day included)."""
    years = range(first.year, last.year + 1)
    return any(first <= date(x, AUGUST, 31) and last >= date(x, AUGUST, 1) for x in years)


def falls_at_christmas(first: date, last: date) -> bool:
    """Whether a day from 24 December to 2 January lies in the window (both ends included)."""
    years = range(first.year - 1, last.year + 1)
    return any(first <= date(x + 1, 1, 2) and last >= date(x, 12, 24) for x in years)
