"""Legal's morning: everything that waits today on one page, each line a count with its list."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flask import Blueprint, current_app, redirect, render_template, url_for
from werkzeug.wrappers import Response

from subnotify.config import Settings
from subnotify.operations.digest_mails import standstill_sentences
from subnotify.rules.lanes import Lane
from subnotify.rules.words import ConfirmationKind, HoldReason, Role
from subnotify.storage.data_returns import count_owed_data
from subnotify.storage.database import db
from subnotify.storage.document_requests import count_open_requests
from subnotify.storage.hold_facts import MachineReading, load_machine_reading
from subnotify.storage.incoming_letter_pages import ListedLetter, list_untied_letters
from subnotify.storage.letter_batch_pages import count_prepared
from subnotify.storage.letter_pages import count_all_waiting
from subnotify.storage.next_deadline import find_next_closing
from subnotify.storage.recomputation_pages import count_proposals
from subnotify.storage.waiting_counts import WaitingCounts, load_waiting_counts
from subnotify.web.access import needs_role, request_at
from subnotify.web.board_address import WAIT_FOR_PERSON
from subnotify.web.confirmations import (
    SHOWN,
    ReadForm,
    Reading,
    load_readings,
    take_confirmation,
)
from subnotify.web.incoming_views import as_plain
from subnotify.web.language import page_wording
from subnotify.web.reading_views import reading_sentences
from subnotify.web.unproved import count_kept
from subnotify.web.unreachable import count_for_navigation
from subnotify.wording.labels import label
from subnotify.wording.language import Wording

morning = Blueprint("morning", __name__, url_prefix="/desk/morning")

NOT_SERVED = (
    HoldReason.NOT_SERVED,
    HoldReason.BOUNCED,
    HoldReason.LETTER_RETURNED,
    HoldReason.NO_NOTICE_CONTACT,
)


@dataclass(frozen=True)
class MorningLine:
    """A count of what waits, and the page that lists it. remark: beside the count."""

    text: str
    count: int
    address: str
    remark: str = ""
    is_urgent: bool = False


@morning.route("")
@needs_role(Role.LEGAL)
def show_morning() -> str:
    return _page()


@morning.route("/confirm/<kind>", methods=["POST"])
@needs_role(Role.LEGAL)
def confirm(kind: str) -> Response | str | tuple[str, int]:
    """Confirm one kind of reading; cases held for nothing else are decided at once."""
    if kind not in set(ConfirmationKind):
        return redirect(url_for(".show_morning"), code=303)
    form = ReadForm(prefix=f"{kind}-")
    if not take_confirmation(ConfirmationKind(kind), form):
        return _page(ConfirmationKind(kind), form), 422
    return redirect(url_for(".show_morning"), code=303)


def _page(refused: ConfirmationKind | None = None, form: ReadForm | None = None) -> str:
    session, w = db.session(), page_wording()
    counts = load_waiting_counts(session, at=request_at())
    machine = load_machine_reading(session)
    letters = list_untied_letters(session, limit=SHOWN)
    settings: Settings = current_app.config["SUBNOTIFY_SETTINGS"]
    return render_template(
        "desk/morning.html",
        today=request_at().astimezone(settings.zone).date(),
        next_deadline=find_next_closing(session, at=request_at()),
        still=standstill_sentences(counts.standstill, w),
        parts=[
            (w.gettext("From clients"), list(_from_clients(counts, letters, w))),
            (w.gettext("To clients"), list(_to_clients(counts, w))),
            (w.gettext("Of our own"), list(_own(counts, w))),
        ],
        holds=[
            MorningLine(label(w, reason), count, url_for("board.show_board", hold=reason.value))
            for reason, count in counts.holds.items()
        ],
        readings=_readings(machine, refused, form),
        refused=form,
        machine_says=reading_sentences(machine, w) if machine.places else [],
        letters=letters,
        plain=as_plain,
    )


def _readings(
    machine: MachineReading, refused: ConfirmationKind | None, form: ReadForm | None
) -> Sequence[Reading]:
    """What only a person can confirm: replies, where no mailbox is read by the machine; post."""
    return [
        one
        for one in load_readings(refused, form)
        if one.kind is not ConfirmationKind.REPLIES_READ or not machine.places
    ]


def _from_clients(
    counts: WaitingCounts, letters: Sequence[ListedLetter], w: Wording
) -> Iterator[MorningLine]:
    yield MorningLine(
        w.gettext("Deadlines in the next three days, of cases that wait for a person"),
        counts.ending,
        url_for("board.show_board", lane=Lane.DUE.value, state=[x.value for x in WAIT_FOR_PERSON]),
        _windows_ending(counts.windows_ending, w),
        is_urgent=True,
    )
    yield MorningLine(
        w.gettext("Open objections"),
        counts.objections,
        url_for("board.show_board", lane=Lane.OBJECTIONS.value),
    )
    yield MorningLine(
        w.gettext("Mails that nobody has read"), counts.mails, url_for("incoming.show_mails")
    )
    yield MorningLine(
        w.gettext("Letters from clients that nobody has filed"),
        counts.letters,
        url_for("incoming_letters.show_letters"),
        w.gettext("Some of them are nobody’s yet: they stop what can be confirmed.")
        if letters
        else "",
    )
    yield MorningLine(
        w.gettext("Requests for the list that wait for an answer"),
        count_open_requests(db.session()),
        url_for("requests.show_requests"),
    )
    yield MorningLine(
        w.gettext("Data of clients to be returned or destroyed"),
        count_owed_data(db.session()).count,
        url_for("data_actions.list_data"),
    )


def _windows_ending(number: int, w: Wording) -> str:
    if not number:
        return ""
    return w.ngettext(
        "%(n)s further window ends in the next three days; nothing needs to be done about it.",
        "%(n)s further windows end in the next three days; nothing needs to be done about them.",
        number,
    )


def _to_clients(counts: WaitingCounts, w: Wording) -> Iterator[MorningLine]:
    session = db.session()
    yield MorningLine(
        w.gettext("Notices that are not served"),
        counts.unserved,
        url_for("board.show_board", hold=[reason.value for reason in NOT_SERVED]),
        is_urgent=True,
    )
    yield MorningLine(
        w.gettext("Agreements that no address can serve"),
        count_for_navigation(session),
        url_for("unreachable.show_unreachable"),
    )
    yield MorningLine(
        w.gettext("Notices without proof"), count_kept(), url_for("unproved.show_unproved")
    )
    yield MorningLine(
        w.gettext("Letters whose proof is in doubt"),
        counts.corrections,
        url_for("unproved.show_corrections"),
    )
    yield MorningLine(
        w.gettext("Letters to print"),
        count_all_waiting(session),
        url_for("letters.show_letters"),
    )
    yield MorningLine(
        w.gettext("Batches of letters to hand over"),
        count_prepared(session),
        url_for("letters.show_letters"),
    )
    yield MorningLine(
        w.gettext("Mails of ours that were set aside"), counts.parked, url_for("sending.show_queue")
    )
    yield MorningLine(
        w.gettext("Other mails to notice contacts that did not arrive, in seven days"),
        counts.lost,
        url_for("sending.show_queue"),
    )


def _own(counts: WaitingCounts, w: Wording) -> Iterator[MorningLine]:
    first_on = counts.lapses.first_on
    yield MorningLine(
        w.gettext("Transfer bases that end or have ended"),
        counts.lapses.count,
        url_for("lapses.show_lapses"),
        w.gettext("The first day without a basis: %(day)s", day=w.date(first_on))
        if first_on is not None
        else "",
    )
    yield MorningLine(
        w.gettext("Windows computed anew that wait for your decision"),
        sum(count_proposals(db.session()).values()),
        url_for("recomputations.show_recomputations"),
    )
