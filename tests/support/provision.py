"""Run by `make test` before the tests: what they need is there, or this ends with the remedy."""

import sys

from tests.support.chromium import ChromiumMissing, provide_chromium
from tests.support.mail_servers import MailServersMissing, provide_mail_servers
from tests.support.postgres import PostgresMissing, find_programs, named_server


def main() -> int:
    """Print what will be used; 1 if something is missing and could not be provided."""
    try:
        print("Chromium:  ", provide_chromium())
        server = named_server()
        print("PostgreSQL:", server.render_as_string() if server else find_programs())
        print("Mail:      ", provide_mail_servers())
    except (ChromiumMissing, PostgresMissing, MailServersMissing) as missing:
        print(f"error: {missing}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
