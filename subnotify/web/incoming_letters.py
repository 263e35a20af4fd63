"""Letters from clients on the desk: the lists, recording one by its reference, one letter whole."""

from math import ceil
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from subnotify.operations.record_incoming_letter import RecordedLetter, record_incoming_letter
from subnotify.rules.document_files import LARGEST_OCTETS
from subnotify.rules.errors import NotFound, RuleError
from subnotify.rules.incoming_letters import LONGEST_REFERENCE, read_reference
from subnotify.rules.words import (
    CaseState,
    IncomingLetterKind,
    ResponseChannel,
    Role,
)
from subnotify.storage.case_head import CaseHead, load_case_head
from subnotify.storage.database import db
from subnotify.storage.incoming_hints import search_notices
from subnotify.storage.incoming_letter_pages import (
    PAGE_SIZE,
    LetterList,
    LetterPage,
    load_letter_file,
    load_letter_page,
)
from subnotify.storage.incoming_letters import (
    find_first_case,
    find_notice_by_reference,
    get_client_name,
    search_clients,
)
from subnotify.web.access import needs_role, request_at
from subnotify.web.case_steps import who
from subnotify.web.incoming_letter_forms import (
    LetterForm,
    offered_kinds,
)
from subnotify.web.incoming_letter_views import (
    chosen_cases,
    letter_fields,
    letter_steps,
    list_name,
    settings,
)
from subnotify.web.incoming_views import as_plain, case_words
from subnotify.web.language import page_wording
from subnotify.web.registry_steps import refuse

incoming_letters = Blueprint("incoming_letters", __name__, url_prefix="/desk/incoming-letters")

LAST_PAGE = 100_000
# What a form's own fields and the parts' headers take beside the scan.
BESIDE_SCAN = 256 * 1024
_WITH_SCAN = frozenset(
    f"incoming_letters.{name}" for name in ("record_about", "record_of", "record_unknown")
)


