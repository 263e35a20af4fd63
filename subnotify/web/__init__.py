"""The web: parses a request, calls one operation or storage query, renders."""

from flask import Flask

from subnotify.config import Settings
from subnotify.web.agreement_end import agreement_end
from subnotify.web.agreement_steps import agreement_steps
from subnotify.web.agreements import agreements
from subnotify.web.api import api
from subnotify.web.api_tokens import api_tokens
from subnotify.web.board import board
from subnotify.web.board_calendar import board_calendar
from subnotify.web.board_charts import board_charts
from subnotify.web.board_export import board_export
from subnotify.web.board_steps import board_steps
from subnotify.web.case_actions import case_actions
from subnotify.web.case_papers import case_papers
from subnotify.web.case_timeline import case_timeline
from subnotify.web.cases import cases
from subnotify.web.client_lists import client_lists
from subnotify.web.clients import clients
from subnotify.web.confirmations import confirmations
from subnotify.web.country_exceptions import country_exceptions
from subnotify.web.data_actions import data_actions
from subnotify.web.delivery_hooks import delivery_hooks
from subnotify.web.documents import documents
from subnotify.web.gates import gates
from subnotify.web.imports import imports
from subnotify.web.incoming import incoming
from subnotify.web.incoming_filing import incoming_filing
from subnotify.web.incoming_letter_filing import incoming_letter_filing
from subnotify.web.incoming_letters import incoming_letters
from subnotify.web.lapses import lapses
from subnotify.web.letter_batches import letter_batches
from subnotify.web.letter_corrections import letter_corrections
from subnotify.web.letter_events import letter_events
from subnotify.web.letter_files import letter_files
from subnotify.web.letter_steps import letter_steps
from subnotify.web.letters import letters
from subnotify.web.mailbox import mailbox
from subnotify.web.mailbox_codes import mailbox_codes
from subnotify.web.morning import morning
from subnotify.web.notice import notice_pages
from subnotify.web.notice_history import notice_history
from subnotify.web.objection_actions import objection_actions
from subnotify.web.operator_calendar import operator_calendar
from subnotify.web.operators import operators
from subnotify.web.planning import planning
from subnotify.web.portal import portal
from subnotify.web.public import public
from subnotify.web.recomputations import recomputations
from subnotify.web.registry import registry
from subnotify.web.release_corrections import release_corrections
from subnotify.web.release_late import release_late
from subnotify.web.release_mail import release_mail
from subnotify.web.release_path import release_path
from subnotify.web.release_report import release_report
from subnotify.web.release_sending import release_sending
from subnotify.web.release_steps import release_steps
from subnotify.web.release_trials import release_trials
from subnotify.web.releases import releases
from subnotify.web.requests import requests
from subnotify.web.requests_new import requests_new
from subnotify.web.response_actions import response_actions
from subnotify.web.second_factor import second_factor
from subnotify.web.sending import sending
from subnotify.web.service_proof import service_proof
from subnotify.web.terms import terms
from subnotify.web.two_person_actions import two_person_actions
from subnotify.web.unproved import unproved
from subnotify.web.unreachable import unreachable

PAGES = (
    second_factor,
    public,
    service_proof,
    notice_pages,
    portal,
    registry,
    clients,
    agreements,
    agreement_steps,
    agreement_end,
    client_lists,
    country_exceptions,
    imports,
    terms,
    board,
    board_calendar,
    board_charts,
    board_export,
    board_steps,
    unreachable,
    unproved,
    case_timeline,
    cases,
    case_actions,
    case_papers,
    data_actions,
    objection_actions,
    two_person_actions,
    response_actions,
    gates,
    api,
    api_tokens,
    operator_calendar,
    operators,
    confirmations,
    morning,
    incoming,
    incoming_filing,
    incoming_letters,
    incoming_letter_filing,
    documents,
    requests_new,
    requests,
    letters,
    letter_batches,
    letter_events,
    letter_files,
    letter_corrections,
    letter_steps,
    notice_history,
    recomputations,
    lapses,
    releases,
    release_path,
    release_late,
    release_mail,
    release_corrections,
    release_steps,
    release_trials,
    planning,
    release_sending,
    release_report,
    sending,
)


def register_pages(app: Flask, settings: Settings) -> None:
    """Register the blueprints of the pages. Each declares who may open it (web/access.py)."""
    for pages in PAGES:
        app.register_blueprint(pages)
    if settings.webhook_secret is not None:
        app.register_blueprint(delivery_hooks)
    if settings.demo_mailbox is not None:
        app.register_blueprint(mailbox)
        app.register_blueprint(mailbox_codes)
