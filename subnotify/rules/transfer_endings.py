"""When a lawful transfer will stop being one, as far as that is known."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from subnotify.rules.transfer_records import Place, RecordedBasis
from subnotify.rules.transfer_reference import Safeguard, TransferReference
from subnotify.rules.transfer_safeguards import fitting_safeguards
from subnotify.rules.transfer_verdicts import Assessment
from subnotify.rules.transfer_words import CoveredData, ExportLaw, Lawful
from subnotify.rules.transfers import assess
from subnotify.rules.words import VendorRole

# Days ahead at which legal is told (V8); on the first day without it is told again.
ALERT_DAYS = (180, 90, 30)
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Ending:
    """A transfer that is lawful up to and with `last_day`, and not on the day after.

    now: the assessment today. then: that of the first day without. replacements: what could be
    signed by then.
    """

    last_day: date
    now: Assessment
    then: Assessment
    replacements: tuple[Safeguard, ...]

    @property
    def lapses_on(self) -> date:
        return self.last_day + _DAY

    def days_left(self, on: date) -> int:
        """Days from `on` to the first day without: 1 on the last day."""
        return (self.lapses_on - on).days

    def stage(self, on: date, alert_days: Sequence[int] = ALERT_DAYS) -> int | None:
        """The nearest of the alerts that is reached: 180, 90 or 30; None while it is far off."""
        return min((days for days in alert_days if self.days_left(on) <= days), default=None)


def find_ending(
    reference: TransferReference,
    *,
    place: Place,
    law: ExportLaw,
    role: VendorRole,
    on: date,
    recorded: Sequence[RecordedBasis],
    is_own_group: bool,
    data: CoveredData = CoveredData.NON_HR,
) -> Ending | None:
    """The last day of a transfer that is lawful on `on`; None: not lawful now, or no end is known.

    A basis that ends while another goes on ends nothing. data: what the certification of an
    organisation must cover.
    """

    def on_day(day: date) -> Assessment:
        return assess(
            reference,
            place=place,
            law=law,
            role=role,
            on=day,
            recorded=recorded,
            is_own_group=is_own_group,
            data=data,
        )

    now = current = on_day(on)
    if now.lawful is not Lawful.YES:
        return None
    while current.lawful_until is not None and current.lawful_until < date.max:
        following = on_day(current.lawful_until + _DAY)
        if following.lawful is not Lawful.YES:
            last_day = current.lawful_until
            replacements = fitting_safeguards(
                reference, law=law, role=role, on=last_day + _DAY, is_own_group=is_own_group
            )
            return Ending(last_day, now, following, replacements)
        current = following
    return None
