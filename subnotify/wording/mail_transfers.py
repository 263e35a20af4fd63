"""The mail to legal about transfer bases that end."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from subnotify.rules.locations import Location
from subnotify.rules.transfer_verdicts import Instrument
from subnotify.rules.transfer_words import ExportLaw
from subnotify.wording.change_facts import FactRow
from subnotify.wording.language import Wording
from subnotify.wording.mails import MailText, render_mail
from subnotify.wording.transfer_lapses import (
    basis_of_lapse,
    fitting_words,
    lapse_words,
    place_words,
)
from subnotify.wording.transfer_reasons import law_words

# A newer reference may end hundreds of bases at once; the desk lists all.
MOST_TOLD = 30


@dataclass(frozen=True)
class LapseFacts:
    """One place. lapses_on: its first day without; rested_on: what ends, None: no instrument."""

    name: str
    location: Location
    law: ExportLaw
    rested_on: Instrument | None
    lapses_on: date
    clients: int
    replacements: Sequence[Instrument]
    to_come: Sequence[tuple[Instrument, date]]
    link: str


@dataclass(frozen=True)
class _Told:
    title: str
    rows: tuple[FactRow, ...]
    link: str


def transfer_alarm_mail(
    lapses: Sequence[LapseFacts], list_link: str, w: Wording, *, on: date
) -> MailText:
    """What ends and when, whom it concerns, what would fit. lapses: not empty; on: the day on
    which it is told, in the vendor's zone."""
    first = lapses[0]
    said = {
        "name": first.name,
        "day": w.date(first.lapses_on),
        "num": len(lapses),
    }
    if len(lapses) > 1:
        subject = w.gettext("Transfer bases: %(num)s places of the list have none, or will", **said)
    elif first.lapses_on <= on:
        subject = w.gettext("Transfer basis lapsed: %(name)s, since %(day)s", **said)
    else:
        subject = w.gettext("Transfer basis ends: %(name)s, none from %(day)s", **said)
    return render_mail(
        "transfer_alarm",
        w,
        subject=subject,
        told=[_told(lapse, w, on) for lapse in lapses[:MOST_TOLD]],
        more=max(0, len(lapses) - MOST_TOLD),
        has_lapsed=any(lapse.lapses_on <= on for lapse in lapses),
        list_link=list_link,
    )


def _told(lapse: LapseFacts, w: Wording, on: date) -> _Told:
    rows = (
        FactRow(w.gettext("Place"), (place_words(lapse.location, w),)),
        FactRow(w.gettext("Export law"), (law_words(lapse.law, w),)),
        FactRow(w.gettext("Basis"), (basis_of_lapse(lapse.rested_on, w),)),
        FactRow(w.gettext("Without a basis"), (lapse_words(lapse.lapses_on, on, w),)),
        FactRow(w.gettext("Clients concerned"), (w.number(lapse.clients),)),
        FactRow(
            w.gettext("What would fit then"), fitting_words(lapse.replacements, lapse.to_come, w)
        ),
    )
    return _Told(lapse.name, rows, lapse.link)
