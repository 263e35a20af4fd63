"""The page of one case: everything on record about it, and what legal can do."""

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from subnotify.rules.allowed_countries import read_countries
from subnotify.rules.gates import may_use_early
from subnotify.rules.terms_words import DataAtEnd
from subnotify.rules.words import (
    CaseState,
    HoldReason,
    NoticeState,
    Outcome,
    ProofKind,
    Role,
    SettlementKind,
)
from subnotify.storage.board_choices import list_owners
from subnotify.storage.case_file import load_case_file
from subnotify.storage.case_head import CaseHead
from subnotify.storage.case_papers import list_papers
from subnotify.storage.data_returns import find_data_return
from subnotify.storage.database import db
from subnotify.storage.hold_facts import load_hold_facts
from subnotify.storage.legal_messages import list_legal_messages
from subnotify.storage.objection_steps import list_steps
from subnotify.storage.operators import list_operators
from subnotify.storage.tables import SettlementRow
from subnotify.web.access import current_operator, needs_role, request_at
from subnotify.web.case_clocks import clock_rows, termination_facts
from subnotify.web.case_history import history, message_views
from subnotify.web.case_views import (
    evidence_lines,
    judged_timeliness,
    objections_in_wrong_form,
    possible_steps,
    standing_settlement,
    title_of,
    why_open,
)
from subnotify.web.hold_views import hold_views
from subnotify.web.language import page_wording
from subnotify.web.objection_way import Way, way_steps
from subnotify.web.threads import thread_entries
from subnotify.wording.clauses import quotation, with_clause
from subnotify.wording.countries import countries_listed
from subnotify.wording.data_returns import data_at_end_sentence, data_choice_words
from subnotify.wording.notice_terms import terms_lines, terms_sentence
from subnotify.wording.proofs import proof_sentence
from subnotify.wording.window_steps import step_sentences

cases = Blueprint("cases", __name__)


@cases.route("/desk/cases/<int:case_id>")
@needs_role(*Role)
def show_case(case_id: int) -> str:
    file = load_case_file(db.session(), case_id, at=request_at())
    head, w = file.head, page_wording()
    terms = head.facts.terms
    local = page_wording(head.zone)
    names = {operator.id: operator.name for operator in list_operators(db.session())}
    settlement = standing_settlement(file)
    owed = find_data_return(db.session(), case_id)
    proof = head.notice.served_proof
    behind = load_hold_facts(db.session(), head, [HoldReason(hold) for hold in head.case.holds])
    return render_template(
        "desk/cases/case.html",
        file=file,
        owners=list_owners(db.session()),
        head=head,
        title=title_of(head, w),
        state=CaseState(head.case.state),
        outcome=Outcome(head.case.outcome) if head.case.outcome else None,
        notice_state=NoticeState(head.notice.state),
        blocked_places=countries_listed(read_countries(head.case.blocked_countries), w),
        holds=hold_views(
            file, behind, w, is_legal=Role.LEGAL in current_operator().roles, at=request_at()
        ),
        frozen_at=behind.frozen_at,
        why=why_open(file, w, at=request_at()),
        terms_text=with_clause(f"{_sentence(terms_sentence(terms, w))}.", terms, w),
        terms_quotation=quotation(terms),
        terms_lines=terms_lines(terms, w) if terms else (),
        proof=proof_sentence(ProofKind(proof), w) if proof else "",
        steps=step_sentences(head.window, w) if head.window else (),
        settlement=settlement,
        services_that_end=_services_that_end(head, settlement),
        clocks=clock_rows(head, settlement, local),
        papers=list_papers(db.session(), case_id),
        owed=owed,
        way=way_steps(
            Way(
                head,
                list_steps(db.session(), [case_id])[case_id],
                settlement,
                owed,
                request_at(),
            )
        ),
        data_wanted=data_at_end_sentence(DataAtEnd(owed.wanted), w) if owed else "",
        data_choice=data_choice_words(DataAtEnd(owed.choice), w) if owed and owed.choice else "",
        termination=termination_facts(head, settlement, w)
        if settlement is not None and settlement.kind == SettlementKind.TERMINATED
        else (),
        settlement_kind=SettlementKind(settlement.kind) if settlement else None,
        judged=judged_timeliness(file),
        wrong_form=objections_in_wrong_form(file),
        received_on={x.id: local.local(x.received_at).date() for x in file.responses},
        messages_between=thread_entries(
            file.responses, list_legal_messages(db.session(), head.notice.id), local
        ),
        history=history(file, names, w),
        messages=message_views(file.messages, w),
        evidence=evidence_lines(file.evidence, names, w),
        possible=possible_steps(file, at=request_at()),
        is_legal=Role.LEGAL in current_operator().roles,
        uses_early=may_use_early(
            CaseState(head.case.state),
            [HoldReason(hold) for hold in head.case.holds],
            head.case.early_use_at,
            at=request_at(),
        ),
    )


@cases.route("/desk/cases")
@needs_role(*Role)
def list_cases() -> Response:
    """There is one list of cases: the board."""
    return redirect(url_for("board.show_board"), code=303)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _services_that_end(head: CaseHead, settlement: SettlementRow | None) -> list[str]:
    keys = settlement.services if settlement else []
    return [service.name for service in head.services if service.key in keys]
