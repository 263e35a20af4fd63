"""The list that applies to one agreement on a day, its transfers assessed then. Reads only."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from subnotify.operations.assess_entries import EntryAssessor
from subnotify.rules.client_list_facts import EntryOfList
from subnotify.rules.client_lists import ClientEntry, ClientList, client_list
from subnotify.rules.errors import RuleError
from subnotify.rules.time_limits import start_of_day
from subnotify.rules.transfer_lapses import assess_listed
from subnotify.rules.transfer_words import ExportLaw
from subnotify.storage.client_lists import load_agreement_side, load_entries
from subnotify.storage.tables import AgreementRow


class DayAhead(RuleError):
    message = "This day has not come yet. Choose today or an earlier day."


@dataclass(frozen=True)
class ShownClientList:
    """laws: of the vendor's those that this client's data fall under; entries are assessed under
    them alone."""

    on: date
    laws: tuple[ExportLaw, ...]
    applies: ClientList


def show_client_list(
    session: Session, agreement_id: int, *, on: date, zone: ZoneInfo, at: datetime
) -> ShownClientList:
    """The list of the vendor's day `on`: today as it stands at `at`, an earlier day as it stood
    when it ended.

    zone: the vendor's. Nobody knows a later day's list: raises DayAhead. Raises NotFound.
    """
    instant = _instant(on, zone, at)
    side = load_agreement_side(session, agreement_id, on=on, at=instant, zone=zone)
    applies = client_list(load_entries(session, on), side, on=on, at=instant)
    assessor = EntryAssessor(session)
    named = session.get_one(AgreementRow, agreement_id).export_laws
    laws = tuple(law for law in assessor.laws if not named or law in named)

    def assessed(entry: EntryOfList) -> EntryOfList:
        return replace(entry, facts=assess_listed(assessor.reference, entry.facts, laws, on=on))

    def shown(found: ClientEntry) -> ClientEntry:
        return replace(found, entry=assessed(found.entry))

    return ShownClientList(
        on=on,
        laws=laws,
        applies=ClientList(
            used=tuple(shown(x) for x in applies.used),
            not_used=tuple(shown(x) for x in applies.not_used),
            recipients=tuple(assessed(x) for x in applies.recipients),
        ),
    )


def _instant(on: date, zone: ZoneInfo, at: datetime) -> datetime:
    """The instant of the day that the list speaks of."""
    today = at.astimezone(zone).date()
    if on > today:
        raise DayAhead
    if on == today:
        return at
    return start_of_day(on + timedelta(days=1), zone) - timedelta(microseconds=1)
