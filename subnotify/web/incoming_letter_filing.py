"""Legal's steps with a letter on record: whose it is, what it says, its scan, that it is done."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from subnotify.operations.file_letter import (
    LetterFiledBefore,
    file_letter,
    finish_letter_task,
    tie_letter,
)
from subnotify.operations.record_incoming_letter import attach_scan
from subnotify.rules.document_files import LARGEST_OCTETS
from subnotify.rules.errors import NotFound, RuleError
from subnotify.rules.incoming_letters import MAY_BE_FILED_ANEW, TASKS, read_reference
from subnotify.rules.words import IncomingLetterKind, Role
from subnotify.storage.case_head import CaseHead, load_case_head
from subnotify.storage.database import db
from subnotify.storage.incoming_hints import search_notices
from subnotify.storage.incoming_letter_pages import LetterFile, load_letter_file
from subnotify.storage.incoming_letters import (
    find_first_case,
    find_notice_by_reference,
    search_clients,
)
from subnotify.web.access import needs_role, request_at
from subnotify.web.case_steps import Shown, who
from subnotify.web.incoming_letter_forms import (
    DoneForm,
    LetterForm,
    ScanForm,
    TyingForm,
    offered_kinds,
    values_on_record,
)
from subnotify.web.incoming_letter_views import chosen_cases, letter_fields, settings
from subnotify.web.incoming_letters import BESIDE_SCAN, recorded_words
from subnotify.web.incoming_views import as_plain
from subnotify.web.registry_steps import refuse

incoming_letter_filing = Blueprint(
    "incoming_letter_filing", __name__, url_prefix="/desk/incoming-letters/<int:letter_id>"
)

Page = str | Response | tuple[str, int]


@incoming_letter_filing.url_value_preprocessor
def allow_scan(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """A scan may be larger than other forms. Said before anything reads the request."""
    if endpoint == "incoming_letter_filing.scan_page" and request.method == "POST":
        request.max_content_length = LARGEST_OCTETS + BESIDE_SCAN


@incoming_letter_filing.route("/file", methods=["GET", "POST"])
@needs_role(Role.LEGAL)
def file_page(letter_id: int) -> Page:
    """What it is, with what is on record of it to be corrected."""
    file = load_letter_file(db.session(), letter_id)
    if is_filed_for_good(file) and request.method == "GET":
        return _filed_before(letter_id)
    head = _head(file)
    form = _filing_form(file, head)
    if form.validate_on_submit():
        given = form.letter()
        try:
            recorded = file_letter(
                db.session(), letter_id, given, zone=settings().zone, at=request_at(), **who()
            )
        except NotFound:
            raise
        except LetterFiledBefore:
            return _filed_before(letter_id)
        except RuleError as error:
            refuse(form, error)
        else:
            return _after(letter_id, given.kind, given.case_ids, head if recorded else None)
    shown = render_template(
        "desk/incoming_letters/file.html",
        file=file,
        form=form,
        head=head,
        fields=letter_fields(form, head, with_scan=False),
    )
    return (shown, 422) if form.errors else shown


@incoming_letter_filing.route("/tie", methods=["GET", "POST"])
@needs_role(Role.LEGAL)
def tie_page(letter_id: int) -> Page:
    """Search a notice or a client, and say that the letter is about it."""
    file = load_letter_file(db.session(), letter_id)
    if is_filed_for_good(file):
        return _filed_before(letter_id)
    form = TyingForm()
    if form.validate_on_submit():
        try:
            tie_letter(
                db.session(),
                letter_id,
                notice_id=form.notice_id.data,
                client_id=form.client_id.data,
                at=request_at(),
                **who(),
            )
        except NotFound:
            form.refuse_with(_("This notice was not found. Search it again."))
        except LetterFiledBefore:
            return _filed_before(letter_id)
        except RuleError as error:
            form.refuse(error)
        else:
            flash(_("It is on record whose letter this is. Now say what it is."))
            return redirect(_address(letter_id), code=303)
    return _tying(file, form)


@incoming_letter_filing.route("/done", methods=["GET", "POST"])
@needs_role(Role.LEGAL)
def done_page(letter_id: int) -> Page:
    """The step that the letter asks for was done by another way."""
    file = load_letter_file(db.session(), letter_id)
    form = DoneForm()
    if form.validate_on_submit():
        try:
            finish_letter_task(
                db.session(), letter_id, form.note.data or "", at=request_at(), **who()
            )
        except NotFound:
            raise
        except RuleError as error:
            form.refuse(error)
        else:
            flash(_("The letter is filed."))
            return redirect(_address(letter_id), code=303)
    return _step(
        file,
        form,
        _("It is done"),
        _("File the letter"),
        [Shown(form.note, hint=_("Stays on record with the filing."), rows=2)],
    )


@incoming_letter_filing.route("/scan", methods=["GET", "POST"])
@needs_role(Role.LEGAL)
def scan_page(letter_id: int) -> Page:
    """Add the scan of a letter that was recorded without one."""
    file = load_letter_file(db.session(), letter_id)
    form = ScanForm()
    if form.validate_on_submit():
        scan = form.given_scan()
        if scan is None:
            form.refuse_with(_("Choose the file that the scanner wrote."), form.scan)
        else:
            try:
                attach_scan(
                    db.session(),
                    letter_id,
                    scan,
                    seal_key=settings().seal_key,
                    at=request_at(),
                    **who(),
                )
            except NotFound:
                raise
            except RuleError as error:
                refuse(form, error)
            else:
                flash(_("The scan is kept with the letter."))
                return redirect(_address(letter_id), code=303)
    hint = _("PDF, JPEG, PNG or TIFF, at most %(n)s MB. It is kept encrypted.", n=10)
    fields = [Shown(form.scan, hint=hint)]
    return _step(file, form, _("Add the scan"), _("Keep the scan"), fields)


def is_filed_for_good(file: LetterFile) -> bool:
    """An answer was recorded from it."""
    row = file.row
    return row.filed_at is not None and IncomingLetterKind(row.kind) not in MAY_BE_FILED_ANEW


def _head(file: LetterFile) -> CaseHead | None:
    if file.row.notice_id is None:
        return None
    case_id = find_first_case(db.session(), file.row.notice_id)
    return load_case_head(db.session(), case_id, at=request_at()) if case_id else None


def _filing_form(file: LetterFile, head: CaseHead | None) -> LetterForm:
    kinds = offered_kinds(is_about_notice=head is not None)
    data = values_on_record(file.row)
    if head is not None:
        data["case_ids"] = chosen_cases(head, None)
    form = LetterForm(data=data).offer(head, kinds)
    del form.scan
    return form


def _tying(file: LetterFile, form: TyingForm) -> Page:
    session = db.session()
    search = (request.args.get("search") or "").strip()[:200]
    exact = find_notice_by_reference(session, read_reference(search))
    reference = read_reference(search) if exact is not None else search
    shown = render_template(
        "desk/incoming_letters/tie.html",
        file=file,
        form=form,
        search=search,
        notices=search_notices(session, reference),
        clients=search_clients(session, search),
        plain=as_plain,
    )
    return (shown, 422) if form.errors else shown


def _step(file: LetterFile, form: Any, title: str, button: str, fields: list[Shown]) -> Page:
    shown = render_template(
        "desk/incoming_letters/step.html",
        file=file,
        form=form,
        title=title,
        button_text=button,
        fields=fields,
    )
    return (shown, 422) if form.errors else shown


def _after(
    letter_id: int, kind: IncomingLetterKind, case_ids: tuple[int, ...], head: CaseHead | None
) -> Response:
    """The case that it became a response of, or the letter."""
    if head is not None:
        flash(recorded_words(kind))
        case_id = case_ids[0] if case_ids else head.case.id
        return redirect(url_for("cases.show_case", case_id=case_id), code=303)
    if kind in TASKS:
        flash(_("It is on record what the letter asks for: it waits until that is done."))
    else:
        flash(_("The letter is filed."))
    return redirect(_address(letter_id), code=303)


def _filed_before(letter_id: int) -> Response:
    """Somebody was faster, or the button was pressed twice: what stands is shown."""
    flash(_("This letter was filed before, as the page says. Nothing was recorded twice."), "info")
    return redirect(_address(letter_id), code=303)


def _address(letter_id: int) -> str:
    return url_for("incoming_letters.show_letter", letter_id=letter_id)
