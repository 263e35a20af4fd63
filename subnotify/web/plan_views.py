"""The plan of a draft release, as its page shows it."""

from dataclasses import dataclass
from datetime import date

from subnotify.operations.foresee_sending import DraftSending, NamedAgreement, foresee_draft
from subnotify.operations.plan_release import AgreementPlan, ReleasePlan
from subnotify.storage.database import db
from subnotify.web.access import request_at
from subnotify.web.language import page_wording
from subnotify.web.sending_views import sending_limits
from subnotify.wording.language import Wording
from subnotify.wording.planning import plan_sentences, reason_sentence
from subnotify.wording.sending import draft_sentences


@dataclass(frozen=True)
class HeldBackView:
    """One agreement that the wanted day is too early for."""

    client: str
    reference: str
    sending_on: date | None
    usable_on: date | None
    why: str


@dataclass(frozen=True)
class PlanView:
    """sentences: of the release as a whole. held_back: one page of `count` agreements."""

    sentences: tuple[str, ...]
    held_back: tuple[HeldBackView, ...]
    count: int
    page_number: int
    pages: int


def plan_view(plan: ReleasePlan, w: Wording) -> PlanView:
    return PlanView(
        plan_sentences(plan.summary, plan.commencement_on, plan.on, w),
        tuple(held_back_view(line, w) for line in plan.held_back),
        plan.held_back_count,
        plan.page_number,
        plan.pages,
    )


def held_back_view(line: AgreementPlan, w: Wording) -> HeldBackView:
    """One agreement with the reason in words."""
    plan = line.plan
    return HeldBackView(
        client=line.agreement.client_name,
        reference=line.agreement.reference,
        sending_on=plan.latest_sending_on,
        usable_on=plan.usable_on,
        why=reason_sentence(plan, w),
    )


@dataclass(frozen=True)
class DraftSendingView:
    """What sending takes, and some of the agreements that it may be too late for."""

    sentences: tuple[str, ...]
    is_in_time: bool
    named: tuple[NamedAgreement, ...]
    at_risk: int


def foreseen_draft(plan: ReleasePlan) -> DraftSending:
    """What sending takes if the draft is released at this request's instant."""
    return foresee_draft(db.session(), plan, sending_limits(), at=request_at())


def draft_sending_view(plan: ReleasePlan) -> DraftSendingView:
    found = foreseen_draft(plan)
    said = draft_sentences(
        found.mails,
        found.estimate,
        found.verdict,
        found.limits,
        page_wording(),
        others=found.others,
        at=request_at(),
    )
    return DraftSendingView(
        said, found.verdict.is_in_time, found.named, found.verdict.at_risk_count
    )
