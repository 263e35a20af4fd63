"""Which agreements name an export law of the vendor as theirs."""

from collections.abc import Collection

from sqlalchemy import String, or_, select, type_coerce
from sqlalchemy.orm import Session

from subnotify.rules.transfer_words import ExportLaw
from subnotify.storage.tables import AgreementRow


def list_agreements_naming(session: Session, laws: Collection[ExportLaw]) -> tuple[str, ...]:
    """References of the agreements that name one of these laws, in their order."""
    named = type_coerce(AgreementRow.export_laws, String)
    each = [named.contains(law.value, autoescape=True) for law in sorted(laws)]
    rows = session.scalars(
        select(AgreementRow.reference).where(or_(*each)).order_by(AgreementRow.reference)
    )
    return tuple(rows)
