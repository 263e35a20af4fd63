"""Incoming mail on the desk: what waits for a person, each mail as plain words, its files.

Others than legal read the mail of a client as they read its responses; the list, the files and
mail of unknown clients are legal's.
"""

from math import ceil

from flask import Blueprint, abort, current_app, render_template, request, url_for
from werkzeug.wrappers import Response

from subnotify.config import Settings
from subnotify.delivery.mail_files import list_files
from subnotify.operations.file_mail import MAY_BE_FILED_ANEW
from subnotify.operations.open_incoming import MailNotReadable, open_incoming
from subnotify.rules.errors import NotFound
from subnotify.rules.words import (
    DeliveryEventKind,
    FiledAs,
    IncomingKind,
    IncomingSource,
    Role,
    TagStanding,
)
from subnotify.storage.database import db
from subnotify.storage.incoming_file import IncomingFile, load_incoming_file
from subnotify.storage.incoming_hints import suggest_notices
from subnotify.storage.incoming_pages import (
    PAGE_SIZE,
    MailList,
    MailPage,
    load_mail_page,
    next_deadlines,
)
from subnotify.web.access import current_operator, needs_role
from subnotify.web.documents import download
from subnotify.web.incoming_views import (
    BY_PERSONS,
    as_plain,
    case_words,
    hint_words,
    list_name,
    step_name,
    taken_for,
    words_left_out,
)
from subnotify.web.language import page_wording

incoming = Blueprint("incoming", __name__, url_prefix="/desk/mail")

LAST_PAGE = 100_000


@incoming.route("")
@needs_role(Role.LEGAL)
def show_mails() -> str:
    """One list of mails, as the address asks; what waits by default."""
    asked = request.args.get("show", "")
    shown = MailList(asked) if asked in set(MailList) else MailList.WAITING
    page = _page()
    found = load_mail_page(db.session(), shown, page=page)
    w = page_wording()
    count = max(1, ceil(found.total / PAGE_SIZE))
    return render_template(
        "desk/incoming/list.html",
        mails=found.mails,
        total=found.total,
        shown=shown,
        lists=[
            (
                list_name(one, w),
                _address(one),
                one is shown,
                _count(one, shown, found),
            )
            for one in MailList
        ],
        plain=as_plain,
        page=page,
        page_count=count,
        earlier=_address(shown, page - 1) if page > 1 else None,
        later=_address(shown, page + 1) if page < count else None,
    )


@incoming.route("/<int:mail_id>")
@needs_role(*Role)
def show_mail(mail_id: int) -> str:
    file = load_incoming_file(db.session(), mail_id)
    row, w = file.row, page_wording()
    is_legal = Role.LEGAL in current_operator().roles
    if row.client_id is None and not is_legal:
        abort(403)
    filed_as = FiledAs(row.filed_as) if row.filed_as and row.filed_at else None
    raw = _find_raw(mail_id) if is_legal else None
    return render_template(
        "desk/incoming/mail.html",
        file=file,
        mail=row,
        kind=IncomingKind(row.kind),
        source=IncomingSource(row.source),
        event_kinds={event.id: DeliveryEventKind(event.kind) for event in file.events},
        tag_standing=TagStanding(row.tag),
        filed_as=filed_as,
        taken_for=taken_for(file, w),
        deadline=next_deadlines(db.session(), [row.client_id]).get(row.client_id)
        if row.client_id
        else None,
        files=list_files(raw) if raw is not None else [],
        left_out=words_left_out(raw, row.text) if raw is not None else "",
        size=len(raw) if raw is not None else None,
        is_legal=is_legal,
        steps=_steps(file, filed_as) if is_legal else [],
        may_tie=is_legal and _may_tie(file, filed_as),
        hints=[
            (found, hint_words(found.hint, w) if found.hint else "")
            for found in suggest_notices(db.session(), row)
        ]
        if is_legal and row.notice_id is None and _may_tie(file, filed_as)
        else [],
        plain=as_plain,
        case_words=lambda case: case_words(case, w),
    )


@incoming.route("/<int:mail_id>/original")
@needs_role(Role.LEGAL)
def download_original(mail_id: int) -> Response:
    """The mail as it came, byte by byte."""
    raw = open_incoming(db.session(), mail_id, keys=(_settings().seal_key,))
    return download(raw, f"mail-{mail_id}.eml", "message/rfc822")


@incoming.route("/<int:mail_id>/files/<int:number>")
@needs_role(Role.LEGAL)
def download_file(mail_id: int, number: int) -> Response:
    """One file of a mail. Never as the type that its sender declares: nothing opens by itself."""
    raw = open_incoming(db.session(), mail_id, keys=(_settings().seal_key,))
    found = next((file for file in list_files(raw) if file.number == number), None)
    if found is None:
        raise NotFound
    return download(found.octets, found.name, "application/octet-stream")


def _find_raw(mail_id: int) -> bytes | None:
    """None where the bytes cannot be opened any more: what was read of them is shown."""
    try:
        return open_incoming(db.session(), mail_id, keys=(_settings().seal_key,))
    except MailNotReadable:
        return None


def _steps(file: IncomingFile, filed_as: FiledAs | None) -> list[tuple[str, str, str]]:
    """(text, address, value) of what legal can file it as now. A mail of nobody that is known can
    only be no answer."""
    if filed_as is not None and filed_as not in MAY_BE_FILED_ANEW:
        return []
    offered: tuple[FiledAs, ...] = (
        BY_PERSONS if file.row.notice_id is not None else (FiledAs.NO_ANSWER,)
    )
    if filed_as is not None:
        offered = tuple(x for x in offered if x is not FiledAs.NO_ANSWER)
    w = page_wording()
    return [
        (
            step_name(one, w),
            url_for("incoming_filing.file_page", mail_id=file.row.id, filed_as=one.value),
            one.value,
        )
        for one in offered
    ]


def _may_tie(file: IncomingFile, filed_as: FiledAs | None) -> bool:
    """What its own mark proves, nobody changes; nor what was recorded from it."""
    proven = file.row.tag == TagStanding.VALID and file.row.client_id is not None
    return not proven and (filed_as is None or filed_as in MAY_BE_FILED_ANEW)


def _count(one: MailList, shown: MailList, found: MailPage) -> int | None:
    if one is MailList.WAITING:
        return found.waiting
    return found.total if one is shown else None


def _address(shown: MailList, page: int = 1) -> str:
    return url_for(
        ".show_mails",
        show=None if shown is MailList.WAITING else shown.value,
        page=page if page > 1 else None,
    )


def _page() -> int:
    text = request.args.get("page", "")
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 1
    return min(max(1, number), LAST_PAGE)


def _settings() -> Settings:
    settings: Settings = current_app.config["SUBNOTIFY_SETTINGS"]
    return settings
