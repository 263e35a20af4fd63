"""The same answer, given again: by the same form, or in the same words from another tab."""

import hashlib
from collections.abc import Mapping

from sqlalchemy.orm import Session

from subnotify.evidence.digest import canonical_json
from subnotify.rules.case_facts import CaseFacts
from subnotify.rules.objections import live_objections
from subnotify.rules.responses import Answer, services_meant
from subnotify.rules.words import ResponseKind
from subnotify.storage import responses
from subnotify.storage.notice_briefs import NoticeBrief
from subnotify.storage.notice_links import NoticeLink


def form_token(form_key: str, answer: Answer, case_id: int | None) -> str:
    """The same form with the same content is the same response; a changed one is another."""
    said = [answer.kind, answer.by_name, answer.by_role, answer.text, sorted(answer.services)]
    rare = [answer.conditions, answer.named_name, answer.named_address]
    if any(rare):
        said.append(rare)
    return hashlib.sha256(canonical_json([form_key, case_id, *said])).hexdigest()


def identical_objections(
    session: Session,
    link: NoticeLink,
    brief: NoticeBrief,
    answer: Answer,
    facts: Mapping[int, CaseFacts],
    targets: set[int | None],
) -> dict[int | None, int]:
    """Objections of this contact with the same words that still stand, by case: the same said
    from another tab is not said twice."""
    if answer.kind is not ResponseKind.OBJECTION:
        return {}
    live = {
        objection.number
        for case_id in targets
        if case_id is not None
        for objection in live_objections(facts[case_id])
        if not objection.is_disowned
    }
    return {
        given.case_id: given.id
        for given in responses.list_responses(session, link.notice_id)
        if given.id in live
        and given.case_id is not None
        and given.case_id in targets
        and (given.contact_id, given.by_name, given.by_role, given.text, given.conditions)
        == (link.contact_id, answer.by_name, answer.by_role, answer.text, answer.conditions)
        and given.services == services_meant(answer, brief.services_of([given.case_id]))
    }
