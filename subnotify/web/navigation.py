"""The operators' main navigation, by role."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import current_app, g, request, url_for
from flask_babel import lazy_gettext
from sqlalchemy.orm import Session

from subnotify.rules.words import Role
from subnotify.storage.database import db
from subnotify.storage.document_requests import count_open_requests
from subnotify.storage.incoming_letter_pages import count_waiting_letters
from subnotify.storage.incoming_pages import count_waiting_mails
from subnotify.storage.letter_batch_pages import count_prepared
from subnotify.storage.operators import Operator
from subnotify.storage.transfer_lapses import count_open_lapses
from subnotify.web.unreachable import count_for_navigation

# (text, endpoint, roles that see it). An entry whose endpoint the app lacks is left out.
ENTRIES: tuple[tuple[Callable[[], str], str, frozenset[Role]], ...] = (
    (lazy_gettext("Morning"), "morning.show_morning", frozenset({Role.LEGAL})),
    (lazy_gettext("Registry"), "registry.show_registry", frozenset(Role)),
    (lazy_gettext("Clients"), "clients.list_clients_page", frozenset(Role)),
    (lazy_gettext("Agreements"), "agreements.show_agreements", frozenset(Role)),
    (lazy_gettext("Releases"), "releases.list_releases", frozenset(Role)),
    (lazy_gettext("Sending"), "sending.show_queue", frozenset(Role)),
    (lazy_gettext("Board"), "board.show_board", frozenset({Role.LEGAL, Role.PUBLISHER})),
    (lazy_gettext("Mail"), "incoming.show_mails", frozenset({Role.LEGAL})),
    (lazy_gettext("Requests"), "requests.show_requests", frozenset({Role.LEGAL, Role.PUBLISHER})),
    (lazy_gettext("Letters"), "letters.show_letters", frozenset({Role.LEGAL, Role.PUBLISHER})),
    (lazy_gettext("Letters received"), "incoming_letters.show_letters", frozenset({Role.LEGAL})),
    (
        lazy_gettext("Out of reach"),
        "unreachable.show_unreachable",
        frozenset({Role.LEGAL, Role.PUBLISHER}),
    ),
    (lazy_gettext("Transfers"), "lapses.show_lapses", frozenset({Role.LEGAL, Role.PUBLISHER})),
    (lazy_gettext("Imports"), "imports.show_imports", frozenset({Role.LEGAL, Role.PUBLISHER})),
    (lazy_gettext("Confirmations"), "confirmations.show_confirmations", frozenset({Role.LEGAL})),
    (lazy_gettext("Operators"), "operators.show_operators", frozenset({Role.ADMIN})),
    (lazy_gettext("Tokens"), "api_tokens.show_tokens", frozenset({Role.ADMIN})),
)


# Entries that say how many things wait there.
COUNTS: dict[str, Callable[[Session], int]] = {
    "incoming.show_mails": count_waiting_mails,
    "incoming_letters.show_letters": count_waiting_letters,
    "letters.show_letters": count_prepared,
    "lapses.show_lapses": count_open_lapses,
    "requests.show_requests": count_open_requests,
    "unreachable.show_unreachable": count_for_navigation,
}


@dataclass(frozen=True)
class NavigationEntry:
    """count: what waits there; 0 is not shown."""

    text: str
    address: str
    is_current: bool
    count: int = 0


def count_waiting(endpoint: str) -> int:
    """What waits at one of COUNTS, for the page that is made now: asked once, however often it is
    said there."""
    counted: dict[str, int] = g.setdefault("waiting_counts", {})
    if endpoint not in counted:
        counted[endpoint] = COUNTS[endpoint](db.session())
    return counted[endpoint]


def list_navigation(operator: Operator | None) -> list[NavigationEntry]:
    """What this operator may open; nothing for anybody else."""
    if operator is None:
        return []
    here = request.path.rstrip("/")
    entries = []
    for text, endpoint, roles in ENTRIES:
        if endpoint in current_app.view_functions and operator.roles & roles:
            address = url_for(endpoint)
            path = address.split("?")[0].rstrip("/")
            is_current = here == path or here.startswith(path + "/")
            count = count_waiting(endpoint) if endpoint in COUNTS else 0
            entries.append(NavigationEntry(str(text), address, is_current, count))
    return entries
