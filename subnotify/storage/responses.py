"""What clients answered, and the codes that confirm what gives up protection."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from subnotify.rules.errors import NotFound
from subnotify.rules.responses import Receipt
from subnotify.rules.words import (
    ResponseChannel,
    ResponseKind,
    ResponseState,
    Timeliness,
)
from subnotify.storage.tables import CaseRow, ChangeRow, CodeRow, NoticeRow, ResponseRow


@dataclass(frozen=True)
class StoredResponse:
    """A response as recorded. case_id and position None: it speaks of the whole notice.

    services: keys. confirmed_at: when its code was entered, for answers that need one.
    leading_id: the first answer of the form it was given by, maybe under another notice.
    """

    id: int
    reference: str
    notice_id: int
    notice_reference: str
    case_id: int | None
    position: int | None
    kind: ResponseKind
    channel: ResponseChannel
    state: ResponseState
    received_at: datetime
    dispatched_on: date | None
    timeliness: Timeliness | None
    timeliness_decided: Timeliness | None
    contact_id: int | None
    by_name: str
    by_role: str
    text: str
    services: tuple[str, ...]
    letter_reference: str
    digest: str
    read_at: datetime | None
    answer: str | None
    disowned_at: datetime | None
    confirmed_at: datetime | None
    conditions: str = ""
    named_name: str = ""
    named_address: str = ""
    leading_id: int | None = None

    @property
    def is_effective(self) -> bool:
        return self.state is ResponseState.EFFECTIVE

    @property
    def receipt(self) -> Receipt:
        """What its receipt states, and its digest covers."""
        return Receipt(
            reference=self.reference,
            notice_reference=self.notice_reference,
            change_position=self.position,
            kind=self.kind,
            channel=self.channel,
            received_at=self.received_at,
            by_name=self.by_name,
            by_role=self.by_role,
            text=self.text,
            services=self.services,
            conditions=self.conditions,
            named_name=self.named_name,
            named_address=self.named_address,
        )


@dataclass(frozen=True)
class StoredCode:
    id: int
    response_id: int
    code_digest: str
    expires_at: datetime
    tries: int


def list_responses(session: Session, notice_id: int) -> tuple[StoredResponse, ...]:
    """Everything that was answered to a notice, in the order of recording."""
    used_at = (
        select(func.max(CodeRow.used_at))
        .where(CodeRow.response_id == ResponseRow.id)
        .correlate(ResponseRow)
        .scalar_subquery()
    )
    rows = session.execute(
        select(ResponseRow, NoticeRow.reference, ChangeRow.position, used_at)
        .join(NoticeRow, NoticeRow.id == ResponseRow.notice_id)
        .outerjoin(CaseRow, CaseRow.id == ResponseRow.case_id)
        .outerjoin(ChangeRow, ChangeRow.id == CaseRow.change_id)
        .where(ResponseRow.notice_id == notice_id)
        .order_by(ResponseRow.id)
        # The identity map may hold what was read before another transaction wrote.
        .execution_options(populate_existing=True)
    )
    return tuple(_stored(row, notice, position, used) for row, notice, position, used in rows)


def get_response(session: Session, notice_id: int, reference: str) -> StoredResponse:
    """A response of this notice by its reference. Raises NotFound, also for another notice's."""
    for response in list_responses(session, notice_id):
        if response.reference == reference:
            return response
    raise NotFound


def list_submission(session: Session, response: StoredResponse) -> tuple[StoredResponse, ...]:
    """The responses given with one form: one for each change it spoke of, this one included."""
    return tuple(
        other
        for other in list_responses(session, response.notice_id)
        if (other.kind, other.received_at, other.contact_id, other.channel)
        == (response.kind, response.received_at, response.contact_id, response.channel)
    )


def list_followers(session: Session, response_ids: Collection[int]) -> tuple[StoredResponse, ...]:
    """What was answered alike under other agreements with the form that recorded these."""
    rows = session.execute(
        select(ResponseRow.notice_id, ResponseRow.id).where(
            ResponseRow.leading_id.in_(response_ids)
        )
    ).all()
    ids = {row.id for row in rows}
    notices = sorted({row.notice_id for row in rows})
    return tuple(x for one in notices for x in list_responses(session, one) if x.id in ids)


def find_by_form_tokens(session: Session, tokens: Collection[str]) -> dict[str, int]:
    """Response ids by the form tokens they were recorded with."""
    rows = session.execute(
        select(ResponseRow.form_token, ResponseRow.id).where(ResponseRow.form_token.in_(tokens))
    )
    return {row.form_token: row.id for row in rows if row.form_token}


