"""The sample import files that come with the package."""

from importlib.resources import files

PUBLISHED_LIST = "published-list.yaml"
COMPLETED_LIST = "completed-list.yaml"
EXAMPLE = "example.yaml"


def sample(name: str) -> bytes:
    """The bytes of one of the sample files."""
    return (files("subnotify.demo") / "sample" / name).read_bytes()
