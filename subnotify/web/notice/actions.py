"""The buttons of a notice: what its reader may still answer, each with the same weight."""

from collections.abc import Iterator
from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext

from subnotify.rules.objections import live_objections
from subnotify.rules.responses import objection_terminates, online_objection_is_valid
from subnotify.rules.words import ResponseKind
from subnotify.storage.notice_reading import ChangeShown
from subnotify.web.language import page_wording
from subnotify.web.notice.opening import OpenedNotice
from subnotify.web.notice.receipt_parts import needs_letter
from subnotify.wording.silence import is_request

ENDPOINTS = {
    ResponseKind.OBJECTION: "notice.object_page",
    ResponseKind.NO_OBJECTION: "notice.no_objection_page",
    ResponseKind.WAIVER: "notice.waive_page",
    ResponseKind.WITHDRAWAL: "notice.withdraw_page",
    ResponseKind.QUESTION: "notice.ask_page",
    ResponseKind.ACKNOWLEDGEMENT: "notice.acknowledge_page",
    ResponseKind.WRONG_PERSON: "notice.wrong_person_page",
}


@dataclass(frozen=True)
class Action:
    """A button. hint: what it starts, where that is not plain."""

    text: str
    address: str
    hint: str = ""


def notice_actions(opened: OpenedNotice) -> tuple[Action, ...]:
    """What may be answered to the notice, in the order of a decision."""
    kinds = [kind for kind in ENDPOINTS if opened.can_take(kind)]
    if _has_answered(opened):
        kinds = [kind for kind in kinds if kind is not ResponseKind.ACKNOWLEDGEMENT]
    letters: tuple[Action, ...] = ()
    open_to_it = opened.can_take(ResponseKind.OBJECTION)
    if open_to_it and all(_is_objected(opened, change) for change in open_to_it):
        # Nothing is gained by objecting twice (the page still takes it); the letter may be next.
        kinds = [kind for kind in kinds if kind is not ResponseKind.OBJECTION]
        letters = tuple(_letters(opened, open_to_it))
    return (*letters, *(_action(opened, kind, opened.can_take(kind)) for kind in kinds))


def change_actions(opened: OpenedNotice, change: ChangeShown) -> tuple[Action, ...]:
    """What may be answered to one change of several."""
    possible = opened.possible_answers(change)
    kinds = (
        ResponseKind.OBJECTION,
        ResponseKind.NO_OBJECTION,
        ResponseKind.WAIVER,
        ResponseKind.WITHDRAWAL,
    )
    objected = _is_objected(opened, change)
    return (
        *(_letters(opened, (change,)) if objected else ()),
        *(
            _action(opened, kind, (change,), change_id=change.case_id)
            for kind in kinds
            if kind in possible and not (objected and kind is ResponseKind.OBJECTION)
        ),
    )


def action_after_closing(opened: OpenedNotice) -> Action | None:
    """An objection is taken even then; a person looks at what it changes."""
    if not opened.can_take(ResponseKind.OBJECTION):
        return None
    return Action(
        gettext("Object all the same"),
        url_for(ENDPOINTS[ResponseKind.OBJECTION], token=opened.token),
        gettext("The change is closed: your objection is recorded and a person looks at it."),
    )


def _action(
    opened: OpenedNotice,
    kind: ResponseKind,
    changes: tuple[ChangeShown, ...],
    *,
    change_id: int | None = None,
) -> Action:
    address = url_for(ENDPOINTS[kind], token=opened.token, change=change_id)
    is_of_one = change_id is not None
    text, hint = _words(opened, kind, changes)
    if is_request(opened.terms):
        return Action(text, address, "" if is_of_one else hint)
    if is_of_one and kind is ResponseKind.OBJECTION and not objection_terminates(opened.terms):
        text = gettext("Object to this change")
    if is_of_one and kind is ResponseKind.WAIVER:
        text = gettext("Accept this change at once")
    if is_of_one and kind is ResponseKind.NO_OBJECTION:
        text = gettext("No objection to this change")
    return Action(text, address, "" if is_of_one else hint)


def _words(
    opened: OpenedNotice, kind: ResponseKind, changes: tuple[ChangeShown, ...]
) -> tuple[str, str]:
    match kind:
        case ResponseKind.OBJECTION if objection_terminates(opened.terms):
            names = opened.shown.brief.services_of([x.case_id for x in changes])
            services = page_wording().listed(list(names.values()), "or")
            return (
                gettext("Start an objection: this terminates %(services)s", services=services),
                gettext("You see the consequences before you send anything."),
            )
        case ResponseKind.OBJECTION:
            text = gettext("Refuse") if is_request(opened.terms) else gettext("Object")
            return text, _when_it_counts(opened, changes)
        case ResponseKind.NO_OBJECTION:
            text = gettext("Authorise") if is_request(opened.terms) else gettext("No objection")
            return text, gettext("Counts once you enter a code that we mail.")
        case ResponseKind.WAIVER:
            return (
                gettext("Accept at once"),
                gettext("Gives up the rest of the period. Counts once you enter a code."),
            )
        case ResponseKind.WRONG_PERSON:
            return (
                gettext("I am not the right person"),
                gettext("Names somebody else. Nothing about the notice changes."),
            )
        case ResponseKind.WITHDRAWAL:
            return (
                gettext("Withdraw my objection"),
                gettext("Counts once you enter a code that we mail."),
            )
        case ResponseKind.ACKNOWLEDGEMENT:
            return gettext("Acknowledge receipt"), gettext("Receipt only, not an answer.")
        case _:
            return gettext("Ask a question"), gettext("Or ask for more time. A person answers.")


def _is_objected(opened: OpenedNotice, change: ChangeShown) -> bool:
    return bool(live_objections(opened.facts[change.case_id]))


def _letters(opened: OpenedNotice, changes: tuple[ChangeShown, ...]) -> Iterator[Action]:
    """The letter of the last objection that still needs one."""
    w = page_wording()
    live = {x.number for change in changes for x in live_objections(opened.facts[change.case_id])}
    given = [x for x in opened.responses if x.id in live and needs_letter(opened, x, w)]
    if given:
        address = url_for("notice.letter_page", token=opened.token, reference=given[-1].reference)
        yield Action(gettext("Open the letter to print and sign"), address)


def _when_it_counts(opened: OpenedNotice, changes: tuple[ChangeShown, ...]) -> str:
    windows = [opened.facts[x.case_id].window for x in changes]
    if all(window is not None and opened.at >= window.closes_at for window in windows):
        return str(gettext("Recorded as late: a person looks at it."))
    if not online_objection_is_valid(opened.terms):
        return str(
            gettext("Recorded at once, but not valid by itself: you see what else is needed.")
        )
    return str(gettext("Counts as soon as you send it."))


def _has_answered(opened: OpenedNotice) -> bool:
    """Any answer through the link proves receipt: nothing is left to acknowledge, until the
    notice is served anew."""
    since = opened.shown.queued_at
    return any(
        response.contact_id == opened.link.contact_id
        and response.kind is not ResponseKind.WRONG_PERSON
        and (since is None or response.received_at >= since)
        for response in opened.responses
    )
