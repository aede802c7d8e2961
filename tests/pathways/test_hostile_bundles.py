"""A hostile bundle is refused in words, costs no memory and leaves nothing; of a bundle in part bad the good part is kept."""

import hashlib
import struct
import tracemalloc
import uuid
import zipfile
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pathways.actions.import_portfolio import PortfolioRefused
from pathways.calc.portfolio import DocumentRefused, read_document
from pathways.models import PortfolioArrival
from tests.build_learning import student
from tests.pathways.portfolio_ground import bring, empty, piece, zipped

pytestmark = pytest.mark.django_db


def many_entries():
    into = BytesIO()
    with zipfile.ZipFile(into, "w") as archive:
        archive.writestr("portfolio.json", "{}")
        for number in range(3_000):
            archive.writestr(f"files/{number}", b"")
    return into.getvalue()


def with_a_lying_count():
    """A directory of 3,000 entries whose end says that there are 2."""
    whole = many_entries()
    head, end = whole[:-22], list(struct.unpack("<4s4H2LH", whole[-22:]))
    end[3] = end[4] = 2
    return head + struct.pack("<4s4H2LH", *end)


HOSTILE = {
    "not a zip": (lambda: b"PK not at all", "This is no plain zip"),
    "nothing": (lambda: b"", "This is no plain zip"),
    "cut off": (lambda: zipped(empty())[:-10], "This is no plain zip"),
    "no document": (lambda: _only("index.html"), "has no portfolio.json"),
    "another file": (lambda: zipped(empty(), ("../../etc/passwd", b"x")), "'../../etc/passwd' does not belong"),
    "a folder": (lambda: zipped(empty(), ("files/", b"")), "'files/' does not belong"),
    "an active name": (lambda: zipped(empty(), ("files/a/b.txt", b"x")), "does not belong"),
    "twice": (lambda: zipped(empty(), ("files/a", b"x"), ("files/a", b"y")), "files/a is in the zip twice"),
    "a bomb": (lambda: zipped(empty(), ("files/a", bytes(150_000_000))), "files/a would expand to more than can be taken"),
    "a bomb of a document": (lambda: zipped(bytes(20_000_000)), "portfolio.json would expand|more than 16 MB"),
    "too many": (many_entries, "more than 2,100 files"),
    "unusual packing": (lambda: zipped(empty(), ("files/a", b"x"), method=zipfile.ZIP_LZMA), "packed in an unusual way"),
    "no JSON": (lambda: zipped(b"{"), "is no JSON"),
    "no UTF-8": (lambda: zipped(b"\xff\xfe"), "is no UTF-8"),
    "too deep": (lambda: zipped(b"[" * 100_000), "nests too deeply"),
    "twice a member": (lambda: zipped(b'{"format": 1, "format": 2}'), "same member twice"),
    "not a number": (lambda: zipped(b'{"format": NaN}'), "holds the number NaN"),
    "a huge number": (lambda: zipped(b'{"format": ' + b"9" * 5_000 + b"}"), "holds the number 9999"),
    "another form": (lambda: zipped(empty(version=2)), 'no "credence-portfolio" of version 1'),
    "a wrong place": (
        lambda: zipped(empty(mastered=[{"highest_rank": "4"}])),
        "portfolio.json/mastered/0/highest_rank: expected a whole",
    ),
    "half a character": (lambda: zipped(empty(issuer="\ud800")), "portfolio.json/issuer: expected a text"),
}


def _only(name):
    into = BytesIO()
    with zipfile.ZipFile(into, "w") as archive:
        archive.writestr(name, "x")
    return into.getvalue()


@pytest.mark.parametrize("kind", HOSTILE)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_hostile_bundle_is_refused_in_words_and_leaves_nothing(kind):
    make, told = HOSTILE[kind]
    bundle, arriving = make(), student()
    with pytest.raises(PortfolioRefused, match=told):
        bring(bundle, arriving)
    assert not PortfolioArrival.objects.exists()


def test_a_bomb_costs_no_memory_and_a_lying_count_is_bounded_by_the_directory():
    bomb, arriving = zipped(empty(), ("files/a", bytes(150_000_000))), student()
    tracemalloc.start()
    with pytest.raises(PortfolioRefused):
        bring(bomb, arriving)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 5_000_000
    with pytest.raises(PortfolioRefused):
        bring(with_a_lying_count(), arriving)


def test_evidence_that_a_browser_would_run_or_that_is_not_what_was_described_is_left_out_and_the_rest_kept():
    html, text = b"<html><script>alert(1)</script>", b"A plain text."
    pieces = [
        piece(title="A page", sha256=hashlib.sha256(html).hexdigest()),
        piece(title="Good", path="files/b.txt", sha256=hashlib.sha256(text).hexdigest()),
        piece(title="Another's", path="files/b.txt", sha256="0" * 64),
        piece(title="Gone", path="files/c.txt"),
        piece(title="Runs", kind="link", path="", address="javascript:alert(1)"),
    ]
    arrived = bring(zipped(empty(evidence=pieces), ("files/a.txt", html), ("files/b.txt", text)), student())
    assert arrived.evidence == 1
    titles = ["'A page'", '"Another\'s"', "'Gone'", "'Runs'"]
    assert [
        warning.startswith(f"Evidence {title} was left out: ") for warning, title in zip(arrived.warnings, titles, strict=True)
    ] == [True] * 4


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12) | st.sampled_from(["2025-09-01", "1/2", str(uuid.UUID(int=1))]),
    lambda below: (
        st.lists(below, max_size=3) | st.dictionaries(st.sampled_from([*piece(), "mastered", "judged_on"]), below, max_size=6)
    ),
    max_leaves=15,
)


@given(st.fixed_dictionaries(dict.fromkeys(["issuer", "as_of", "mastered", "credits", "evidence"], anything)), anything)
def test_whatever_a_document_says_it_is_read_or_refused_with_a_place(members, entry):
    for said in (empty(**members), empty(evidence=[piece() | (entry if isinstance(entry, dict) else {})]), entry):
        try:
            read_document(said)
        except DocumentRefused as refused:
            told = str(refused)
        else:
            continue
        assert told.startswith("portfolio.json")
