"""Opens the pages that links lead to, as a search engine does."""

import re
from collections import Counter
from collections.abc import Callable
from html import unescape
from urllib.parse import urljoin

from tests.support.web_client import WebClient

# Pages of one kind that are opened.
OF_A_KIND = 8
_LINK = re.compile(r'href="([^"#]+)')


def shape_of(path: str) -> str:
    """Alike for pages of one kind: numbers, references and tokens aside."""
    bare = re.sub(r"/n/[^/]+", "/n/x", path.partition("?")[0])
    return re.sub(r"/receipts/[^/]+", "/receipts/x", re.sub(r"\d+", "0", bare))


def crawl(browser: WebClient, start: list[str], belongs: Callable[[str], bool]) -> Counter[str]:
    """Open the pages that links lead to, some of each kind; how many of each were opened."""
    todo, seen, opened = list(start), set(start), Counter[str]()
    while todo:
        path = todo.pop(0)
        if opened[shape_of(path)] >= OF_A_KIND:
            continue
        opened[shape_of(path)] += 1
        response = browser.get(path)
        assert response.status_code == 200, path
        for link in _LINK.findall(response.text if "html" in (response.mimetype or "") else ""):
            found = urljoin(path, unescape(link))
            if found.startswith("/") and belongs(found) and found not in seen:
                seen.add(found)
                todo.append(found)
    return opened


def one_of_each(browser: WebClient, start: list[str], belongs: Callable[[str], bool]) -> list[str]:
    """The address of one page of each kind that links lead to; only pages, no files."""
    todo, seen, asked, found = list(start), set(start), set[str](), list[str]()
    while todo:
        path = todo.pop(0)
        if shape_of(path) in asked:
            continue
        asked.add(shape_of(path))
        response = browser.get(path)
        if response.status_code != 200 or response.mimetype != "text/html":
            continue
        found.append(path)
        for link in map(unescape, _LINK.findall(response.text)):
            linked = urljoin(path, link)
            if linked.startswith("/") and belongs(linked) and linked not in seen:
                seen.add(linked)
                todo.append(linked)
    return found
