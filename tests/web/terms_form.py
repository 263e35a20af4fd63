"""The form of notice terms as a browser fills it in: every field with what it shows."""

from html.parser import HTMLParser
from typing import Any

from werkzeug.datastructures import MultiDict


class FormValues(HTMLParser):
    """What a browser would send of the form with this id (or of the last form)."""

    def __init__(self, page: str, form_id: str = "") -> None:
        super().__init__()
        self.values: MultiDict[str, str] = MultiDict()
        self._form_id = form_id
        self._inside = False
        self._select: str | None = None
        self._first: str | None = None
        self._chosen = False
        self._area: str | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = not self._form_id or given.get("id") == self._form_id
            if self._inside:
                self.values = MultiDict()
        if not self._inside:
            return
        name = given.get("name", "")
        if tag == "input" and name:
            ticks = given.get("type") in ("radio", "checkbox")
            if not ticks or "checked" in given:
                self.values.add(name, given.get("value", "y" if ticks else ""))
        elif tag == "select":
            self._select, self._first, self._chosen = name, None, False
        elif tag == "option" and self._select is not None:
            value = given.get("value", "")
            self._first = value if self._first is None else self._first
            if "selected" in given:
                self.values.add(self._select, value)
                self._chosen = True
        elif tag == "textarea":
            self._area = name
            self.values[name] = ""

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            # A browser drops the line break that begins a text area.
            before = self.values[self._area]
            self.values[self._area] = before + (data if before else data.lstrip("\r\n"))

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = None
        elif tag == "select" and self._select is not None:
            if not self._chosen and self._first is not None:
                self.values.add(self._select, self._first)
            self._select = None
        elif tag == "form":
            self._inside = False


def typed(page: str, form_id: str = "terms-form", **changed: Any) -> MultiDict[str, str]:
    """The form's values with some changed: a list for checkboxes, None to send nothing; `__` in a
    name stands for the hyphen of its parts."""
    values = FormValues(page, form_id).values
    for given, value in changed.items():
        name = given.replace("__", "-")
        values.poplist(name)
        values.setlist(name, value if isinstance(value, list) else [] if value is None else [value])
    return values
