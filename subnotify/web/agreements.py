"""Clients' agreements on the desk, to read: they come from the import file."""

from flask import Blueprint, render_template, request, url_for

from subnotify.rules.terms_reading import terms_from_mapping
from subnotify.rules.words import Role
from subnotify.storage.agreement_pages import count_agreements, list_agreements
from subnotify.storage.database import db
from subnotify.web.access import needs_role
from subnotify.web.language import page_wording
from subnotify.wording.not_computable import not_computable_reason
from subnotify.wording.notice_terms import terms_sentence

PAGE_SIZE = 50

agreements = Blueprint("agreements", __name__, url_prefix="/desk/agreements")


@agreements.route("")
@needs_role(*Role)
def show_agreements() -> str:
    """A page of agreements: services, contacts, terms, and whether dates can be computed."""
    w = page_wording()
    total = count_agreements(db.session())
    last = max(1, -(-total // PAGE_SIZE))
    page = min(max(1, request.args.get("page", 1, type=int)), last)
    listed = list_agreements(db.session(), skip=(page - 1) * PAGE_SIZE, most=PAGE_SIZE)
    return render_template(
        "desk/agreements.html",
        rows=[
            (
                x,
                terms_sentence(terms_from_mapping(x.terms) if x.terms else None, w),
                not_computable_reason(x.not_computable, w) if x.not_computable else "",
            )
            for x in listed
        ],
        total=total,
        earlier=url_for(".show_agreements", page=page - 1) if page > 1 else None,
        later=url_for(".show_agreements", page=page + 1) if page < last else None,
        page=page,
        last=last,
    )
