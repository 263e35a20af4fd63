"""The client's pages behind a notice link: reading, answering, receipts."""

from subnotify.web.notice import answers, downloads, ended, proposals, receipts, views
from subnotify.web.notice.opening import notice_pages

__all__ = ["answers", "downloads", "ended", "notice_pages", "proposals", "receipts", "views"]
