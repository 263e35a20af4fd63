"""The client portal: signing in by a link, the next deadline, notices, the list, contacts."""

from subnotify.web.portal import calendar, contacts, documents, pages, sign_in, steps
from subnotify.web.portal.blueprint import portal

__all__ = ["calendar", "contacts", "documents", "pages", "portal", "sign_in", "steps"]
