"""`subnotify mail ...`: whether mail can reach clients, and what comes back."""

import click


@click.group("mail")
def mail() -> None:
    """Sending: is it set up so that mails arrive? And what comes back."""
