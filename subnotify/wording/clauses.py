"""Where notice terms come from: the clause and its words."""

from subnotify.rules.terms import NoticeTerms
from subnotify.wording.language import Wording


def with_clause(sentence: str, terms: NoticeTerms | None, w: Wording) -> str:
    """A sentence followed by the clause it rests on, where the record names one."""
    clause = terms.provenance.clause if terms is not None else ""
    if not clause:
        return sentence
    return w.gettext("%(sentence)s (Agreement, %(clause)s.)", sentence=sentence, clause=clause)


def clause_sentence(terms: NoticeTerms | None, w: Wording) -> str:
    """ "Source: your agreement, clause 8.2." or ""."""
    clause = terms.provenance.clause if terms is not None else ""
    return w.gettext("Source: your agreement, %(clause)s.", clause=clause) if clause else ""


def quotation(terms: NoticeTerms | None) -> str:
    """The words of the clause as recorded, never translated; "" where none are."""
    return terms.provenance.quotation if terms is not None else ""
