"""One writer for each purpose of a message."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from subnotify.operations.address_mails import told_address_mail
from subnotify.operations.digest_mails import legal_digest_mail
from subnotify.operations.extension_mails import extension_mail, is_about_extension, told_ends
from subnotify.operations.legal_message_mails import legal_message_mail, legal_message_of
from subnotify.operations.longer_mails import longer_mail
from subnotify.operations.mail_views import MailViews
from subnotify.operations.notice_facts import notice_facts
from subnotify.operations.postponed_mails import postponed_facts
from subnotify.operations.reminder_mails import reminder_mail
from subnotify.operations.step_mails import (
    StepViews,
    number_of,
    write_told_legal,
    write_told_step,
)
from subnotify.operations.transfer_mails import told_mail
from subnotify.operations.withdrawn_mails import withdrawn_of_case
from subnotify.rules.cases import BY_SILENCE
from subnotify.rules.words import ContactKind, HoldReason, MessagePurpose, Outcome, ProofKind
from subnotify.storage.case_decisions import settled_effect_on
from subnotify.storage.mail_facts import CaseOfMail, DesignationOfMail, NoticeOfMail
from subnotify.storage.outbox import OutgoingMessage
from subnotify.wording.change_facts import change_title
from subnotify.wording.language import Wording, wording_for
from subnotify.wording.mail_alarms import Failure, delivery_alarm_mail, objection_alarm_mail
from subnotify.wording.mail_answer import answer_mail
from subnotify.wording.mail_closing import ClosingFacts, closing_mould, fill_closing
from subnotify.wording.mail_notice import fill_notice, notice_mould
from subnotify.wording.mail_postponed import postponed_mail
from subnotify.wording.mail_receipt import receipt_mail
from subnotify.wording.mail_release_alarm import release_alarm_mail
from subnotify.wording.mails import MailMould, MailText
from subnotify.wording.outcomes import OutcomeFacts


class NothingToSay(Exception):
    """The message lacks what its text is about: a person must look at it."""


@dataclass(frozen=True)
class MailRequest:
    """A message to be written. link: its personal link, "" without one. about: of mails about
    steps of objections."""

    message: OutgoingMessage
    link: str
    public_url: str
    about: StepViews = field(default_factory=StepViews)

    def notice(self, views: MailViews) -> NoticeOfMail:
        notice = views.facts.notices.get(self.message.notice_id or 0)
        if notice is None:
            raise NothingToSay(f"{self.message.logical_key} is about no notice")
        return notice

    def response_id(self, views: MailViews) -> int:
        number = self.message.response_id
        if number is None or number not in views.facts.responses:
            raise NothingToSay(f"{self.message.logical_key} is about no response")
        return number

    def desk_links(self, cases: list[CaseOfMail]) -> list[str]:
        return [f"{self.public_url}/desk/cases/{case.id}" for case in cases]


def write_notice(request: MailRequest, views: MailViews) -> MailText:
    notice = request.notice(views)
    w = views.wording(notice, request.message.language)
    designation = views.facts.designations.get(
        (notice.agreement_id, request.message.contact_id or 0),
        DesignationOfMail(ContactKind.NOTICE, ""),
    )
    key = (
        *("notice", w.language, designation.kind, designation.clause),
        views.notice_key(notice),
    )
    mould = views.moulds.mould(
        key, lambda: notice_mould(notice_facts(notice, designation, views, w), w)
    )
    return fill_notice(mould, views.party(notice), request.link)


def write_closing(request: MailRequest, views: MailViews) -> MailText:
    notice = request.notice(views)
    w = views.wording(notice, request.message.language)
    case = next(iter(views.cases(notice, request.message.case_id or 0)), None)
    if case is None or case.outcome is None:
        raise NothingToSay(f"{request.message.logical_key}: the case has no outcome any more")
    outcome = case.outcome
    corrects = is_correction(request.message.logical_key)

    def make() -> MailMould:
        return closing_mould(closing_facts(outcome, notice, case, views, w, corrects), w)

    key = (
        *("closing", w.language, views.vendor_key, notice.release_id, outcome, corrects),
        notice.laws,
        *(views.change_keys[case.change_id], views.service_ids(notice), views.terms_key(notice)),
        *(case.closes_at, notice.served_proof, json.dumps(notice.window, sort_keys=True)),
        notice.state,
        case.unresolved_ends_at,
        # A settled case has services and dates of its own.
        case.id if case.id in views.facts.settlements else None,
    )
    return fill_closing(views.moulds.mould(key, make), views.party(notice), request.link)


def is_correction(logical_key: str) -> bool:
    """Whether a closing message replaces another: its key ends with the number of the outcome, and
    a later one follows a reopening."""
    return not logical_key.endswith(":1")


def closing_facts(
    outcome: Outcome,
    notice: NoticeOfMail,
    case: CaseOfMail,
    views: MailViews,
    w: Wording,
    corrects: bool,
) -> ClosingFacts:
    """What the mail says that tells a client of this outcome of its case."""
    (change,) = views.changes(notice, case.id)
    window = views.window(notice, case) if outcome in BY_SILENCE else None
    return ClosingFacts(
        vendor=views.vendor,
        outcome=_outcome_facts(outcome, notice, case, views),
        change_title=change_title(change, w),
        window=window,
        proof=ProofKind(notice.served_proof) if window and notice.served_proof else None,
        corrects=corrects,
    )


def write_window_longer(request: MailRequest, views: MailViews) -> MailText:
    if is_about_extension(request.message.logical_key):
        return extension_mail(
            request.notice(views),
            request.message.case_id or 0,
            told_ends(request.message.logical_key),
            views,
            language=request.message.language,
            link=request.link,
        )
    # The key ends with the proposal that was applied.
    told = views.longer.get(proposal_of(request.message.logical_key))
    if told is None or not told.told:
        raise NothingToSay(f"{request.message.logical_key}: no deadline became later")
    return longer_mail(
        request.notice(views), told, views, language=request.message.language, link=request.link
    )


def proposal_of(logical_key: str) -> int:
    """The recomputation that a mail about a later deadline tells of."""
    return int(logical_key.rsplit(":", 1)[1])


def write_postponed(request: MailRequest, views: MailViews) -> MailText:
    notice = request.notice(views)
    w = views.wording(notice, request.message.language)
    case = next(iter(views.cases(notice, request.message.case_id or 0)), None)
    facts = postponed_facts(notice, case, views, w) if case is not None else None
    if facts is None:
        raise NothingToSay(f"{request.message.logical_key}: the change has no day any more")
    return postponed_mail(facts, views.party(notice), views.vendor, request.link, w)


def write_withdrawn(request: MailRequest, views: MailViews) -> MailText:
    notice = request.notice(views)
    case = next(iter(views.cases(notice, request.message.case_id or 0)), None)
    if case is None or not views.facts.changes[case.change_id].is_withdrawn:
        raise NothingToSay(f"{request.message.logical_key}: no change was withdrawn")
    language = request.message.language
    return withdrawn_of_case(notice, case, views, language=language, link=request.link)


def write_reminder(request: MailRequest, views: MailViews) -> MailText:
    return reminder_mail(request.message, request.notice(views), views, link=request.link)


def write_receipt(request: MailRequest, views: MailViews) -> MailText:
    notice = request.notice(views)
    w = views.wording(notice, request.message.language)
    response = views.response(request.response_id(views), w)
    return receipt_mail(response, views.party(notice), views.vendor, request.link, w)


def write_answer(request: MailRequest, views: MailViews) -> MailText:
    notice = request.notice(views)
    if legal_message_of(request.message.logical_key) is not None:
        return legal_message_mail(request.message, notice, views, link=request.link)
    w = views.wording(notice, request.message.language)
    response_id = request.response_id(views)
    reply = views.facts.responses[response_id].answer
    if not reply:
        raise NothingToSay(f"{request.message.logical_key}: there is no answer")
    response = views.response(response_id, w)
    party = views.party(notice)
    return answer_mail(response, reply, party, views.vendor, request.link, w, at=views.at)


def write_objection_alarm(request: MailRequest, views: MailViews) -> MailText:
    notice = request.notice(views)
    w = _legal_wording(request, views)
    response_id = request.response_id(views)
    cases = views.cases(notice, request.message.case_id)
    return objection_alarm_mail(
        views.response(response_id, w),
        views.party(notice),
        [views.facts.changes[case.change_id].facts.name for case in cases],
        request.desk_links(cases),
        w,
        disowned=request.message.logical_key.endswith(":disowned"),
        in_use=[
            change.facts.name
            for change in (views.facts.changes[case.change_id] for case in cases)
            if change.is_in_force
        ],
    )


def write_delivery_alarm(request: MailRequest, views: MailViews) -> MailText:
    notice = request.notice(views)
    failed = views.undelivered.get(notice.id, ())
    return delivery_alarm_mail(
        views.party(notice),
        HoldReason(notice.failure_reason or HoldReason.NOT_SERVED),
        notice.failure or "",
        [Failure(one.to_address, one.words, one.letter_to) for one in failed],
        request.desk_links(views.cases(notice, None)),
        _legal_wording(request, views),
        letters_to=views.letters.get(notice.id, ()),
    )


def write_transfer_alarm(request: MailRequest, views: MailViews) -> MailText:
    told = views.lapses.get(request.message.logical_key)
    if not told:
        raise NothingToSay(f"{request.message.logical_key}: nothing ends")
    w = _legal_wording(request, views)
    zone = views.vendor_time_zone
    return told_mail(request.message, told, w, public_url=request.public_url, zone=zone)


def write_legal_digest(request: MailRequest, views: MailViews) -> MailText:
    w = _legal_wording(request, views)
    return legal_digest_mail(request.message, views.digest, w, public_url=request.public_url)


def write_address_changed(request: MailRequest, views: MailViews) -> MailText:
    return told_address_mail(request.message, views)


def write_objection_step(request: MailRequest, views: MailViews) -> MailText:
    told = request.about.steps.get(number_of(request.message.logical_key))
    if told is None or told.step.undone_at is not None:
        raise NothingToSay(f"{request.message.logical_key}: the step was taken back")
    notice = request.notice(views)
    w = views.wording(notice, request.message.language)
    return write_told_step(told, notice, views, request.link, w)


def write_step_alarm(request: MailRequest, views: MailViews) -> MailText:
    notice = request.notice(views)
    (link,) = request.desk_links(views.cases(notice, request.message.case_id or 0))
    w = _legal_wording(request, views)
    mail = write_told_legal(request.message, request.about, notice, views, link, w)
    if mail is None:
        raise NothingToSay(f"{request.message.logical_key}: it is dealt with")
    return mail


def write_release_alarm(request: MailRequest, views: MailViews) -> MailText:
    refused = views.refused_hours.get(request.message.logical_key)
    if refused is None:
        raise NothingToSay(f"{request.message.logical_key}: no such release")
    return release_alarm_mail(refused, _legal_wording(request, views), request.public_url)


def write_code(request: MailRequest, views: MailViews) -> MailText:
    """Codes are never stored, so no message of the outbox can carry one."""
    raise NothingToSay(f"{request.message.logical_key}: codes do not go through the outbox")


WRITERS: Mapping[MessagePurpose, Callable[[MailRequest, MailViews], MailText]] = {
    MessagePurpose.NOTICE: write_notice,
    MessagePurpose.RECEIPT: write_receipt,
    MessagePurpose.CLOSING: write_closing,
    MessagePurpose.CODE: write_code,
    MessagePurpose.OBJECTION_ALARM: write_objection_alarm,
    MessagePurpose.DELIVERY_ALARM: write_delivery_alarm,
    MessagePurpose.ANSWER: write_answer,
    MessagePurpose.WINDOW_LONGER: write_window_longer,
    MessagePurpose.POSTPONED: write_postponed,
    MessagePurpose.WITHDRAWN: write_withdrawn,
    MessagePurpose.TRANSFER_ALARM: write_transfer_alarm,
    MessagePurpose.REMINDER: write_reminder,
    MessagePurpose.LEGAL_DIGEST: write_legal_digest,
    MessagePurpose.ADDRESS_CHANGED: write_address_changed,
    MessagePurpose.OBJECTION_STEP: write_objection_step,
    MessagePurpose.STEP_ALARM: write_step_alarm,
    MessagePurpose.RELEASE_ALARM: write_release_alarm,
}


def _legal_wording(request: MailRequest, views: MailViews) -> Wording:
    return wording_for(request.message.language, views.vendor_time_zone)


def _outcome_facts(
    outcome: Outcome, notice: NoticeOfMail, case: CaseOfMail, views: MailViews
) -> OutcomeFacts:
    change = views.facts.changes[case.change_id]
    settlement = views.facts.settlements.get(case.id)
    ended: tuple[str, ...] = ()
    last_day = None
    if outcome is Outcome.TERMINATED and settlement is not None:
        ended = tuple(views.facts.services.get(key, key) for key in settlement.services or ())
        effect_on = settled_effect_on(settlement, views.terms(notice), change.commencement_on)
        if effect_on is not None:
            last_day = effect_on - timedelta(days=1)
        elif case.closes_at is not None:
            last_day = views.wording(notice, "en").last_day(case.closes_at)[0]
    return OutcomeFacts(
        outcome=outcome,
        name=(change.before or change.facts).name,
        kind=change.kind,
        terms=views.terms(notice),
        commencement_on=change.commencement_on,
        ended_services=ended,
        last_service_on=last_day,
        unresolved_until=case.unresolved_ends_at,
    )
