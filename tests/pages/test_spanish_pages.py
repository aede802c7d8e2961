"""Every page of the learning site in Spanish: no English of ours is left on it, and it keeps its bounds."""

import io
import re
from html.parser import HTMLParser

import pytest
from babel.messages.pofile import read_po
from django.conf import settings
from django.test import Client

from tests.pages.every_page import TABLE, a_ground, a_large_ground, an_empty_ground
from tests.pages.walking import content_of

pytestmark = [pytest.mark.urls("config.urls_learning")]
SIZES = ({"width": 320, "height": 700}, {"width": 1280, "height": 900})
# Of the grounds themselves: the title of a sample and the name of a catalogue, which read like texts of ours.
DATA = {"Sample", "school"}
CATALOGUE = settings.BASE_DIR / "locale" / "es" / "LC_MESSAGES" / "django.po"
PLACES = re.compile(r"%\(\w+\)[a-z]|\{\w+\}|<[^>]*>")
# Words that English has and Spanish has not; the grounds' own data has none of them.
ENGLISH = re.compile(
    r"\b(the|of|and|is|are|was|were|with|from|this|that|your|you|by|not|been|has|have|what|which|who)\b", re.IGNORECASE
)
READ_OUT = ("title", "aria-label", "placeholder", "alt")


class Words(HTMLParser):
    """What a reader sees or hears of a page, text by text, without scripts and what is marked as of another language."""

    def __init__(self, page):
        super().__init__()
        self.found, self._silent = [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        said = dict(attrs)
        self.found += [said[name] for name in READ_OUT if said.get(name)]
        if tag in ("script", "style") or said.get("translate") == "no" or said.get("lang") == "en":
            self._silent.append(tag)

    def handle_endtag(self, tag):
        if self._silent and self._silent[-1] == tag:
            self._silent.pop()

    def handle_data(self, data):
        if not self._silent and data.strip():
            self.found.append(" ".join(data.split()))


@pytest.fixture(scope="module")
def english():
    """The English texts of which a reader would know that they are not Spanish."""
    catalogue = read_po(io.BytesIO(CATALOGUE.read_bytes()), locale="es")
    spanish, wholes = set(), set()
    for message in catalogue:
        if message.id:
            ids = message.id if isinstance(message.id, tuple) else (message.id,)
            strings = message.string if isinstance(message.string, tuple) else (message.string,)
            wholes |= {part.strip(" .,:;()") for one in ids for part in PLACES.split(one)}
            spanish |= {part.strip(" .,:;()") for one in strings for part in PLACES.split(one)}
    return {one for one in wholes if len(one) > 3} - spanish


def pages(ground):
    """(address, role, page) of every page of the ground as each role reads it."""
    for role, person in [("nobody", None), *ground.people.items()]:
        client = Client(headers={"accept-language": "es"})
        if person:
            client.force_login(person)
        for route, methods in TABLE.items():
            address = ground.filled(route)
            if address and role in methods.get("get", "").split():
                answer = client.get(address)
                content = content_of(answer)
                if answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/html"):
                    yield address, role, content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("ground", [a_ground, an_empty_ground, a_large_ground])
def test_no_english_is_left_on_a_spanish_page(ground, english):
    left, read = set(), 0
    for address, _role, page in pages(ground()):
        read += 1
        assert "<html" not in page or '<html lang="es">' in page
        for text in Words(page).found:
            bare = text.strip(" .,:;()")
            if bare in DATA:
                continue
            if bare in english or any(len(one) > 12 and one in text for one in english) or ENGLISH.search(text):
                left.add((re.sub(r"[0-9a-f-]{36}", "…", address), text))
    print(f"{read} pages")
    assert sorted(left) == []


def is_document(person, to):
    client = Client()
    client.force_login(person)
    answer = client.get(to)
    return answer.status_code == 200 and b"<main" in content_of(answer)


@pytest.mark.slow
def test_spanish_pages_keep_their_bounds_and_are_accessible(page, axe, serve, enter):
    address, wrong, seen = serve("learning"), [], set()
    page.set_extra_http_headers({"accept-language": "es"})
    for ground in (a_large_ground(), a_ground()):
        for role, person in ground.people.items():
            for route, methods in TABLE.items():
                to = ground.filled(route)
                if to is None or route in seen or role not in methods.get("get", "").split() or not is_document(person, to):
                    continue
                seen.add(route)
                enter(person, address)
                page.goto(address + to)
                for size in SIZES:
                    page.set_viewport_size(size)
                    if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
                        wrong.append(f"{to}, {size['width']} px: the page scrolls sideways")
                wrong += [f"{to}: {told}" for told in axe(page)]
    print(f"{len(seen)} pages")
    assert wrong == []
