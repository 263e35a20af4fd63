"""Where to go on, as a form or an address says."""


def local_address(address: str | None) -> str | None:
    """The address if it is a path of this site: nobody is sent elsewhere after signing in."""
    if not address or not address.startswith("/") or address[1:2] in ("/", "\\"):
        return None
    return None if any(ord(character) < 32 for character in address) else address