def count_responses_since(session: Session, notice_id: int, since: datetime) -> int:
    count = session.scalar(
        select(func.count())
        .select_from(ResponseRow)
        .where(
            ResponseRow.notice_id == notice_id,
            ResponseRow.received_at > since,
            ResponseRow.channel == ResponseChannel.LINK,
        )
    )
    return count or 0


def is_reference_used(session: Session, reference: str) -> bool:
    found = session.scalar(select(ResponseRow.id).where(ResponseRow.reference == reference))
    return found is not None


def append_response(
    session: Session,
    receipt: Receipt,
    *,
    notice_id: int,
    case_id: int | None,
    contact_id: int,
    state: ResponseState,
    dispatched_on: date,
    timeliness: Timeliness | None,
    form_token: str,
    digest: str,
    leading_id: int | None = None,
) -> int:
    """Record a response that came through a personal link; its id. leading_id: the first one of
    the form, where that was another notice's."""
    row = ResponseRow(
        reference=receipt.reference,
        notice_id=notice_id,
        case_id=case_id,
        kind=receipt.kind,
        channel=receipt.channel,
        state=state,
        received_at=receipt.received_at,
        dispatched_on=dispatched_on,
        timeliness=timeliness,
        contact_id=contact_id,
        by_name=receipt.by_name,
        by_role=receipt.by_role,
        text=receipt.text,
        services=list(receipt.services),
        conditions=receipt.conditions,
        named_name=receipt.named_name,
        named_address=receipt.named_address,
        letter_reference="",
        form_token=form_token,
        digest=digest,
        leading_id=leading_id,
    )
    session.add(row)
    session.flush()
    return row.id


def make_effective(session: Session, response_ids: Collection[int], *, at: datetime) -> None:
    """Its code was entered at `at`: the answer counts from there."""
    session.execute(
        update(ResponseRow)
        .where(ResponseRow.id.in_(response_ids))
        .values(state=ResponseState.EFFECTIVE, confirmed_at=at)
    )


def disown(session: Session, response_id: int, *, at: datetime) -> bool:
    """Note that a contact says it was not them; False where that was noted before."""
    updated = session.execute(
        update(ResponseRow)
        .where(ResponseRow.id == response_id, ResponseRow.disowned_at.is_(None))
        .values(disowned_at=at)
        .returning(ResponseRow.id)
    )
    return updated.one_or_none() is not None


def append_code(
    session: Session, response_id: int, digest: str, *, expires_at: datetime, at: datetime
) -> None:
    session.add(
        CodeRow(
            response_id=response_id,
            code_digest=digest,
            created_at=at,
            expires_at=expires_at,
            tries=0,
        )
    )
    session.flush()


def find_latest_code(session: Session, response_ids: Collection[int]) -> StoredCode | None:
    """The code sent last for one of these responses; earlier ones count no longer."""
    row = session.scalars(
        select(CodeRow)
        .where(CodeRow.response_id.in_(response_ids))
        .order_by(CodeRow.id.desc())
        .limit(1)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        return None
    return StoredCode(row.id, row.response_id, row.code_digest, row.expires_at, row.tries)


def count_codes_since(session: Session, response_ids: Collection[int], since: datetime) -> int:
    count = session.scalar(
        select(func.count())
        .select_from(CodeRow)
        .where(CodeRow.response_id.in_(response_ids), CodeRow.created_at > since)
    )
    return count or 0


def count_try(session: Session, code_id: int) -> None:
    session.execute(update(CodeRow).where(CodeRow.id == code_id).values(tries=CodeRow.tries + 1))


def use_code(session: Session, code_id: int, *, at: datetime) -> None:
    session.execute(update(CodeRow).where(CodeRow.id == code_id).values(used_at=at))


def _stored(
    row: ResponseRow, notice_reference: str, position: int | None, used_at: datetime | None
) -> StoredResponse:
    return StoredResponse(
        id=row.id,
        reference=row.reference,
        notice_id=row.notice_id,
        notice_reference=notice_reference,
        case_id=row.case_id,
        position=position,
        kind=ResponseKind(row.kind),
        channel=ResponseChannel(row.channel),
        state=ResponseState(row.state),
        received_at=row.received_at,
        dispatched_on=row.dispatched_on,
        timeliness=Timeliness(row.timeliness) if row.timeliness else None,
        timeliness_decided=Timeliness(row.timeliness_decided) if row.timeliness_decided else None,
        contact_id=row.contact_id,
        by_name=row.by_name,
        by_role=row.by_role,
        text=row.text,
        services=tuple(row.services or ()),
        letter_reference=row.letter_reference,
        digest=row.digest,
        read_at=row.read_at,
        answer=row.answer,
        disowned_at=row.disowned_at,
        confirmed_at=row.confirmed_at or used_at,
        conditions=row.conditions,
        named_name=row.named_name,
        named_address=row.named_address,
        leading_id=row.leading_id,
    )
