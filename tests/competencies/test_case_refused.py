"""What is refused as a whole: in words, with nothing written, and in bounded memory whatever a small file unpacks to."""

import gzip
import io
import json
import subprocess
import sys
import tracemalloc

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from competencies.calc.framework_content import PackageRefused
from competencies.exchange.framework_file import read_framework
from competencies.models import Framework, FrameworkArrival
from tests.competencies.case_packages import edited, item, package, take, tie

BOMB = 200 * 1024 * 1024


def refused(content, words):
    with pytest.raises(PackageRefused, match=words):
        take(content)


@pytest.mark.django_db
def test_a_circle_in_the_tree_is_refused_and_shown():
    circle = [tie("A", "B"), tie("B", "C"), tie("C", "A")]
    refused(package(["A", "B", "C"], circle), r"goes in a circle: \w is a child of \w is a child of \w is a child of \w\.")
    refused(package(["A"], [tie("A", "A")]), "goes in a circle: A is a child of A")
    assert not Framework.objects.exists()


@pytest.mark.django_db
def test_two_contents_under_one_identifier_are_refused_and_the_same_content_twice_is_read_once():
    twice = package(["A", item("A", fullStatement="Something else")], [tie("A", "document")])
    refused(twice, "twice with differing content")
    changes = take(package(["A", "A"], [tie("A", "document"), tie("A", "document")]))
    assert len(changes.added) == 1
    assert [line for line in changes.warnings if "stands twice" in line]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"{}", "no CFDocument"),
        (json.dumps({"CFItems": []}).encode(), "no CFDocument .* has CFItems"),
        (json.dumps({"CFDocument": {"identifier": "7", "title": "T"}}).encode(), "no CFDocument with a uuid"),
        (b"[]", "is none"),
        (b"{", "no JSON: .* line 1, column 2"),
        (b'{"CFDocument": {"title": "a", "title": "b"}}', "names 'title' twice"),
        (b'{"CFDocument": {"title": "\\u0000"}}', "/CFDocument/title holds a character that is none"),
        (b'{"CFDocument": {"title": "\\ud800"}}', "holds a character that is none"),
        (b'{"CFDocument": {"weight": 1e999}}', "no number that can be kept"),
        (b'{"CFDocument": {"weight": NaN}}', "no number that can be kept"),
        (b'{"CFDocument": {"weight": ' + b"9" * 5000 + b"}}", "thousands of digits"),
        (b'{"CFDocument": "\xff"}', "no UTF-8"),
        (b"<html></html>", "XML or a web page"),
        (b"PK\x03\x04....", "ZIP archive"),
        (b"\x1f\x8b broken", "damaged or truncated"),
        (json.dumps({**package(), "CFItems": {"a": 1}}).encode(), "CFItems is no list"),
        (json.dumps(package([])).encode(), "no competency that could be taken"),
    ],
)
def test_what_is_no_package_is_refused_in_words(content, words):
    refused(content, words)
    assert not FrameworkArrival.objects.exists()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("nothing but zeros, gzipped", lambda: gzip.compress(b" " * BOMB), "more than 20 MB"),
        ("gzipped in gzip", lambda: gzip.compress(gzip.compress(b"0" * BOMB)), "header|no JSON|no UTF-8"),
        ("nesting", lambda: b'{"CFDocument":' + b"[" * 200_000 + b"]" * 200_000 + b"}", "nests deeper"),
        ("deep but few", lambda: b'{"CFDocument":' + b"[" * 100 + b"]" * 100 + b"}", "nests deeper"),
        ("more brackets than any", lambda: b"{" + b"[" * 19_000_000, "objects and lists"),
        ("a huge list", lambda: b'{"CFItems":[' + b"0," * 9_000_000 + b"0]}", "members"),
        ("a huge list, gzipped", lambda: gzip.compress(b'{"CFItems":[' + b"0," * 9_000_000 + b"0]}"), "members"),
        ("many empty objects", lambda: b'{"CFItems":[' + b"{}," * 600_000 + b"{}]}", "objects and lists"),
    ],
)
def test_a_bomb_is_refused_in_bounded_memory(name, content, words):
    made = content()
    tracemalloc.start()
    try:
        with pytest.raises(PackageRefused, match=words):
            read_framework(made, title="A table")
        assert tracemalloc.get_traced_memory()[1] < 120 * 1024 * 1024
    finally:
        tracemalloc.stop()


def test_a_file_of_200_megabytes_is_refused_unread(tmp_path):
    bomb = tmp_path / "bomb.json"
    with bomb.open("wb") as file:
        file.truncate(BOMB)
    tracemalloc.start()
    try:
        with pytest.raises(CommandError, match="more than 20 MB unpacked"):
            call_command("import_framework", str(bomb), stdout=io.StringIO())
        assert tracemalloc.get_traced_memory()[1] < 120 * 1024 * 1024
    finally:
        tracemalloc.stop()


def test_a_large_package_within_the_bounds_is_read_in_bounded_memory():
    """The worst that is let in: as many items as the bounds allow, all under the document."""
    script = """
import json, resource
from competencies.exchange.framework_file import read_framework
from tests.competencies.case_packages import item, package, tie
names = [str(number) for number in range(20_000)]
content = json.dumps(package(names, [tie(name, "document") for name in names])).encode()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
assert len(read_framework(content)[0].order) == 20_000
print(len(content), (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""
    setup = "import django, os; os.environ['DJANGO_SETTINGS_MODULE'] = 'config.settings'; django.setup()\n"
    answer = subprocess.run([sys.executable, "-c", setup + script], cwd=settings.BASE_DIR, capture_output=True, text=True, check=True)
    size, grown = map(int, answer.stdout.split())
    assert size > 15_000_000
    assert grown < 500


def test_a_chain_of_thousands_of_items_is_refused_and_not_walked_by_recursion():
    names = [str(number) for number in range(1200)]
    chain = package(names, [tie(name, "document" if number == 0 else names[number - 1]) for number, name in enumerate(names)])
    with pytest.raises(PackageRefused, match="deeper than 1000"):
        read_framework(json.dumps(chain).encode())
    circle = edited(chain, CFAssociations=[tie(name, names[number - 1]) for number, name in enumerate(names)])
    with pytest.raises(PackageRefused, match=r"goes in a circle: .* \.\.\."):
        read_framework(json.dumps(circle).encode())
