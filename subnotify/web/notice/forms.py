"""The forms of a client's answers. What they must hold is said in rules/responses.py alone."""

import secrets
from collections.abc import Mapping
from typing import Any

from flask_babel import gettext, lazy_gettext
from wtforms import BooleanField, HiddenField, RadioField, StringField, TextAreaField

from subnotify.operations.answers_alike import list_alike, list_apart
from subnotify.rules.responses import (
    ABOUT_CASES,
    LONGEST_NAME,
    Answer,
    asks_for_grounds,
    asks_for_services,
)
from subnotify.rules.words import ResponseKind
from subnotify.storage.database import db
from subnotify.web.forms_base import CheckboxesField, PageForm, at_most, filled, strip
from subnotify.web.language import page_wording
from subnotify.web.notice.facts import change_facts
from subnotify.web.notice.opening import OpenedNotice
from subnotify.wording.change_facts import change_title
from subnotify.wording.deadlines import deadline_words


def _number(value: Any) -> int:
    """A case's number; anything else is no case of this notice and is not found."""
    text = str(value)
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 12 else -1


class LinkForm(PageForm):
    """A form that checks its own token (web/csrf.py: csrf_in_form)."""

    def explain_stale(self) -> None:
        """Say so where the token did not match: the cookie is missing or old."""
        if not self.csrf_token.errors:
            return
        self.csrf_token.errors = []
        self.refuse_with(
            gettext(
                "Nothing has been sent yet: this page was open for too long, or your browser keeps"
                " no cookies for this site. What you entered is kept: check it and send it again."
            )
        )


class AnswerForm(LinkForm):
    """An answer of any kind; each page shows the fields it needs."""

    form_key = HiddenField()
    ask_for = RadioField(
        lazy_gettext("What do you need?"),
        choices=[],
        default=ResponseKind.QUESTION.value,
        validate_choice=False,
    )
    cases = CheckboxesField(
        lazy_gettext("Which changes?"), coerce=_number, choices=[], validate_choice=False
    )
    services = CheckboxesField(
        lazy_gettext("Which services do you terminate?"), choices=[], validate_choice=False
    )
    elsewhere = CheckboxesField(
        lazy_gettext("Answer alike under your other agreements"),
        coerce=_number,
        choices=[],
        validate_choice=False,
    )
    text = TextAreaField(lazy_gettext("Your text"), filters=[strip])
    conditions = TextAreaField(lazy_gettext("We would not object if"), filters=[strip])
    named_name = StringField(lazy_gettext("Name of the right person"), filters=[strip])
    named_address = StringField(lazy_gettext("Email address of the right person"), filters=[strip])
    by_name = StringField(lazy_gettext("Your first and last name"), filters=[strip])
    by_role = StringField(lazy_gettext("Your role"), filters=[strip])

    offered_cases: tuple[tuple[int, str], ...] = ()
    offered_services: tuple[tuple[str, str], ...] = ()
    # Agreements of the client under which this answer is given in their own notice alone.
    apart: tuple[str, ...] = ()

    def offer(self, opened: OpenedNotice, kind: ResponseKind) -> None:
        """The choices that this notice gives for this answer: (value, words)."""
        w = page_wording()
        changes = opened.can_take(kind)
        self.offered_cases = tuple((x.case_id, change_title(change_facts(x), w)) for x in changes)
        services = opened.shown.brief.services_of([x.case_id for x in changes])
        self.offered_services = tuple(sorted(services.items(), key=lambda pair: pair[1]))
        self.ask_for.choices = [
            (ResponseKind.QUESTION.value, gettext("An answer to a question")),
            (ResponseKind.MORE_TIME.value, gettext("More time")),
        ]
        self.elsewhere.choices = _alike_choices(opened, kind)
        if kind is ResponseKind.OBJECTION:
            found = list_apart(db.session(), opened.link, kind, at=opened.at)
            self.apart = tuple(one.agreement for one in found)
        self.cases.choices = list(self.offered_cases)
        self.services.choices = list(self.offered_services)

    def begin(self, chosen: str | None) -> None:
        """Shown for the first time. chosen: the change whose button was pressed, if any."""
        self.renew()
        self.cases.data = [_number(chosen)] if chosen else []

    def renew(self) -> None:
        self.form_key.data = secrets.token_urlsafe(24)

    @property
    def asks_for_changes(self) -> bool:
        """With one change there is nothing to choose, unless another one was meant: what was sent
        is never turned into an answer about what happens to be left."""
        offered = {value for value, _ in self.offered_cases}
        meant = set(self.cases.data or ())
        if len(offered) == 1:
            return meant != offered if self.is_submitted() else not meant <= offered
        return len(offered) > 1

    @property
    def asks_which_services(self) -> bool:
        return len(self.offered_services) > 1

    def answer(self, opened: OpenedNotice, kind: ResponseKind) -> Answer:
        """What was entered, whatever is still offered now: the page sends also what it left no
        choice about. Filled in is only what the whole notice has one of."""
        every = [change.case_id for change in opened.changes]
        if len(every) == 1 and not self.cases.data:
            self.cases.data = every
        case_ids = tuple(self.cases.data or ())
        if kind not in ABOUT_CASES:
            case_ids = ()  # it speaks of the whole notice
        services: tuple[str, ...] = ()
        if kind is ResponseKind.OBJECTION and asks_for_services(opened.terms):
            bought = opened.shown.brief.services_of(every)
            services = tuple(self.services.data or (bought if len(bought) == 1 else ()))
        return Answer(
            kind=kind,
            by_name=self.by_name.data or "",
            by_role=self.by_role.data or "",
            text=self.text.data or "",
            case_ids=case_ids,
            services=services,
            **self._said_of_kind(kind),
        )

    def _said_of_kind(self, kind: ResponseKind) -> dict[str, str]:
        """What only some kinds of answers hold; the field of another kind counts for nothing."""
        fields: Mapping[ResponseKind, tuple[StringField, ...]] = {
            ResponseKind.OBJECTION: (self.conditions,),
            ResponseKind.WRONG_PERSON: (self.named_name, self.named_address),
        }
        return {field.name: field.data or "" for field in fields.get(kind, ())}


