"""The mail to publisher and legal about a release that was refused at its planned hour."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from subnotify.wording.change_facts import FactRow
from subnotify.wording.language import Wording
from subnotify.wording.lines import one_line
from subnotify.wording.mails import MailText, render_mail


@dataclass(frozen=True)
class RefusedHour:
    """A release that stayed approved. message, values: of the refusal, "" where it has been dealt
    with since. planned_for: None likewise."""

    release_id: int
    names: Sequence[str]
    planned_for: datetime | None
    planned_by: str
    message: str = ""
    values: tuple[tuple[str, str], ...] = ()


def refusal_sentence(message: str, values: tuple[tuple[str, str], ...], w: Wording) -> str:
    """Why it was refused, in words."""
    return w.gettext(message) % dict(values) if message else ""


def release_alarm_mail(refused: RefusedHour, w: Wording, public_url: str) -> MailText:
    names = w.listed([one_line(name) for name in refused.names])
    rows = [FactRow(w.gettext("Changes"), (names,))]
    if refused.planned_for is not None:
        rows.append(FactRow(w.gettext("Planned for"), (w.date_time(refused.planned_for),)))
        rows.append(FactRow(w.gettext("Planned by"), (one_line(refused.planned_by),)))
    why = refusal_sentence(refused.message, refused.values, w)
    return render_mail(
        "release_alarm",
        w,
        subject=w.gettext("Not released at its hour: %(names)s", names=names),
        rows=rows,
        why=why or w.gettext("It has been dealt with since: look at the release."),
        link=f"{public_url}/desk/releases/{refused.release_id}",
    )
