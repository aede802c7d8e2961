"""A walk through the learning site as one person: every link, form, export and API answer that there is to be met.

`walk(client, starts)` goes from the addresses given to all that they lead to, within this site, and keeps what each said.
Forms are sent as the page holds them, in a transaction that is undone.
"""

import gzip
import html
import io
import json
import zipfile
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urljoin, urlsplit

from django.db import transaction
from django.urls import Resolver404, resolve

OWN_HOSTS = {"", "testserver", "localhost", "127.0.0.1"}
LEADS = {"href", "src", "action", "formaction", "hx-get", "hx-post", "poster", "data"}
NO_PAGES = ("/static/", "#", "data:", "mailto:", "tel:")
# More than any role of a small ground can meet; a walk without an end (a link that makes new ones) stops here.
MOST = 1500


@dataclass
class Form:
    """A form as a page holds it: where it goes, how, and {name: values} of what a browser would send untouched."""

    action: str
    method: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    hidden: list[tuple[str, str]] = field(default_factory=list)


class Reading(HTMLParser):
    """The links and forms of one page, and the outline of what stands in its <main>."""

    def __init__(self, text):
        super().__init__()
        self.links, self.for_scripts, self.forms, self.outline = set(), set(), [], []
        self._form = self._select = self._area = None
        self._in_main = False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        if tag == "main":
            self._in_main = True
        if self._in_main:
            self.outline.append((tag, found.get("class"), found.get("type"), found.get("role")))
        self.links |= {found[name] for name in LEADS & set(found) if found[name]}
        self.for_scripts |= {value for name, value in attrs if name.startswith("data-") and value and value.startswith("/")}
        if tag == "form":
            self._form = Form(found.get("action") or "", (found.get("method") or "get").lower())
            self.forms.append(self._form)
        elif self._form is not None:
            self._field(tag, found)

    def _field(self, tag, found):
        name, value = found.get("name"), found.get("value")
        if tag == "input" and name:
            kind = (found.get("type") or "text").lower()
            if kind == "hidden":
                self._form.hidden.append((name, value or ""))
            elif (kind not in ("checkbox", "radio") or "checked" in found) and kind not in ("file", "submit", "button", "reset"):
                self._form.fields.append((name, value or ""))
        elif tag == "button" and name and (found.get("type") or "submit") == "submit":
            self._form.fields.append((name, value or ""))
        elif tag == "select":
            self._select = [name, None]
        elif tag == "option" and self._select and (self._select[1] is None or "selected" in found):
            self._select[1] = value or ""
        elif tag == "textarea":
            self._area = [name, ""]

    def handle_data(self, data):
        if self._area:
            self._area[1] += data

    def handle_endtag(self, tag):
        if tag == "form":
            self._form = None
        elif tag == "main":
            self._in_main = False
        elif tag in ("select", "textarea"):
            done = self._select if tag == "select" else self._area
            if done and done[0] and self._form is not None:
                self._form.fields.append((done[0], done[1] or ""))
            self._select, self._area = (None, self._area) if tag == "select" else (self._select, None)


@dataclass
class Walked:
    """`said` is {what was asked: all that its answer says}; `links` all that stood anywhere; `dead` those that are not there;
    `strange` those that no address of this site answers."""

    said: dict[str, str] = field(default_factory=dict)
    links: set[str] = field(default_factory=set)
    dead: set[str] = field(default_factory=set)
    strange: set[str] = field(default_factory=set)
    kinds: dict[str, str] = field(default_factory=dict)


