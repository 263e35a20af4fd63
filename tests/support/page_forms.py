"""What a browser would send of a form as a page shows it."""

import re
from html import unescape


def fields_of(page: str, *, form: str = "") -> dict[str, list[str]]:
    """The fields of a page's form with their values. form: what its tag holds, to tell it from
    others of the page; by default all forms in <main> together."""
    part = page.split("<main")[1]
    if form:
        part = re.split(rf"<form[^>]*{re.escape(form)}[^>]*>", part)[1].split("</form>")[0]
    fields: dict[str, list[str]] = {}
    for tag in re.findall(r"<input[^>]*>", part):
        name = re.search(r'\bname="([^"]*)"', tag)
        value = re.search(r'\bvalue="([^"]*)"', tag)
        choosable = 'type="checkbox"' in tag or 'type="radio"' in tag
        if name and (not choosable or "checked" in tag):
            fields.setdefault(unescape(name[1]), []).append(unescape(value[1]) if value else "")
    for name, text in re.findall(
        r'<textarea[^>]*\bname="([^"]*)"[^>]*>\r?\n?(.*?)</textarea>', part, re.S
    ):
        fields[unescape(name)] = [unescape(text)]
    for name, options in re.findall(
        r'<select[^>]*\bname="([^"]*)"[^>]*>(.*?)</select>', part, re.S
    ):
        chosen = re.search(r'<option selected value="([^"]*)"', options)
        fields[unescape(name)] = [unescape(chosen[1]) if chosen else ""]
    return fields
