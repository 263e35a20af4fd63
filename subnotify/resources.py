"""Where the files that are not Python lie: beside the package in a checkout, inside a wheel."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


def templates_folder() -> Path:
    """The folder of the Jinja templates (pages, mail, letters)."""
    return _folder("templates")


def migrations_folder() -> Path:
    """The folder of the Alembic migrations."""
    return _folder("migrations")


def transfer_reference_file() -> Path:
    """The reference data of transfer bases that come with the package."""
    return PACKAGE / "rules" / "data" / "transfers.yaml"


def world_geometry_file() -> Path:
    """The land of every country on the sheet of the world map."""
    return PACKAGE / "web" / "world" / "countries.json"


def _folder(name: str) -> Path:
    for parent in (PACKAGE, PACKAGE.parent):
        if (parent / name).is_dir():
            return parent / name
    raise FileNotFoundError(
        f"the folder {name}/ of subnotify is neither in {PACKAGE} nor beside it: install it again"
    )
