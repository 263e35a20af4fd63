"""Opens a notice by its personal link: everything the client's pages show, loaded through it.

The views are in views (reading), answers and receipts; all hang on the blueprint here.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from flask import Blueprint, current_app, render_template
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from subnotify.config import Settings
from subnotify.rules.case_facts import CaseFacts
from subnotify.rules.errors import NotFound
from subnotify.rules.objection_steps import ObjectionStep
from subnotify.rules.responses import possible_answers
from subnotify.rules.settlements import as_the_client_sees
from subnotify.rules.terms import NoticeTerms
from subnotify.rules.words import ResponseKind
from subnotify.storage.agreement_names import agreement_of_notices
from subnotify.storage.cases import load_case_facts
from subnotify.storage.database import db
from subnotify.storage.notice_links import NoticeLink, find_link, is_left_by_portal
from subnotify.storage.notice_reading import ChangeShown, NoticeShown, get_notice_shown
from subnotify.storage.objection_steps import list_steps
from subnotify.storage.responses import StoredResponse, list_followers, list_responses
from subnotify.web.access import request_at, token_digest
from subnotify.web.language import set_page_language, set_page_zone

notice_pages = Blueprint("notice", __name__, url_prefix="/n/<token>")

# What a view returns.
Page = Response | str | tuple[str, int]


class LinkUnknown(NotFound):
    """No notice has this link, or it was revoked: which of the two is not said."""


class SignInEnded(NotFound):
    """The portal made this link, and the session that it belonged to is over."""


@dataclass(frozen=True)
class OpenedNotice:
    """One notice as one contact opens it at `at`. facts, steps (of objections): by case."""

    token: str = field(repr=False)
    link: NoticeLink
    shown: NoticeShown
    facts: Mapping[int, CaseFacts]
    responses: tuple[StoredResponse, ...]
    at: datetime
    steps: Mapping[int, Sequence[ObjectionStep]] = field(default_factory=dict)

    @property
    def terms(self) -> NoticeTerms | None:
        return self.shown.brief.terms

    @property
    def changes(self) -> tuple[ChangeShown, ...]:
        return self.shown.changes

    def can_take(self, kind: ResponseKind) -> tuple[ChangeShown, ...]:
        """The changes that still take an answer of this kind."""
        return tuple(x for x in self.changes if kind in self.possible_answers(x))

    def possible_answers(self, change: ChangeShown) -> frozenset[ResponseKind]:
        """What the holder of this link may still answer to a change."""
        return possible_answers(self.facts[change.case_id], self.link.contact_kind)

    def responses_to(self, case_id: int) -> tuple[StoredResponse, ...]:
        """What was answered to one change; not what speaks of the whole notice."""
        return tuple(x for x in self.responses if x.case_id == case_id)


def open_notice(session: Session, token: str, *, at: datetime) -> OpenedNotice:
    """Raises LinkUnknown, SignInEnded."""
    digest = token_digest(token)
    link = find_link(session, digest, at=at)
    if link is None:
        raise SignInEnded if is_left_by_portal(session, digest, at=at) else LinkUnknown
    shown = get_notice_shown(session, link.notice_id, at=at)
    facts = load_case_facts(session, shown.brief.case_ids, at=at)
    return OpenedNotice(
        token=token,
        link=link,
        shown=shown,
        facts={case_id: as_the_client_sees(facts[case_id], at=at) for case_id in facts},
        responses=list_responses(session, link.notice_id),
        at=at,
        steps=list_steps(session, shown.brief.case_ids),
    )


def open_page(token: str) -> OpenedNotice:
    """The notice of this request's link, its page told in the agreement's language and zone.

    Raises LinkUnknown, SignInEnded.
    """
    opened = open_notice(db.session(), token, at=request_at())
    set_page_language(opened.shown.language)
    set_page_zone(opened.shown.time_zone)
    return opened


@dataclass(frozen=True)
class GivenAlike:
    """An answer given with the same form under another agreement of the client."""

    agreement: str
    response: StoredResponse


def given_alike(opened: OpenedNotice, response_ids: Collection[int]) -> tuple[GivenAlike, ...]:
    """What this contact answered alike; another contact of the agreement learns nothing of it."""
    own = {x.id for x in opened.responses if x.contact_id == opened.link.contact_id}
    followers = list_followers(db.session(), own & set(response_ids))
    names = agreement_of_notices(db.session(), {x.notice_id for x in followers})
    return tuple(GivenAlike(names[x.notice_id], x) for x in followers)


def settings() -> Settings:
    given: Settings = current_app.config["SUBNOTIFY_SETTINGS"]
    return given


def code_key() -> bytes:
    """Keys the digests of codes."""
    return settings().secret_key.encode()


@notice_pages.errorhandler(LinkUnknown)
def show_unknown_link(_error: LinkUnknown) -> tuple[str, int]:
    db.session.rollback()
    return render_template("notice/unknown.html"), 404


@notice_pages.after_request
def keep_out_of_indexes(response: Response) -> Response:
    response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return response
