"""A mail of a draft release as an operator tries it, marked as no notice."""

import html as markup

from subnotify.wording.language import Wording
from subnotify.wording.mails import MailText, subject_line, wrapped

_BEGIN = '<div class="mail">\n'


def as_trial(mail: MailText, w: Wording) -> MailText:
    """The same words below a sentence that says what they are, in subject and both bodies."""
    said = w.gettext(
        "This is a trial: nobody was notified, no deadline runs, and the link in it opens nothing."
    )
    subject = w.gettext("[Trial] %(subject)s", subject=mail.subject)
    note = f"<p><strong>{markup.escape(said)}</strong></p>\n"
    return MailText(
        subject_line(subject),
        f"{wrapped(said)}\n\n{mail.text}",
        mail.html.replace(_BEGIN, _BEGIN + note, 1),
    )
