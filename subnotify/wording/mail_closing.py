"""The mail that tells a client how a case ended."""

from dataclasses import dataclass

from subnotify.rules.vendor import VendorProfile
from subnotify.rules.windows import Window
from subnotify.rules.words import ProofKind
from subnotify.wording.clauses import quotation
from subnotify.wording.labels import label
from subnotify.wording.language import Wording
from subnotify.wording.mail_party import Party
from subnotify.wording.mails import MailMould, MailText, blank, render_mail
from subnotify.wording.outcomes import OutcomeFacts, outcome_sentences
from subnotify.wording.proofs import served_sentence
from subnotify.wording.window_steps import step_sentences


@dataclass(frozen=True)
class ClosingFacts:
    """What closing mails of cases with the same terms and dates have in common.

    window and proof: of the notice, where the outcome rests on silence. corrects: an earlier mail
    told another outcome.
    """

    vendor: VendorProfile
    outcome: OutcomeFacts
    change_title: str
    window: Window | None
    proof: ProofKind | None
    corrects: bool


def closing_mould(facts: ClosingFacts, w: Wording) -> MailMould:
    """The closing mail in this language, with blanks for what `fill_closing` puts in."""
    return MailMould(
        render_mail(
            "closing",
            w,
            client_name=blank("client_name"),
            agreement_reference=blank("agreement_reference"),
            reference=blank("reference"),
            link=blank("link"),
            vendor=facts.vendor,
            title=closing_title(w),
            name=facts.outcome.name,
            change_title=facts.change_title,
            outcome=label(w, facts.outcome.outcome),
            sentences=outcome_sentences(facts.outcome, w),
            quotation=quotation(facts.outcome.terms) if facts.window else "",
            steps=closing_steps(facts, w),
            corrects=facts.corrects,
        )
    )


def closing_title(w: Wording) -> str:
    return w.gettext("Outcome of a change of subprocessor")


def closing_steps(facts: ClosingFacts, w: Wording) -> tuple[str, ...]:
    """How the period was counted; nothing where the outcome does not rest on silence."""
    if facts.window is None:
        return ()
    proof = (served_sentence(facts.proof, w),) if facts.proof else ()
    return (*proof, *step_sentences(facts.window, w))


def fill_closing(mould: MailMould, party: Party, link: str) -> MailText:
    """The closing mail to one contact."""
    return mould.fill(**party.values, link=link)
