"""How often it was recorded of a notice that it is served, that it is not, or is sent anew."""

from typing import Any

from sqlalchemy import func, select

from subnotify.storage.tables import EvidenceRow, NoticeRow

_MOVES = ("notice_served", "notice_not_served", "notice_served_anew")


def serving_moves() -> Any:
    """Their number, for a query of notices."""
    return (
        select(func.count())
        .where(
            EvidenceRow.object_type == "notice",
            EvidenceRow.object_id == NoticeRow.id,
            EvidenceRow.type.in_(_MOVES),
        )
        .correlate(NoticeRow)
        .scalar_subquery()
    )
