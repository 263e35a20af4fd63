"""The mail that tells a client that an announced change was withdrawn for everybody."""

from dataclasses import dataclass

from subnotify.rules.vendor import VendorProfile
from subnotify.wording.language import Wording
from subnotify.wording.mail_party import Party
from subnotify.wording.mails import MailMould, MailText, blank, render_mail


@dataclass(frozen=True)
class WithdrawnFacts:
    """may_have_terminated: the case stands, which only a termination makes it do. has_others:
    other changes of the same notice are announced as before."""

    name: str
    change_title: str
    may_have_terminated: bool
    has_others: bool


def withdrawn_mould(facts: WithdrawnFacts, vendor: VendorProfile, w: Wording) -> MailMould:
    """The mail in this language, with blanks for what `fill_withdrawn` puts in."""
    return MailMould(
        render_mail(
            "withdrawn",
            w,
            client_name=blank("client_name"),
            agreement_reference=blank("agreement_reference"),
            reference=blank("reference"),
            link=blank("link"),
            vendor=vendor,
            title=w.gettext("A change of subprocessor is withdrawn"),
            name=facts.name,
            change_title=facts.change_title,
            lead=withdrawn_lead(w),
            sentences=withdrawn_sentences(facts, w),
        )
    )


def withdrawn_lead(w: Wording) -> str:
    return w.gettext("The change was withdrawn: it does not take place.")


def withdrawn_sentences(
    facts: WithdrawnFacts, w: Wording, *, on_paper: bool = False
) -> tuple[str, ...]:
    """What the withdrawal means for the client (DESIGN section 3 item 13)."""
    said: tuple[str, ...]
    if facts.may_have_terminated:
        said = (
            w.gettext("A termination that you have declared because of this change stands."),
            w.gettext("If it is to be taken back, write to us: both sides must agree to it.")
            if on_paper
            else w.gettext(
                "If it is to be taken back, answer this mail: both sides must agree to it."
            ),
        )
    else:
        said = (w.gettext("Nothing further is needed from you, and silence has no effect."),)
    if not facts.has_others:
        return said
    return (
        *said,
        w.gettext("The other changes of the same notice stay announced, with their deadlines."),
    )


def fill_withdrawn(mould: MailMould, party: Party, link: str) -> MailText:
    """The mail to one contact."""
    return mould.fill(**party.values, link=link)
