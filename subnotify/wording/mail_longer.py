"""The mail that tells a client of a later deadline, computed with newer data."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from subnotify.rules.vendor import VendorProfile
from subnotify.rules.windows import Window
from subnotify.wording.language import Wording
from subnotify.wording.mail_party import Party
from subnotify.wording.mails import MailMould, MailText, blank, render_mail
from subnotify.wording.recomputations import new_step_sentences
from subnotify.wording.window_steps import step_sentences


@dataclass(frozen=True)
class LaterDeadline:
    """One change with its later deadline; before_at: what the client was told until now."""

    name: str
    title: str
    before_at: datetime
    closes_at: datetime


@dataclass(frozen=True)
class LongerWindow:
    """A window as it was computed and as it is now, with the changes it runs for."""

    old: Window
    new: Window
    deadlines: tuple[LaterDeadline, ...]


@dataclass(frozen=True)
class _Line:
    title: str
    until: str
    before: str


@dataclass(frozen=True)
class _Part:
    """What a mail says of one window."""

    deadlines: tuple[_Line, ...]
    reasons: tuple[str, ...]
    steps: tuple[str, ...]
    old_versions: str
    new_versions: str


def longer_mould(vendor: VendorProfile, windows: Sequence[LongerWindow], w: Wording) -> MailMould:
    """The mail in this language, with blanks for what `fill_longer` puts in.

    windows: at least one, each with at least one deadline.
    """
    deadlines = [x for window in windows for x in window.deadlines]
    return MailMould(
        render_mail(
            "window_longer",
            w,
            client_name=blank("client_name"),
            agreement_reference=blank("agreement_reference"),
            reference=blank("reference"),
            link=blank("link"),
            vendor=vendor,
            title=w.gettext("Later deadline to object"),
            names=w.listed(tuple(dict.fromkeys(x.name for x in deadlines))),
            deadline=w.until(min(x.closes_at for x in deadlines)),
            parts=[_part(window, w) for window in windows],
        )
    )


def _part(window: LongerWindow, w: Wording) -> _Part:
    return _Part(
        deadlines=tuple(
            _Line(x.title, w.until(x.closes_at), w.until(x.before_at)) for x in window.deadlines
        ),
        reasons=new_step_sentences(window.old, window.new, w),
        steps=step_sentences(window.new, w),
        old_versions=window.old.versions,
        new_versions=window.new.versions,
    )


def fill_longer(mould: MailMould, party: Party, link: str) -> MailText:
    """The mail to one contact."""
    return mould.fill(**party.values, link=link)