def _alike_choices(opened: OpenedNotice, kind: ResponseKind) -> list[tuple[int, str]]:
    """By notice: the agreement, with its own deadline in its own zone."""
    w = page_wording()
    found = list_alike(db.session(), opened.link, kind, at=opened.at)
    return [
        (
            one.link.notice_id,
            gettext(
                "Agreement %(agreement)s, %(deadline)s",
                agreement=one.agreement,
                deadline=deadline_words(one.closes_at, one.zone, w),
            )
            if one.closes_at
            else gettext("Agreement %(agreement)s", agreement=one.agreement),
        )
        for one in found
    ]


class CodeForm(LinkForm):
    code = StringField(lazy_gettext("Code from the mail"), filters=[strip])


def text_label(kind: ResponseKind, opened: OpenedNotice) -> Mapping[str, Any]:
    """How the text field of a page is called, and whether it may stay empty."""
    if kind is ResponseKind.OBJECTION:
        asked = asks_for_grounds(opened.terms)
        return {
            "label": gettext("Your grounds") if asked else gettext("Your reasons"),
            "is_optional": not asked,
        }
    if kind is ResponseKind.QUESTION:
        return {"label": gettext("Your question or request"), "is_optional": False}
    return {"label": gettext("A remark"), "is_optional": True}


class AgainForm(LinkForm):
    """Asks for another code. The box is what a scanner that presses buttons does not tick."""

    nothing_came = BooleanField(
        lazy_gettext("No mail has come, not even in the folder for unwanted mail."),
        validators=[filled(lazy_gettext("Tick the box to have another code mailed."))],
    )


class DisownForm(LinkForm):
    by_name = StringField(
        lazy_gettext("Your first and last name"),
        filters=[strip],
        validators=[
            filled(lazy_gettext("Your name is missing. Enter your first and last name.")),
            at_most(LONGEST_NAME),
        ],
    )
