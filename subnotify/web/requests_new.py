"""Record a written request for the list: whose list it is, then what was asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from subnotify.operations.record_request import record_request
from subnotify.rules.document_requests import CHANNELS
from subnotify.rules.errors import NotFound, RuleError
from subnotify.rules.words import Role
from subnotify.storage.agreement_file import AgreementHead, get_agreement_head
from subnotify.storage.agreement_pages import count_agreements, list_agreements
from subnotify.storage.client_pages import get_client_file
from subnotify.storage.database import db
from subnotify.storage.document_requests import (
    LetterBehind,
    Request,
    find_letter_behind,
    get_request,
)
from subnotify.web.access import needs_role
from subnotify.web.agreements import today
from subnotify.web.case_steps import Step
from subnotify.web.language import page_wording
from subnotify.web.letter_tasks import finish_task
from subnotify.web.odd_input import LARGEST_ID
from subnotify.web.registry_steps import Place, acting, refuse
from subnotify.web.requests_forms import RequestForm

requests_new = Blueprint("requests_new", __name__, url_prefix="/desk/requests")

MOST_OFFERED = 50


@dataclass(frozen=True)
class Offered:
    """An agreement to choose."""

    id: int
    client: str
    reference: str


@requests_new.route("/new", methods=["GET", "POST"])
@needs_role(Role.LEGAL)
def new_request() -> str | Response:
    """`?agreement=`: whose list; `?letter=`: the incoming letter that asks; `?again=`: the request
    that is answered once more. Without an agreement, one is chosen first."""
    again = _asked_again()
    letter = _letter(again)
    number = again.agreement_id if again else _number("agreement")
    if number is None:
        return _choose(letter)
    head = get_agreement_head(db.session(), number)
    form = RequestForm(data=_offered(head, letter, again)).offer(page_wording())
    if form.validate_on_submit():
        asked = form.request(head.id, letter.id if letter else None, today=today())
        try:
            request_id = record_request(db.session(), asked, **acting())
        except NotFound:
            raise
        except RuleError as error:
            refuse(form, error)
        else:
            if letter is not None:
                finish_task(letter.id, _("The request is in the register."))
            flash(_("The request is recorded. Prepare the document next."))
            return redirect(url_for("requests.show_request", request_id=request_id), code=303)
    return render_template(
        "desk/agreements/step.html",
        form=form,
        step=_step(letter, again),
        place=_place(head),
        fields=form.shown(),
    )


def _step(letter: LetterBehind | None, again: Request | None) -> Step:
    said = [_("What was asked stays on record as you enter it, and its answer with it.")]
    if again is not None:
        said.append(
            _(
                "%(reference)s was answered, and stays as it is. This one is recorded beside it,"
                " with a document of its own.",
                reference=again.reference,
            )
        )
    elif letter is not None:
        said.append(_("It is recorded with the letter on record, number %(n)s.", n=letter.id))
    return Step(
        title=_("Record a request for the list"),
        button=_("Record the request"),
        done="",
        said=said,
    )


def _place(head: AgreementHead) -> Place:
    about = f"{head.client}, {head.reference}"
    return Place(about, url_for("agreements.show_agreement", agreement_id=head.id), head.reference)


def _offered(
    head: AgreementHead, letter: LetterBehind | None, again: Request | None
) -> dict[str, Any]:
    """What the form begins with."""
    if again is not None:
        return {
            "requested_by": again.requested_by,
            "channel": again.channel.value,
            "requested_on": again.requested_on,
            "language": again.language,
            "note": _("Answered once more, after %(reference)s.", reference=again.reference),
        }
    offered: dict[str, Any] = {"requested_on": today(), "language": head.language}
    if letter is not None:
        offered["requested_by"] = letter.from_name
        offered["requested_on"] = letter.received_on
        if letter.channel in CHANNELS:
            offered["channel"] = letter.channel.value
    return offered


def _choose(letter: LetterBehind | None) -> str:
    """The agreements of the client whose letter it is, or those that a search finds."""
    search = request.args.get("search", "").strip()[:200]
    total, offered = _found(letter, search)
    return render_template(
        "desk/requests/choose.html",
        offered=offered,
        total=total,
        letter=letter,
        search=search,
        is_searched=letter is None or letter.client_id is None,
    )


def _found(letter: LetterBehind | None, search: str) -> tuple[int, Sequence[Offered]]:
    if letter is not None and letter.client_id is not None:
        client = get_client_file(db.session(), letter.client_id)
        own = [Offered(x.id, client.name, x.reference) for x in client.agreements]
        return len(own), own
    found = list_agreements(db.session(), search, skip=0, most=MOST_OFFERED)
    total = count_agreements(db.session(), search)
    return total, [Offered(x.id, x.client, x.reference) for x in found]


def _asked_again() -> Request | None:
    number = _number("again")
    return get_request(db.session(), number) if number is not None else None


def _letter(again: Request | None) -> LetterBehind | None:
    number = again.incoming_letter_id if again else _number("letter")
    if number is None:
        return None
    letter = find_letter_behind(db.session(), number)
    if letter is None:
        raise NotFound
    return letter


def _number(name: str) -> int | None:
    """An id in the address; None where there is none. NotFound for what can be none."""
    text = request.args.get(name, "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 11 and int(text) <= LARGEST_ID):
        raise NotFound
    return int(text)
