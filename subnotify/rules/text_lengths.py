"""Texts that people write: how long each may be."""

from collections.abc import Iterable

from subnotify.rules.errors import Problem


def length_problems(*texts: tuple[str, str, int]) -> Iterable[Problem]:
    """A problem for each text that is too long. texts: the field, what stands in it, and how many
    characters it may have at most."""
    for where, text, longest in texts:
        if len(text) > longest:
            yield Problem(
                where,
                "This text is too long.",
                "Shorten it to %(longest)s characters at most.",
                (("longest", str(longest)),),
            )
