"""Texts that people wrote, made to fit where they are said."""


def one_line(text: str) -> str:
    """A postal address or other text of several lines, on one."""
    return ", ".join(part.strip().rstrip(",") for part in text.splitlines() if part.strip())
