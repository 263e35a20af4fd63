"""What legal writes to a client about its objection; and what both are told of the answer."""

from dataclasses import dataclass
from datetime import date, datetime

from subnotify.rules.vendor import VendorProfile
from subnotify.rules.words import Measure, StepKind
from subnotify.wording.labels import label
from subnotify.wording.language import Wording
from subnotify.wording.mail_party import Party
from subnotify.wording.mails import MailText, render_mail

ANSWERS = frozenset({StepKind.ACCEPTED, StepKind.REFUSED})


@dataclass(frozen=True)
class Answered:
    """Who answered a proposal for the client, and when that counted."""

    by_name: str
    at: datetime


@dataclass(frozen=True)
class StepFacts:
    """name: of the subprocessor. text: legal's words; of an answer, those of the proposal.
    accommodation_ends_at: until when a way is sought under the terms, None where they do not
    say. answered: of an answer."""

    kind: StepKind
    name: str
    change_title: str
    text: str
    measure: Measure | None = None
    accommodation_ends_at: datetime | None = None
    answered: Answered | None = None


def step_title(kind: StepKind, w: Wording) -> str:
    """Of the mail to the client."""
    if kind is StepKind.PROPOSED:
        return w.gettext("A proposal to meet your objection")
    if kind is StepKind.ACCEPTED:
        return w.gettext("You accepted our proposal")
    if kind is StepKind.REFUSED:
        return w.gettext("You refused our proposal")
    return w.gettext("Your objection is in our hands")


def measure_sentence(measure: Measure, name: str, w: Wording) -> str:
    """How the objection would be met, as it is told to the client."""
    match measure:
        case Measure.ALTERNATIVE:
            return w.gettext(
                "In the place of %(name)s we propose to use another subprocessor for you.",
                name=name,
            )
        case Measure.CONFIGURATION:
            return w.gettext(
                "We propose to set the service up so that %(name)s gets none of your data.",
                name=name,
            )
        case Measure.NOT_USED:
            return w.gettext("We propose not to use %(name)s for you.", name=name)


def step_mail(
    facts: StepFacts, party: Party, vendor: VendorProfile, link: str, w: Wording
) -> MailText:
    """The mail to one contact. link: its own, where a proposal is answered."""
    return render_mail(
        "objection_step",
        w,
        **party.values,
        vendor=vendor,
        link=link,
        title=step_title(facts.kind, w),
        name=facts.name,
        change_title=facts.change_title,
        sentences=before_step(facts, w),
        words=facts.text,
        after=after_step(facts, w),
        call=w.gettext("Read the proposal and answer it:")
        if facts.kind is StepKind.PROPOSED
        else w.gettext("The notice and your objection:"),
    )


def before_step(facts: StepFacts, w: Wording) -> list[str]:
    """What stands before legal's words."""
    said = []
    if facts.measure is not None:
        said.append(measure_sentence(facts.measure, facts.name, w))
    if facts.answered is not None:
        accepted = facts.kind is StepKind.ACCEPTED
        by = {"person": facts.answered.by_name, "instant": w.date_time(facts.answered.at)}
        said.append(
            w.gettext("%(person)s accepted our proposal for you on %(instant)s.", **by)
            if accepted
            else w.gettext("%(person)s refused our proposal for you on %(instant)s.", **by)
        )
        said.append(w.gettext("We had proposed:"))
    return said


def after_step(facts: StepFacts, w: Wording, *, on_paper: bool = False) -> list[str]:
    """What follows from the step for the client. on_paper: to whom no code can be mailed."""
    said = []
    if facts.kind is StepKind.PROPOSED:
        said = [
            w.gettext("If you accept, write to us: your objection is settled then.")
            if on_paper
            else w.gettext(
                "If you accept, your objection is settled. To accept you enter a code that we mail"
                " you."
            ),
            w.gettext("If you refuse, or do not answer, your objection stands as it is."),
        ]
    if facts.answered is not None:
        return [
            w.gettext("Your objection is settled by this.")
            if facts.kind is StepKind.ACCEPTED
            else w.gettext("Your objection stands as it is."),
            w.gettext("If nobody of your organisation meant to answer so, tell us at once."),
        ]
    if facts.accommodation_ends_at is not None:
        said.append(
            w.gettext(
                "Under your agreement a way to meet the objection is sought until %(end)s.",
                end=w.until(facts.accommodation_ends_at),
            )
        )
    return said


def proposal_answered_mail(
    kind: StepKind, by_name: str, note: str, party: Party, name: str, link: str, w: Wording
) -> MailText:
    """To legal: the client accepted or refused. link: to the case."""
    return render_mail(
        "step_alarm",
        w,
        **party.values,
        title=label(w, kind).capitalize(),
        name=name,
        sentences=[
            w.gettext("%(name)s answered for the client.", name=by_name),
            w.gettext("The objection is settled as the proposal says.")
            if kind is StepKind.ACCEPTED
            else w.gettext(
                "The objection stands: propose something else, or settle it as the agreement says."
            ),
        ],
        words=note,
        link=link,
    )


def data_due_mail(
    due_on: date, wanted: str, party: Party, name: str, link: str, w: Wording, *, today: date
) -> MailText:
    """To legal: a client's data is to be returned or destroyed. wanted: what with, in words."""
    day = w.date(due_on, "weekday")
    first = (
        w.gettext("The client's data was due on %(day)s.", day=day)
        if due_on < today
        else w.gettext("The client's data is due by %(day)s.", day=day)
    )
    return render_mail(
        "step_alarm",
        w,
        **party.values,
        title=w.gettext("A client's data is due"),
        name=name,
        sentences=[first, wanted, w.gettext("Record on the page of the case that it is done.")],
        words="",
        link=link,
    )
