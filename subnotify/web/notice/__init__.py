"""The client's pages behind a notice link: reading, answering, receipts."""

from subnotify.web.notice import answers, receipts, views
from subnotify.web.notice.opening import notice_pages

__all__ = ["answers", "notice_pages", "receipts", "views"]
