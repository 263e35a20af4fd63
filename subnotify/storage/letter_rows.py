"""Letters queued set-based: a message for each contact, and its paper side."""

import json
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    CursorResult,
    Select,
    String,
    and_,
    case,
    func,
    literal,
    or_,
    select,
    true,
    type_coerce,
)
from sqlalchemy import cast as sql_cast
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from subnotify.rules.channels import POSTAL_CHANNELS
from subnotify.rules.ladder import OF_THE_LADDER
from subnotify.rules.words import (
    Channel,
    ContactKind,
    LetterProduct,
    LetterReason,
    LetterState,
    MessagePurpose,
    MessageState,
    NoticeState,
)
from subnotify.storage.concerned import contact_is_designated
from subnotify.storage.insert_once import insert_or_nothing
from subnotify.storage.notice_ways import (
    copy_channel,
    has_postal_address,
    is_letter_needed,
    postal_channel,
)
from subnotify.storage.overtaken_mails import is_overtaken
from subnotify.storage.tables import (
    AgreementContactRow,
    ContactRow,
    LetterRow,
    MessageRow,
    NoticeRow,
    TermsVersionRow,
    UtcDateTime,
)

# The contact of the ladder's letter had mail, or would have, in the same serving.
_REFUSED = (MessageState.REJECTED, MessageState.PARKED, MessageState.CANCELLED)
_MESSAGE_COLUMNS = (
    *("logical_key", "purpose", "channel", "notice_id", "contact_id", "contact_kind"),
    *("serving_number", "language", "state", "queued_at", "attempt_count"),
)
_LETTER_COLUMNS = ("message_id", "product", "reason", "state", "address_lines", "proof_number")


def address_lines(session: Session) -> ColumnElement[Any]:
    """The name and address of the joined contact as JSON: a list of lines."""
    name = func.replace(ContactRow.name, "\n", " ")
    whole = func.trim(func.replace(ContactRow.postal_address, "\r", ""), " \t\r\n")
    lines = name.concat("\n").concat(whole)
    if session.get_bind().dialect.name == "postgresql":
        split = func.string_to_array(lines, "\n", type_=ARRAY(String))
        return type_coerce(func.to_json(func.array_remove(split, "")), LetterRow.address_lines.type)
    # No address holds these marks, which JSON writes as escapes. Ends of lines one behind another
    # are one, however many: between two of them nothing is left.
    marked = func.replace(func.replace(lines, "\n", "\x1e\x1f"), "\x1f\x1e", "")
    quoted = func.json_quote(func.replace(marked, "\x1e\x1f", "\x1f"))
    split_text = func.replace(quoted, json.dumps("\x1f")[1:-1], '","')
    as_list = literal("[").concat(split_text).concat("]")
    return type_coerce(as_list, LetterRow.address_lines.type)


def insert_letters(
    session: Session,
    notices: ColumnElement[bool],
    reason: LetterReason,
    *,
    on: date,
    at: datetime,
) -> int:
    """Queue a letter to each designated notice contact with a postal address; how many were new.

    notices: which. on: the vendor's day, for who is designated. Of the ladder they are registered,
    and go to contacts of the present serving: with a dead address to those whose mail failed. Else
    they are what the terms ask for: where those name no post, or a mail goes that is enough, there
    is none.
    """
    session.flush()
    of_ladder = reason in OF_THE_LADDER
    channel: ColumnElement[Any] = (
        literal(Channel.REGISTERED_POST.value) if of_ladder else postal_channel()
    )
    written = (
        select(
            _key(channel),
            literal(MessagePurpose.NOTICE.value),
            channel,
            NoticeRow.id,
            ContactRow.id,
            literal(ContactKind.NOTICE.value),
            NoticeRow.serving_number,
            NoticeRow.language,
            literal(MessageState.QUEUED.value),
            literal(at, UtcDateTime()),
            literal(0),
        )
        .select_from(NoticeRow)
        .join(AgreementContactRow, AgreementContactRow.agreement_id == NoticeRow.agreement_id)
        .join(ContactRow, ContactRow.id == AgreementContactRow.contact_id)
        .outerjoin(TermsVersionRow, TermsVersionRow.id == NoticeRow.terms_id)
        .where(
            notices,
            AgreementContactRow.kind == ContactKind.NOTICE.value,
            contact_is_designated(on),
            has_postal_address(),
            _had_mail(only_failed=reason is LetterReason.DEAD_ADDRESS)
            if of_ladder
            else and_(is_letter_needed(), ~_has_letter()),
        )
        .distinct()
        .order_by(NoticeRow.id, ContactRow.id)
    )
    if not _run(session, MessageRow, _MESSAGE_COLUMNS, written):
        return 0
    return insert_paper_sides(session, notices, reason, at=at)


def queue_missing_letters(session: Session, *, on: date, at: datetime) -> int:
    """Queue a letter to each designated contact to whom the terms need one, and who has none of
    the present serving of a notice which is still on its way; how many.

    Once everything of a notice has left, its contacts are complete, as with mails.
    """
    on_its_way = and_(
        NoticeRow.state.in_((NoticeState.QUEUED.value, NoticeState.SERVING.value)),
        NoticeRow.dispatched_at.is_(None),
        ~is_overtaken(NoticeRow.id),
    )
    return insert_letters(session, on_its_way, LetterReason.TERMS, on=on, at=at)


