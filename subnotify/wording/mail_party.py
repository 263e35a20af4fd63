"""What every mail to or about a client names."""

from dataclasses import dataclass

from subnotify.wording.lines import one_line


@dataclass(frozen=True)
class Party:
    """Under which agreement, of which client, and about which notice a mail is written."""

    client_name: str
    agreement_reference: str
    notice_reference: str

    @property
    def values(self) -> dict[str, str]:
        """For a template; each on one line."""
        return {
            "client_name": one_line(self.client_name),
            "agreement_reference": one_line(self.agreement_reference),
            "reference": self.notice_reference,
        }
