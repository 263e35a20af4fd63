"""Terms read from their stored text: most agreements share theirs, which are then read once."""

import json
from functools import lru_cache

from sqlalchemy import Label, Text, cast

from subnotify.rules.terms import NoticeTerms
from subnotify.rules.terms_reading import terms_from_mapping
from subnotify.storage.tables.agreements import TermsVersionRow


def terms_text() -> Label[str]:
    """The column `terms` as text, for `read_terms`: the driver does not read it row by row. None
    where an outer join finds no terms."""
    return cast(TermsVersionRow.terms, Text).label("terms")


@lru_cache(maxsize=1024)
def read_terms(text: str) -> NoticeTerms:
    """Terms from their text as stored. Raises what `terms_from_mapping` raises."""
    return terms_from_mapping(json.loads(text))
