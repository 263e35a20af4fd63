"""Settings for tests: a small vendor that sends to a mail server on this machine."""

import base64

SEAL_KEY = bytes(range(32))


def environment_for(
    database_url: str, *, public_url: str = "http://127.0.0.1:8000", smtp_port: int = 25
) -> dict[str, str]:
    """The SUBNOTIFY_* variables of an installation on `database_url`, and nothing else."""
    return {
        "SUBNOTIFY_DATABASE_URL": database_url,
        "SUBNOTIFY_SECRET_KEY": "only-for-tests-0123456789-abcdefghijklmnop",
        "SUBNOTIFY_SEAL_KEY": base64.b64encode(SEAL_KEY).decode(),
        "SUBNOTIFY_PUBLIC_URL": public_url,
        "SUBNOTIFY_SMTP_HOST": "127.0.0.1",
        "SUBNOTIFY_SMTP_PORT": str(smtp_port),
        "SUBNOTIFY_SMTP_SECURITY": "none",
        "SUBNOTIFY_MAIL_FROM": "privacy@vendor.example",
        "SUBNOTIFY_LEGAL_EMAIL": "legal@vendor.example",
    }