def content_of(answer):
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def said_in(content):
    """All the text in an answer's bytes, in whatever it is wrapped."""
    if content[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return "\n".join(f"{name}\n{said_in(archive.read(name))}" for name in archive.namelist())
    if content[:2] == b"\x1f\x8b":
        return said_in(gzip.decompress(content))
    return html.unescape(content.decode(errors="replace"))


def strings_in(value):
    """Every string of a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from strings_in(one)


class Walker:
    """One person's way; `client` is signed in as them, or not at all."""

    def __init__(self, client):
        self.client, self.signed_in = client, client.cookies.output(header="", sep=";")
        self.walked, self.sent = Walked(), set()

    def go(self, starts):
        """From `starts`, which may answer that they are not there, to all that leads on from them."""
        waiting = [(address, None) for address in starts]
        while waiting:
            address, linked_from = waiting.pop()
            if address in self.walked.said:
                continue
            assert len(self.walked.said) < MOST, f"the walk does not end: {list(self.walked.said)[-5:]}"
            answer = self._ask("get", address, None)
            if answer.status_code in (403, 404) and linked_from:
                self.walked.dead.add(f"{address} of {linked_from}: {answer.status_code}")
            waiting += [(link, address) for link in self._read(address, answer)]
        return self.walked

    def _ask(self, method, address, sent):
        # What is undone may have ended the session or begun another.
        self.client.cookies = SimpleCookie(self.signed_in)
        with transaction.atomic():
            answer = getattr(self.client, method)(address, sent, follow=True)
            answer.whole = content_of(answer)
            transaction.set_rollback(True)
        assert answer.status_code < 500, f"{method} {address}"
        key = address if method == "get" else f"{method} {address} {sorted(name for name, _ in sent.items())}"
        told = [f"{name}: {value}" for name, value in answer.headers.items()] + [hop for hop, _ in answer.redirect_chain]
        self.walked.said[key] = "\n".join([*told, said_in(answer.whole)])
        self.walked.kinds[key] = answer.headers.get("Content-Type", "")
        return answer

    def _read(self, address, answer):
        """The addresses of this site that an answer leads to; its forms are sent on the way."""
        kind = answer.headers.get("Content-Type", "")
        at = answer.redirect_chain[-1][0] if answer.redirect_chain else address
        if "json" in kind and answer.status_code < 400:
            links = {one for one in strings_in(json.loads(answer.whole)) if one.startswith(("/", "http://", "https://"))}
            return self._within(links, at)
        if "html" not in kind:
            return set()
        read = Reading(answer.whole.decode())
        gets = {_asked(form, at) for form in read.forms if form.method == "get"}
        elsewhere = {form.action for form in read.forms if form.method == "post"}
        found = self._within(read.links - elsewhere, at) | self._within(gets, at)
        # What a script finishes first is no address yet.
        self.walked.links |= read.for_scripts
        for form in read.forms:
            if form.method == "post":
                found |= self._send(urljoin(at, form.action), dict(form.hidden + form.fields))
        return found

    def _send(self, address, fields):
        """Sends a form, once for each address and set of names; whatever the answer leads to next."""
        self._within({address}, address)
        key = (address, *sorted(fields))
        if key in self.sent:
            return set()
        self.sent.add(key)
        answer = self._ask("post", address, fields)
        if "html" not in answer.headers.get("Content-Type", ""):
            return set()
        # What an undone deed has made is gone; what stood before it is found from other pages.
        links = {link for link in Reading(answer.whole.decode()).links if not answer.redirect_chain}
        self._within(links, address)
        return set()

    def _within(self, links, at):
        """The links that this site answers by GET, as paths; the others are kept as strange."""
        found = set()
        for link in links:
            if link.startswith(NO_PAGES):
                continue
            self.walked.links.add(link)
            parts = urlsplit(urljoin(at, link))
            if (parts.hostname or "") not in OWN_HOSTS or parts.port:
                self.walked.strange.add(link)
                continue
            try:
                view = resolve(parts.path).func
            except Resolver404:
                self.walked.strange.add(link)
                continue
            if not _only_sent_to(view):
                found.add(parts.path + (f"?{parts.query}" if parts.query else ""))
        return found


def _asked(form, at):
    return f"{urljoin(at, form.action)}?{urlencode(form.hidden + form.fields)}"


def _only_sent_to(view):
    """Whether a view takes no GET, as far as it says so: scripts' addresses stand in pages as links do."""
    made = getattr(view, "view_class", None) or getattr(view, "cls", None)
    return made is not None and not hasattr(made, "get")


def walk(client, starts):
    return Walker(client).go(starts)
