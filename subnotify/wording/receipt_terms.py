"""When a notice counts as received under the terms."""

from subnotify.rules.letter_counts import LetterCount
from subnotify.rules.terms import DeemedReceipt, NoticeTerms, Period
from subnotify.rules.terms_words import DeemedKind, Unit
from subnotify.rules.words import ProofKind
from subnotify.wording.language import Wording
from subnotify.wording.periods import period_words


def receipt_sentence(proofs: frozenset[ProofKind], w: Wording) -> str:
    """What proves receipt under the terms, told to the client; "" where nobody has chosen yet."""
    ways = {
        ProofKind.RECIPIENT_SERVER: w.gettext("your mail server accepts it"),
        ProofKind.ACKNOWLEDGEMENT: w.gettext("you acknowledge receipt through your personal link"),
        ProofKind.REGISTERED_DELIVERY: w.gettext("registered post delivers it to you"),
    }
    named = [words for kind, words in ways.items() if kind in proofs]
    if not named:
        return ""
    return w.gettext("It counts as received when %(ways)s.", ways=w.listed(named, "or"))


def letter_receipt_sentence(count: LetterCount, w: Wording) -> str:
    """What proves receipt where the notice comes as a letter; "" where nothing does."""
    ways = {
        ProofKind.ACKNOWLEDGEMENT: w.gettext("you acknowledge receipt through your personal link"),
        ProofKind.REGISTERED_DELIVERY: w.gettext("this registered letter is handed to you"),
    }
    named = [words for kind, words in ways.items() if kind in count.proofs]
    if not named:
        return ""
    return w.gettext("It counts as received when %(ways)s.", ways=w.listed(named, "or"))


def ladder_receipt_sentence(count: LetterCount, w: Wording, *, elsewhere: bool = False) -> str:
    """The same for a registered letter in the place of a mail. elsewhere: not said on it."""
    if ProofKind.REGISTERED_DELIVERY not in count.proofs:
        return letter_receipt_sentence(count, w)
    if elsewhere:
        return w.gettext(
            "The period runs from the day on which our registered letter is handed to you, or from"
            " the day on which you acknowledge receipt here, if that is earlier."
        )
    return w.gettext(
        "The period runs from the day on which this registered letter is handed to you, or from"
        " the day on which you acknowledge receipt through your personal link, if that is earlier."
    )


def client_receipt_sentence(terms: NoticeTerms, w: Wording) -> str:
    """The same for terms that run from receipt: the clause decides where it deems receipt."""
    if terms.deemed_receipt is not None:
        return deemed_sentence(terms.deemed_receipt, w)
    return receipt_sentence(terms.proof_of_receipt, w)


def deemed_sentence(deemed: DeemedReceipt, w: Wording) -> str:
    """What a clause says about receipt, whatever happened: for the client and for the desk."""
    opening = w.clock(deemed.opening)
    match deemed.kind:
        case DeemedKind.AT_ACCEPTANCE:
            return w.gettext("A notice counts as received as soon as it is handed over.")
        case DeemedKind.NEXT_BUSINESS_DAY:
            return _next_business_day(deemed, opening, w)
        case DeemedKind.DAYS_AFTER_DISPATCH:
            return _after_dispatch(Period(deemed.days), opening, w)
        case DeemedKind.BUSINESS_DAYS_AFTER_DISPATCH:
            return _after_dispatch(Period(deemed.days, Unit.BUSINESS_DAYS), opening, w)
        case DeemedKind.FIRST_PRESENTATION:
            return w.gettext(
                "A notice counts as received when the postal service first presents it."
            )


def _next_business_day(deemed: DeemedReceipt, opening: str, w: Wording) -> str:
    if deemed.cutoff is None:
        return w.gettext(
            "A notice counts as received at %(opening)s on the next business day after the day on"
            " which it was sent.",
            opening=opening,
        )
    return w.gettext(
        "A notice sent on a business day until %(cutoff)s counts as received at once, but not"
        " before %(opening)s; one sent later or on another day, at %(opening)s on the next business"
        " day.",
        opening=opening,
        cutoff=w.clock(deemed.cutoff),
    )


def _after_dispatch(period: Period, opening: str, w: Wording) -> str:
    return w.gettext(
        "A notice counts as received %(period)s after dispatch, at %(opening)s.",
        period=period_words(period, w),
        opening=opening,
    )
