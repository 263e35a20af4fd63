"""Why the engine cannot compute dates from notice terms, in words."""

from subnotify.rules.errors import N_
from subnotify.wording.language import Wording

# The codes of rules.terms.not_computable.
REASONS = {
    "no_objection_period": N_("the agreement states no objection period"),
    "unit": N_("the period is not counted in days"),
    "trigger": N_("the agreement does not say from when the period runs"),
    "counting_rule": N_("there is no rule yet for the way its days are counted"),
    "channel": N_("the agreement asks for notice by another way than email"),
    "proof_of_receipt": N_("nobody has chosen yet what proves receipt of a notice"),
    "lead_time": N_("the agreement also sets a lead time before commencement"),
}


def not_computable_reason(code: str, w: Wording) -> str:
    """A code of `rules.terms.not_computable` as a clause without a full stop.

    A code that has no words here (terms recorded by an older version) is returned as it is.
    """
    return w.gettext(REASONS[code]) if code in REASONS else code
