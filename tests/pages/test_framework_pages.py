"""Frameworks as pages: the list, the tree of one, and bringing one with its diff on screen."""

import gzip
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from competencies.exchange.bounded_json import LARGEST_BYTES
from competencies.models import Competency, Framework, FrameworkArrival
from tests import build_learning as build
from tests.competencies.case_packages import document, item, package, tie

pytestmark = [pytest.mark.django_db, pytest.mark.urls("config.urls_learning")]
BRING = "/frameworks/bring/"


def as_user(user):
    client = Client(enforce_csrf_checks=False)
    client.force_login(user)
    return client


@pytest.fixture
def office():
    """Whoever keeps a district's catalogue, signed in."""
    return as_user(build.administrator(build.district()))


def text(answer):
    return answer.content.decode()


def file(content, name="framework.json"):
    return SimpleUploadedFile(name, content if isinstance(content, bytes) else json.dumps(content).encode())


def send(client, content, what="look", name="framework.json", **fields):
    return client.post(BRING, {"file": file(content, name), "what": what, **fields})


def agree(client, content, **fields):
    """Look, then agree to what was shown."""
    shown = send(client, content, **fields)
    assert shown.status_code == 200, text(shown)
    return send(client, content, "take", looked_at=shown.context["mark"], **fields)


def test_whoever_belongs_to_the_learning_side_reads_frameworks_and_a_district_alone_brings_them():
    framework, _ = build.framework(2)
    pages = ("/frameworks/", f"/frameworks/{framework.uuid}/")
    learner = build.student()
    readers = [learner, build.guardian(learner), build.counsellor(learner), build.teacher(), build.administrator(build.school())]
    for who in readers:
        client = as_user(who)
        assert [client.get(page).status_code for page in pages] == [200, 200], who.username
        assert "Bring a framework" not in text(client.get(pages[0]))
        assert client.get(BRING).status_code == 403
        assert send(client, package(), "take").status_code == 403
    for who in (build.person("auditor"), build.person()):
        assert [as_user(who).get(page).status_code for page in (*pages, BRING)] == [403, 403, 403]
    assert Client().get(pages[0]).status_code == 302
    office = as_user(build.administrator(build.district()))
    assert "Bring a framework" in text(office.get(pages[0]))
    assert office.get(BRING).status_code == 200
    assert office.get("/frameworks/00000000-0000-0000-0000-000000000001/").status_code == 404
    assert Framework.objects.count() == 1


def test_a_look_shows_what_would_change_and_keeps_nothing(office):
    agree(office, package(("A", "B", "C")))
    changed = package([item("A", fullStatement="Do A well"), "C", "D"])
    page = send(office, changed)
    assert page.context["counts"] | {"warnings": 0, "associations": 0} == {
        "refused": 0, "changed": 1, "retired": 1, "returned": 0, "added": 1, "associations": 0, "warnings": 0,
    }  # fmt: skip
    for said in ("Do A</td><td>Do A well", "takes no further", "<strong>D</strong>", "Take in these changes"):
        assert said.replace("takes no further", "take no further judgement") in text(page)
    assert FrameworkArrival.objects.count() == 1
    assert Competency.objects.get(code="A").statement == "Do A"


def test_what_was_looked_at_is_taken_once_however_often_it_is_agreed_to(office):
    shown = send(office, package())
    for _ in range(2):
        answer = send(office, package(), "take", looked_at=shown.context["mark"])
        assert answer.headers["Location"] == f"/frameworks/{Framework.objects.get().uuid}/"
    assert FrameworkArrival.objects.count() == 1
    page = text(office.get(answer.headers["Location"]))
    assert "is taken in" in page
    assert "is on file just so already" in page
    assert "just so already" in text(send(office, package()))


def test_what_nobody_looked_at_or_what_changed_since_is_not_taken(office):
    assert send(office, package(), "take").status_code == 422
    assert not Framework.objects.exists()
    shown = send(office, package(("A", "B")))
    agree(office, package(("A", "X")))
    answer = send(office, package(("A", "B")), "take", looked_at=shown.context["mark"])
    assert answer.status_code == 422
    assert "has changed since you looked" in text(answer)
    assert not Competency.objects.filter(code="B").exists()
    assert send(office, package(("A", "B")), "take", looked_at=answer.context["mark"]).status_code == 302


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "framework.json: The file is empty"),
        (b"{", "framework.json: This is no JSON"),
        (b'{"CFItems": []}', "framework.json: This is no CASE package"),
        (b"<html></html>", "This is XML or a web page"),
        (gzip.compress(b"[" * 200 * 1024 * 1024), "more than 20 MB unpacked"),
        (b" " * (LARGEST_BYTES + 1), "at most 20 MB are taken"),
    ],
    ids=["empty", "cut off", "no package", "a page", "a bomb", "too large"],
)
def test_a_file_that_cannot_be_taken_is_refused_in_words_and_the_page_stays_of_use(office, content, said):
    answer = send(office, content, title="Kept as typed")
    assert answer.status_code == 422
    assert said in text(answer)
    assert 'href="#id_file"' in text(answer)
    assert "Kept as typed" in text(answer)
    assert not Framework.objects.exists()
    assert send(office, package()).status_code == 200


