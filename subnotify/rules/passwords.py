"""Which passwords an operator may choose. Long and not obvious; no rules about kinds of characters
(they make passwords predictable: NIST SP 800-63B section 5.1.1.2)."""

from subnotify.rules.errors import RuleError

SHORTEST = 12
LONGEST = 1024

# What is tried first. Compared without case, digits at the end, and spaces.
_OBVIOUS = frozenset(
    [
        "password",
        "motdepasse",
        "subnotify",
        "letmein",
        "welcome",
        "bienvenue",
        "administrator",
        "administrateur",
        "changeme",
        "changemoi",
        "secret",
        "qwertyuiop",
        "azertyuiop",
        "qwerty",
        "azerty",
        "iloveyou",
        "jetaime",
        "passwordpassword",
        "motdepassemotdepasse",
        "correcthorsebatterystaple",
        "abcdefghijkl",
        "subprocessor",
        "subprocessors",
        "soustraitant",
        "soustraitants",
        "dataprotection",
    ]
)


class PasswordTooShort(RuleError):
    message = "This password is too short. Use at least %(shortest)s characters."


class PasswordTooLong(RuleError):
    message = "This password is too long. Use at most %(longest)s characters."


class PasswordObvious(RuleError):
    message = (
        "This password is easy to guess. Use several words that do not belong together, and"
        " neither your name nor your address."
    )


def check_password(password: str, *, name: str, email: str) -> None:
    """Raise PasswordTooShort, PasswordTooLong or PasswordObvious where a password is refused.

    `name` and `email` are the operator's: neither they nor their parts make a password.
    """
    if len(password) < SHORTEST:
        raise PasswordTooShort(shortest=SHORTEST)
    if len(password) > LONGEST:
        raise PasswordTooLong(longest=LONGEST)
    bare = _bare(password)
    personal = {_bare(part) for part in (name, email, email.partition("@")[0])}
    if len(set(bare)) < 5 or bare.strip("0123456789!?.") in _OBVIOUS or bare in personal:
        raise PasswordObvious()
    # A name that fills most of the password is still the name.
    if any(len(part) >= 4 and len(bare.replace(part, "")) < 5 for part in personal):
        raise PasswordObvious()
    if bare in "01234567890123456789" or bare in "98765432109876543210":
        raise PasswordObvious()


def _bare(text: str) -> str:
    return "".join(text.lower().split())