@incoming_letters.url_value_preprocessor
def allow_scan(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """A scan may be larger than other forms. Said before anything reads the request."""
    if endpoint in _WITH_SCAN and request.method == "POST":
        request.max_content_length = LARGEST_OCTETS + BESIDE_SCAN


@incoming_letters.route("")
@needs_role(Role.LEGAL)
def show_letters() -> str:
    """One list of letters, as the address asks; what waits by default."""
    asked = request.args.get("show", "")
    shown = LetterList(asked) if asked in set(LetterList) else LetterList.WAITING
    page = _number("page") or 1
    found = load_letter_page(db.session(), shown, page=min(page, LAST_PAGE))
    w = page_wording()
    count = max(1, ceil(found.total / PAGE_SIZE))
    return render_template(
        "desk/incoming_letters/list.html",
        letters=found.letters,
        shown=shown,
        lists=[
            (list_name(one, w), _list_address(one), one is shown, _count(one, shown, found))
            for one in LetterList
        ],
        plain=as_plain,
        page=page,
        page_count=count,
        earlier=_list_address(shown, page - 1) if page > 1 else None,
        later=_list_address(shown, page + 1) if page < count else None,
    )


@incoming_letters.route("/new")
@needs_role(Role.LEGAL)
def find() -> Response | str:
    """The reference that a letter quotes leads to its notice; a name to the client's notices."""
    asked = (request.args.get("search") or "").strip()[:200]
    session = db.session()
    reference = read_reference(asked)
    notice_id = find_notice_by_reference(session, reference)
    if notice_id is not None:
        flash(_("The reference was found: check that it is the right client."), "info")
        return redirect(_about(notice_id, quoted=asked), code=303)
    return render_template(
        "desk/incoming_letters/find.html",
        search=asked,
        notices=search_notices(session, asked),
        clients=search_clients(session, asked),
        longest=LONGEST_REFERENCE,
    )


@incoming_letters.route("/new/notice/<int:notice_id>", methods=["GET", "POST"])
@needs_role(Role.LEGAL)
def record_about(notice_id: int) -> Response | str | tuple[str, int]:
    """Record a letter about a notice, with the case that was asked for ticked."""
    case_id = find_first_case(db.session(), notice_id)
    if case_id is None:
        raise NotFound
    head = load_case_head(db.session(), case_id, at=request_at())
    form = _form(head, _number("case"))
    return _record(form, head, head.client_name, notice_id=notice_id)


@incoming_letters.route("/new/client/<int:client_id>", methods=["GET", "POST"])
@needs_role(Role.LEGAL)
def record_of(client_id: int) -> Response | str | tuple[str, int]:
    """Record a letter of a client about no notice that is known."""
    name = get_client_name(db.session(), client_id)
    return _record(_form(None, None), None, name, client_id=client_id)


@incoming_letters.route("/new/unknown", methods=["GET", "POST"])
@needs_role(Role.LEGAL)
def record_unknown() -> Response | str | tuple[str, int]:
    """Record a letter of which nobody knows yet whose it is."""
    return _record(_form(None, None), None, "")


@incoming_letters.route("/<int:letter_id>")
@needs_role(Role.LEGAL)
def show_letter(letter_id: int) -> str:
    file = load_letter_file(db.session(), letter_id)
    w = page_wording()
    return render_template(
        "desk/incoming_letters/letter.html",
        file=file,
        letter=file.row,
        kind=IncomingLetterKind(file.row.kind),
        channel=ResponseChannel(file.row.channel),
        steps=letter_steps(file),
        cases=[(case, case_words(case, w), CaseState(case.state)) for case in file.cases],
        held=[(case, case_words(case, w)) for case in file.held],
        plain=as_plain,
    )


def _form(head: CaseHead | None, asked: int | None) -> LetterForm:
    data = {
        "case_ids": chosen_cases(head, asked) if head is not None else [],
        "contact_id": 0,
        "quoted_reference": read_reference(request.args.get("reference", "")),
    }
    # A letter that nobody can tie yet may be anything: what it is, is said by who has read it.
    kinds = offered_kinds(is_about_notice=True)
    return LetterForm(data=data).offer(head, kinds)


def _record(
    form: LetterForm,
    head: CaseHead | None,
    client: str,
    *,
    notice_id: int | None = None,
    client_id: int | None = None,
) -> Response | str | tuple[str, int]:
    """Show the form; once it is valid, record the letter, and go where it is dealt with."""
    if form.validate_on_submit():
        given = form.letter()
        try:
            recorded = record_incoming_letter(
                db.session(),
                given,
                notice_id=notice_id,
                client_id=client_id,
                scan=form.given_scan(),
                seal_key=settings().seal_key,
                zone=settings().zone,
                at=request_at(),
                **who(),
            )
        except NotFound:
            raise
        except RuleError as error:
            refuse(form, error)
        else:
            return _recorded(recorded, given.kind, given.case_ids, head)
    if form.is_submitted():
        form.remind_of_scan()
    shown = render_template(
        "desk/incoming_letters/record.html",
        form=form,
        head=head,
        client=client,
        fields=letter_fields(form, head, with_scan=True),
        cases=_cases_of(head),
    )
    return (shown, 422) if form.errors else shown


def _cases_of(head: CaseHead | None) -> list[str]:
    return [one.subprocessor for one in head.siblings] if head is not None else []


def _recorded(
    recorded: RecordedLetter,
    kind: IncomingLetterKind,
    case_ids: tuple[int, ...],
    head: CaseHead | None,
) -> Response:
    """Where it is dealt with: the case, or the letter itself."""
    if recorded.response_ids and head is not None:
        flash(recorded_words(kind))
        case_id = case_ids[0] if case_ids else _number("case") or head.case.id
        return redirect(url_for("cases.show_case", case_id=case_id), code=303)
    flash(_("The letter is recorded."))
    return redirect(url_for(".show_letter", letter_id=recorded.id), code=303)


def recorded_words(kind: IncomingLetterKind) -> str:
    """Said once a letter became a response."""
    w = page_wording()
    if kind is IncomingLetterKind.ACKNOWLEDGEMENT:
        return w.gettext("The letter is recorded.")
    return w.gettext("The letter is recorded, and a receipt goes to the client.")


def _about(notice_id: int, *, quoted: str) -> str:
    return url_for(
        "incoming_letters.record_about",
        notice_id=notice_id,
        reference=quoted[: 2 * LONGEST_REFERENCE] or None,
    )


def _count(one: LetterList, shown: LetterList, found: LetterPage) -> int | None:
    if one is LetterList.WAITING:
        return found.waiting
    return found.total if one is shown else None


def _list_address(shown: LetterList, page: int = 1) -> str:
    return url_for(
        ".show_letters",
        show=None if shown is LetterList.WAITING else shown.value,
        page=page if page > 1 else None,
    )


def _number(name: str) -> int | None:
    text = request.args.get(name, "")
    # Larger than any id: the database would refuse it.
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