def test_no_file_at_all_names_its_field(office):
    answer = office.post(BRING, {"what": "look"})
    assert answer.status_code == 422
    assert "Choose the file that the publisher gave you." in text(answer)


def test_a_table_names_each_refused_line_and_the_good_ones_are_taken(office):
    table = b"code,statement,grade\nA,Do A,5\n,Nothing names it,5\nB,Do B,twelfth\nC,Do C,6\n"
    shown = send(office, table, name="own.csv", title="Our own")
    assert [one.where for one in shown.context["lists"]["refused"]] == ["line 3", "line 4"]
    assert "line 4</th><td>grade: &#x27;twelfth&#x27; is none" in text(shown)
    assert agree(office, table, name="own.csv", title="Our own").status_code == 302
    ours = Framework.objects.get()
    again = send(office, b"code,statement\nA,Do A\n", name="own.csv", framework=str(ours.uuid))
    assert again.context["counts"]["retired"] == 1


def test_every_change_can_be_downloaded_and_no_cell_is_a_formula(office):
    answer = send(office, package([item("=A", fullStatement="=1+1"), "B"]), "list")
    assert answer["Content-Disposition"] == 'attachment; filename="framework-changes.csv"'
    lines = text(answer).splitlines()
    assert lines[0] == "\ufeffwhat,code or place,statement,part,before,after"
    assert "added,'=A,'=1+1,,," in lines
    assert not Framework.objects.exists()


def test_a_part_of_the_page_answers_where_the_page_asks_for_a_part(office):
    head = {"HX-Request": "true"}
    shown = office.post(BRING, {"file": file(package()), "what": "look"}, headers=head)
    assert "<html" not in text(shown)
    taken = office.post(BRING, {"file": file(package()), "what": "take", "looked_at": shown.context["mark"]}, headers=head)
    assert [taken.status_code, taken["HX-Redirect"]] == [204, f"/frameworks/{Framework.objects.get().uuid}/"]


def large(count=5000):
    """A framework of `count` items, fifty a branch."""
    items = [item(f"N{number}") for number in range(count)]
    ties = [
        tie(f"N{number}", "document" if number % 50 == 0 else f"N{number - number % 50}", sequenceNumber=number % 50 + 1)
        for number in range(count)
    ]
    return {"CFDocument": document(), "CFItems": items, "CFAssociations": ties}


def test_a_framework_of_5000_items_is_looked_at_taken_and_read_in_bounded_pages(office):
    content = large()
    shown = send(office, content)
    assert shown.context["counts"]["added"] == 5000
    assert "And 4,900 more" in text(shown)
    assert agree(office, content).status_code == 302
    address = f"/frameworks/{Framework.objects.get().uuid}/"
    with CaptureQueriesContext(
        connection,
    ) as asked:
        page = office.get(address)
    print(f"preview of 5,000: {len(shown.content)} bytes; tree: {len(asked)} queries, {len(page.content)} bytes")
    assert len(asked) <= 12
    assert len(shown.content) < 100_000
    assert len(page.content) < 400_000
    assert "49 below" in text(page)
    top = Competency.objects.get(code="N50")
    assert "N99" in text(office.get(f"{address}?under={top.uuid}"))
    found = text(office.get(f"{address}?q=n4999"))
    assert "1 found." in found
    assert "N4950" in found, "where it stands in the tree"
    assert "50 of" in text(office.get(f"{address}?q=do")) or "1 to 50 of 5,000" in text(office.get(f"{address}?q=do"))


def test_the_tree_says_its_scale_and_hides_what_is_retired_until_asked(office):
    agree(office, package(("A", "B")))
    agree(office, package(("A",)))
    address = f"/frameworks/{Framework.objects.get().uuid}/"
    page = text(office.get(address))
    assert "Proficient <strong>★ mastered from here on" in page
    assert "Do B" not in page
    assert "Do B" in text(office.get(f"{address}?retired"))