def insert_copies(session: Session, notices: ColumnElement[bool], *, on: date, at: datetime) -> int:
    """Queue a copy on paper of the present serving to each contact with a postal address, where
    the terms ask for copies by post; how many were new. As at release: nothing is served by them.
    """
    session.flush()
    channel = copy_channel()
    written = (
        select(
            _key(channel, "notice_copy"),
            literal(MessagePurpose.NOTICE.value),
            channel,
            NoticeRow.id,
            ContactRow.id,
            literal(ContactKind.COPY.value),
            NoticeRow.serving_number,
            NoticeRow.language,
            literal(MessageState.QUEUED.value),
            literal(at, UtcDateTime()),
            literal(0),
        )
        .select_from(NoticeRow)
        .join(AgreementContactRow, AgreementContactRow.agreement_id == NoticeRow.agreement_id)
        .join(ContactRow, ContactRow.id == AgreementContactRow.contact_id)
        .join(TermsVersionRow, TermsVersionRow.id == NoticeRow.terms_id)
        .where(
            notices,
            channel.is_not(None),
            contact_is_designated(on),
            has_postal_address(),
        )
        .distinct()
        .order_by(NoticeRow.id, ContactRow.id)
    )
    _run(session, MessageRow, _MESSAGE_COLUMNS, written)
    return insert_paper_sides(session, notices, LetterReason.COPY, at=at)


def insert_paper_sides(
    session: Session, notices: ColumnElement[bool], reason: LetterReason, *, at: datetime
) -> int:
    """The paper side of the letters of these notices that were queued at `at`, where they have
    none yet; how many."""
    product = case(
        (MessageRow.channel == Channel.REGISTERED_POST.value, LetterProduct.REGISTERED.value),
        else_=LetterProduct.PLAIN.value,
    )
    rows = (
        select(
            MessageRow.id,
            product,
            literal(reason.value),
            literal(LetterState.QUEUED.value),
            address_lines(session),
            literal(""),
        )
        .select_from(MessageRow)
        .join(NoticeRow, NoticeRow.id == MessageRow.notice_id)
        .join(ContactRow, ContactRow.id == MessageRow.contact_id)
        .outerjoin(LetterRow, LetterRow.message_id == MessageRow.id)
        .where(
            notices,
            MessageRow.channel.in_([channel.value for channel in POSTAL_CHANNELS]),
            # What was brought in, or set aside, is no letter of ours.
            MessageRow.state == MessageState.QUEUED.value,
            MessageRow.queued_at == at,
            LetterRow.message_id.is_(None),
        )
        .order_by(MessageRow.id)
    )
    return _run(session, LetterRow, _LETTER_COLUMNS, rows)


def _key(channel: ColumnElement[Any], first: str = "notice") -> ColumnElement[str]:
    """ "notice:17:42:registered_post:1", as for mails."""
    parts = (NoticeRow.id, ContactRow.id, channel, NoticeRow.serving_number)
    key: ColumnElement[str] = literal(first)
    for part in parts:
        key = key.concat(":").concat(sql_cast(part, String()))
    return key


def _had_mail(*, only_failed: bool) -> ColumnElement[bool]:
    """Whether a mail of the present serving goes to the joined contact, or went there in vain."""
    failed = or_(MessageRow.state.in_(_REFUSED), MessageRow.bounced_at.is_not(None))
    return (
        select(MessageRow.id)
        .where(
            MessageRow.notice_id == NoticeRow.id,
            MessageRow.contact_id == ContactRow.id,
            MessageRow.serving_number == NoticeRow.serving_number,
            MessageRow.purpose == MessagePurpose.NOTICE.value,
            MessageRow.contact_kind == ContactKind.NOTICE.value,
            and_(MessageRow.channel == Channel.EMAIL.value, failed) if only_failed else true(),
        )
        .correlate(NoticeRow, ContactRow)
        .exists()
    )


def _has_letter() -> ColumnElement[bool]:
    """Whether a letter of the present serving to the joined contact is there: whoever asks each
    minute inserts nothing, and spends no numbers on what is refused."""
    return (
        select(MessageRow.id)
        .where(
            MessageRow.notice_id == NoticeRow.id,
            MessageRow.contact_id == ContactRow.id,
            MessageRow.serving_number == NoticeRow.serving_number,
            MessageRow.purpose == MessagePurpose.NOTICE.value,
            MessageRow.contact_kind == ContactKind.NOTICE.value,
            MessageRow.channel.in_([channel.value for channel in POSTAL_CHANNELS]),
        )
        .correlate(NoticeRow, ContactRow)
        .exists()
    )


def _run(
    session: Session, table: type[MessageRow | LetterRow], names: tuple[str, ...], rows: Select[Any]
) -> int:
    statement = insert_or_nothing(session, table).from_select(list(names), rows)
    # An INSERT keeps its count only when asked to (on PostgreSQL).
    options = {"preserve_rowcount": True}
    result = session.execute(statement, execution_options=options)
    return cast("CursorResult[Any]", result).rowcount
