"""Windows computed anew, as legal's pages show them."""

from dataclasses import dataclass
from datetime import datetime

from subnotify.rules.recomputations import Recomputed
from subnotify.rules.windows import Window
from subnotify.storage.recomputation_pages import ListedProposal
from subnotify.storage.recomputations import ProposedWindow
from subnotify.wording.language import Wording
from subnotify.wording.recomputations import (
    failure_sentence,
    former_step_sentences,
    new_step_sentences,
)
from subnotify.wording.window_steps import step_sentences


@dataclass(frozen=True)
class WindowView:
    """One window of a proposal. silence: from when silence counts as it runs and as it would,
    where only that differs. gone and added: steps that only one of the computations has."""

    kind: Recomputed
    changes: tuple[tuple[int, str], ...]
    zone: str
    old_closes_at: datetime
    new_closes_at: datetime | None
    silence: tuple[str, str] | None
    gone: tuple[str, ...]
    added: tuple[str, ...]
    steps: tuple[str, ...]
    failure: str


def window_views(listed: ListedProposal, w: Wording) -> list[WindowView]:
    """The windows that differ, in the page's language and the agreement's zone."""
    names = dict(listed.notice.cases)
    return [_view(x, names, w.in_zone(x.old.time_zone)) for x in listed.windows]


def _view(proposed: ProposedWindow, names: dict[int, str], w: Wording) -> WindowView:
    old, new = proposed.old, proposed.new
    return WindowView(
        kind=proposed.kind,
        changes=tuple((x, names.get(x, "")) for x in proposed.case_ids),
        zone=old.time_zone,
        old_closes_at=old.closes_at,
        new_closes_at=new.closes_at if new else None,
        silence=_silence(proposed.kind, old, new, w),
        gone=former_step_sentences(old, new, w) if new else (),
        added=_reasons(proposed.kind, old, new, w),
        steps=step_sentences(new, w) if new else (),
        failure=failure_sentence(proposed.failure, w) if new is None else "",
    )


def _silence(
    kind: Recomputed, old: Window, new: Window | None, w: Wording
) -> tuple[str, str] | None:
    if kind is not Recomputed.GRACE or new is None:
        return None
    return w.date_time(old.silence_after_at), w.date_time(new.silence_after_at)


def _reasons(kind: Recomputed, old: Window, new: Window | None, w: Wording) -> tuple[str, ...]:
    if kind is Recomputed.GRACE:
        return (w.gettext("A day of the grace time is a public holiday by the newer data."),)
    return new_step_sentences(old, new, w) if new else ()
