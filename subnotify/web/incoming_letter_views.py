"""What the pages of letters from clients say of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import current_app, url_for
from flask_babel import gettext as _

from subnotify.config import Settings
from subnotify.rules.incoming_letters import MAY_BE_FILED_ANEW, TASKS
from subnotify.rules.words import IncomingLetterKind
from subnotify.storage.case_head import CaseHead
from subnotify.storage.incoming_letter_pages import LetterFile, LetterList
from subnotify.web.case_steps import Shown
from subnotify.web.incoming_letter_forms import LetterForm
from subnotify.wording.language import Wording

# The register of requests for the list.
REQUESTS = "requests_new.new_request"


@dataclass(frozen=True)
class LetterStep:
    """A button of the letter's page. kind: as the macro `button` takes it."""

    text: str
    address: str
    kind: str = ""


def settings() -> Settings:
    found: Settings = current_app.config["SUBNOTIFY_SETTINGS"]
    return found


def list_name(shown: LetterList, w: Wording) -> str:
    match shown:
        case LetterList.WAITING:
            return w.gettext("Waiting for a person")
        case LetterList.FILED:
            return w.gettext("Filed letters")
        case LetterList.ALL:
            return w.gettext("All letters")


def letter_fields(form: LetterForm, head: CaseHead | None, *, with_scan: bool) -> list[Shown]:
    """The form in the order in which a letter is read."""
    fields = [
        Shown(form.kind),
        Shown(
            form.channel,
            hint=_("An electronic registered letter counts as registered post."),
        ),
        Shown(form.received_on, hint=_("The day it reached you."), width="width-10"),
        Shown(
            form.dispatched_on,
            hint=_("Both dates are kept. Leave it empty if the postmark cannot be read."),
            width="width-10",
        ),
        Shown(form.letter_reference, hint=_("For example the number of the registered letter.")),
        Shown(form.by_name),
        *_about_notice(form),
        Shown(form.text, rows=5),
    ]
    if with_scan:
        hint = _("PDF, JPEG, PNG or TIFF, at most %(n)s MB. It is kept encrypted.", n=10)
        fields.append(Shown(form.scan, hint=hint))
    return [
        *fields,
        Shown(form.note, hint=_("Stays on record with the filing."), rows=2),
        Shown(form.quoted_reference),
        Shown(form.form_token),
    ]


def _about_notice(form: LetterForm) -> list[Shown]:
    if "case_ids" not in form:
        return []
    return [
        Shown(
            form.case_ids,
            hint=_(
                "For an objection, a termination or a withdrawal. Other letters speak of the whole"
                " notice."
            ),
        ),
        *([Shown(form.services)] if "services" in form else []),
        Shown(
            form.contact_id,
            hint=_("Only for an acknowledgement: it proves that this contact got the notice."),
        ),
    ]


def chosen_cases(head: CaseHead, asked: int | None) -> list[int]:
    """What is ticked at first: the change that was asked for, or the only one there is."""
    ids = [one.id for one in head.siblings]
    if asked in ids:
        return [asked]
    return ids if len(ids) == 1 else []


def letter_steps(file: LetterFile) -> Sequence[LetterStep]:
    """What legal can do with a letter now, the first thing to do first."""
    row = file.row
    kind = IncomingLetterKind(row.kind)
    if row.filed_at is not None and kind not in MAY_BE_FILED_ANEW:
        return []
    steps = list(_task_steps(file, kind)) if row.filed_at is None else []
    is_main = "second" if steps else ""
    file_it = LetterStep(
        _("Say what it is"), url_for("incoming_letter_filing.file_page", letter_id=row.id), is_main
    )
    search = row.quoted_reference or file.client or None
    tie = url_for("incoming_letter_filing.tie_page", letter_id=row.id, search=search)
    if row.client_id is None:
        return [LetterStep(_("Say whose it is"), tie), replace_kind(file_it, "second")]
    text = _("It is about another notice") if row.notice_id else _("Find its notice")
    if row.notice_id is None and kind not in MAY_BE_FILED_ANEW:
        return [LetterStep(text, tie), replace_kind(file_it, "second")]
    return [*steps, file_it, LetterStep(text, tie, "second")]


def replace_kind(step: LetterStep, kind: str) -> LetterStep:
    return LetterStep(step.text, step.address, kind)


def _task_steps(file: LetterFile, kind: IncomingLetterKind) -> Sequence[LetterStep]:
    """Where the step is done that the letter asks for."""
    if kind not in TASKS or file.row.client_id is None:
        return []
    if kind is IncomingLetterKind.CONTACT_CHANGE:
        return [
            LetterStep(
                _("Name the contact in %(agreement)s", agreement=one.reference),
                url_for("agreement_steps.new_naming", agreement_id=one.id, letter=file.row.id),
                "" if number == 0 else "second",
            )
            for number, one in enumerate(file.agreements)
        ]
    if REQUESTS not in current_app.view_functions:
        return []
    return [
        LetterStep(
            _("Register the request of %(agreement)s", agreement=one.reference),
            url_for(REQUESTS, agreement=one.id, letter=file.row.id),
            "" if number == 0 else "second",
        )
        for number, one in enumerate(file.agreements)
    ]
