"""A portfolio leaves one school's database and places the student in another's; a hostile bundle places nobody."""

import hashlib
import json
import re
import struct
import tracemalloc
import uuid
import zipfile
from io import BytesIO, StringIO

import pytest
from django.core.management import CommandError, call_command

from competencies.actions.open_scale import default_scale
from competencies.actions.record_evidence import record_evidence
from competencies.models import Association, Competency, Evidence, EvidenceFile, Framework, MasteryJudgment
from competencies.queries.levels import levels_now
from database.areas import acting_as
from pathways.actions.decide_placement import PlacementRefused, decide_placement
from pathways.actions.export_portfolio import export_portfolio
from pathways.actions.import_portfolio import PortfolioRefused, import_portfolio
from pathways.models import Placement, PortfolioArrival
from people.models import User
from tests.build_learning import (
    competency,
    counsellor,
    day,
    framework,
    judge,
    noon,
    scale,
    school,
    section,
    student,
    teacher,
)
from tests.copies import copied_database, using_database
from tests.pathways.credit_ground import asks, award, course, set_for

PDF = b"%PDF-1.4\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n"


def export(learner, on=60):
    into = BytesIO()
    export_portfolio(student_id=learner.pk, into=into, at=noon(on))
    return into.getvalue()


def bring(bundle, learner, by=None, on=70):
    return import_portfolio(bundle=bundle, student_id=learner.pk, brought_by=(by or learner).pk, at=noon(on))


def decide(placement, by, confirm=True, on=71, **fields):
    return decide_placement(placement_id=placement.pk, confirm=confirm, decided_by=by.pk, at=noon(on), **fields)


def evidence(learner, title, *tied, on=5, **fields):
    wanted = {"kind": "note", "text": "It went <b>well</b> & fast."} | fields
    ids = [one.pk for one in tied]
    made = record_evidence(
        student_id=learner.pk, recorded_by=learner.pk, title=title, worked_on=day(on), at=noon(on), competency_ids=ids, **wanted
    )
    return made.versions.get().pk


def document(bundle):
    with zipfile.ZipFile(BytesIO(bundle)) as opened:
        return json.loads(opened.read("portfolio.json"))


def a_years_work(competencies):
    """A student of one school with two competencies mastered, one not, credit, a file, a note and a link."""
    by, learner = teacher(), student(name="Ana <script>alert(1)</script>")
    section([learner], by, school_code="OLD")
    one, two, three = competencies
    essay = evidence(learner, "An essay", one, kind="file", file_name="My essay.pdf", content=PDF)
    evidence(learner, "A note", two, setting="work")
    evidence(learner, "A film", two, kind="link", text="", address="https://example.org/film?a=1&b=2")
    judge(by, learner, one, 2, on=6)
    judge(by, learner, one, 4, on=9, evidence_versions=(essay,))
    judge(by, learner, two, 3, on=8)
    judge(by, learner, three, 2, on=8)
    made, (only,) = course("1/2")
    set_for(made, only, asks(one), by)
    award(by, learner, made, only, on=20)
    return by, learner


def test_a_portfolio_leaves_one_database_and_places_the_student_in_another(committed_db):
    _, competencies = framework(3)
    with copied_database("next_school") as other:
        _, learner = a_years_work(competencies)
        bundle = export(learner)
        with using_database(other):
            assert not User.objects.filter(username=learner.username).exists()
            # The next school works with a framework of its own, tied to the old one's by a crosswalk.
            own, (ours,) = framework(1, version=scale(("Not yet", "Proficient", "Advanced"), proficient_rank=2))
            Competency.objects.filter(pk=competencies[0].pk).update(retired_on=day(1))
            tie = {"uuid": uuid.uuid4(), "kind": "exactMatchOf", "origin": ours.uuid, "destination": competencies[0].uuid}
            Association.objects.create(framework=own, content_sha256="", **tie)
            arriving = student(school("NEW"), name="Ana")
            by = counsellor(arriving)
            arrived = bring(bundle, arriving, by)
            assert arrived.warnings == ()
            assert [(one.matched_by, one.competency_id, one.proposed_rank) for one in arrived.placements] == [
                ("exact_match", ours.pk, 3),
                ("same", competencies[1].pk, 3),
            ]
            assert arrived.placements[0].attained_on == day(9)
            assert levels_now([arriving.pk]) == {}
            for placement in arrived.placements:
                decide(placement, by)
            levels = levels_now([arriving.pk])
            assert {key: (level.label, level.mastered) for (_, key), level in levels.items()} == {
                ours.pk: ("Advanced", True),
                competencies[1].pk: ("Proficient", True),
            }
            first = MasteryJudgment.objects.get(competency_id=ours.pk)
            assert (first.kind, first.judged_by_id, first.worked_on) == ("transfer", by.pk, day(9))
            assert "School OLD" in first.reason
            assert bytes(EvidenceFile.objects.get(version__in=first.rests_on.values("version")).content) == PDF
            assert {one.setting for one in Evidence.objects.all()} == {"other_school"}
            # Credit follows by the same mechanism as any: criteria, met by what was confirmed.
            made, (only,) = course("1")
            set_for(made, only, asks(ours), by)
            assert award(by, arriving, made, only, on=72, occasion="transfer").basis["progress"]["met"]


pytest_db = pytest.mark.django_db


@pytest_db
def test_the_same_state_gives_the_same_bytes_whenever_it_is_exported():
    _, competencies = framework(3)
    _, learner = a_years_work(competencies)
    assert export(learner, on=60) == export(learner, on=90)


@pytest_db
def test_the_document_says_what_was_mastered_in_the_words_of_its_day():
    made, competencies = framework(3)
    _, learner = a_years_work(competencies)
    said = document(export(learner))
    assert (said["format"], said["version"], said["issuer"], said["as_of"]) == (
        "credence-portfolio",
        1,
        "School OLD",
        day(20).isoformat(),
    )
    one = competencies[0]
    assert said["mastered"][0] == {
        "framework": str(made.uuid),
        "framework_title": "Numbers",
        "competency": str(one.uuid),
        "code": one.code,
        "statement": one.statement,
        "level": "Advanced",
        "rank": 4,
        "highest_rank": 4,
        "scale": "four-levels 1",
        "judged_on": [day(6).isoformat(), day(9).isoformat()],
    }
    assert [entry["competency"] for entry in said["mastered"]] == [str(competencies[0].uuid), str(competencies[1].uuid)]
    assert [(entry["module"], entry["credit"]) for entry in said["credits"]] == [("M1", "1/2")]
    assert [(entry["title"], bool(entry["path"])) for entry in sorted(said["evidence"], key=lambda entry: entry["title"])] == [
        ("A film", False),
        ("A note", False),
        ("An essay", True),
    ]


@pytest_db
def test_a_statement_that_changed_since_stands_as_it_was_judged():
    from competencies.models import CompetencyWording, FrameworkArrival

    made, competencies = framework(3)
    _, learner = a_years_work(competencies)
    arrival = FrameworkArrival.objects.create(framework=made, package_sha256="", package=b"", changes={}, recorded_at=noon(30))
    one = competencies[0]
    CompetencyWording.objects.create(competency=one, arrival=arrival, code=one.code, statement=one.statement)
    Competency.objects.filter(pk=one.pk).update(statement="Says something else.")
    assert document(export(learner))["mastered"][0]["statement"] == one.statement


@pytest_db
def test_the_page_reads_offline_and_escapes_whatever_people_wrote():
    _, competencies = framework(3)
    _, learner = a_years_work(competencies)
    bundle = export(learner)
    with zipfile.ZipFile(BytesIO(bundle)) as opened:
        page = opened.read("index.html").decode()
        names = set(opened.namelist())
    assert "<script" not in page
    assert "Ana &lt;script&gt;" in page
    assert "It went &lt;b&gt;well&lt;/b&gt; &amp; fast." in page
    assert "default-src 'none'" in page
    assert not re.search(r"""(src|srcset|action|data)\s*=|url\(|@import|<link|<iframe|<img""", page)
    local = {target for target in re.findall(r'href="([^"]*)"', page) if not target.startswith(("#", "https://example.org/film"))}
    assert local
    assert local <= names


@pytest_db
def test_a_file_that_does_not_fit_is_named_and_stays(monkeypatch):
    import pathways.actions.export_portfolio as action

    _, competencies = framework(3)
    _, learner = a_years_work(competencies)
    monkeypatch.setattr(action, "FILES_BYTES", len(PDF) - 1)
    said = document(export(learner))
    (essay,) = (entry for entry in said["evidence"] if entry["kind"] == "file")
    assert (essay["path"], essay["note"]) == ("", "This file was too large for the bundle and stays at the school.")
    arrived = bring(export(learner), student())
    assert arrived.warnings == ("Evidence 'An essay' was left out: This file was too large for the bundle and stays at the school.",)
    assert arrived.evidence == 2


@pytest_db
def test_the_same_bundle_again_changes_nothing():
    _, competencies = framework(3)
    _, learner = a_years_work(competencies)
    bundle, arriving = export(learner), student()
    first = bring(bundle, arriving)
    again = bring(bundle, arriving, on=80)
    assert (again.new, again.arrival.pk, [one.pk for one in again.placements]) == (
        False,
        first.arrival.pk,
        [one.pk for one in first.placements],
    )
    assert Evidence.objects.filter(student=arriving).count() == 3


@pytest_db
def test_what_nothing_here_matches_is_shown_and_cannot_be_confirmed_only_refused_with_a_reason():
    _, competencies = framework(3)
    _, learner = a_years_work(competencies)
    said = document(export(learner))
    said["mastered"][0]["competency"] = str(uuid.uuid4())
    by, arriving = teacher(), student()
    unmatched = bring(zipped(said), arriving).placements[0]
    assert (unmatched.matched_by, unmatched.competency_id, unmatched.proposed_rank) == ("none", None, None)
    with pytest.raises(PlacementRefused, match="Nothing on file matches"):
        decide(unmatched, by)
    with pytest.raises(PlacementRefused, match="Say why"):
        decide(unmatched, by, confirm=False)
    assert decide(unmatched, by, confirm=False, note="Taught differently here.").judgment_id is None
    with pytest.raises(PlacementRefused, match="decided already") as refused:
        decide(unmatched, by)
    assert refused.value.conflict


@pytest_db
def test_a_person_may_place_at_another_level_than_proposed_and_none_that_the_scale_lacks():
    _, competencies = framework(3)
    _, learner = a_years_work(competencies)
    by, arriving = teacher(), student()
    placement = bring(export(learner), arriving).placements[0]
    with pytest.raises(PlacementRefused, match="scale goes from 1 to 4"):
        decide(placement, by, rank=5)
    decide(placement, by, rank=2, note="Shown in part.")
    judgment = MasteryJudgment.objects.get(student_id=arriving.pk)
    assert (judgment.rank, judgment.reason) == (2, "Shown in part.")


def zipped(said, *extra, method=zipfile.ZIP_DEFLATED):
    into = BytesIO()
    with zipfile.ZipFile(into, "w", method) as archive:
        archive.writestr("portfolio.json", said if isinstance(said, bytes) else json.dumps(said))
        for name, content in extra:
            archive.writestr(name, content)
    return into.getvalue()


def empty(**members):
    return {
        "format": "credence-portfolio",
        "version": 1,
        "issuer": "",
        "student": "",
        "as_of": None,
        "mastered": [],
        "credits": [],
        "evidence": [],
    } | members


def piece(**members):
    return {
        "uuid": str(uuid.uuid4()),
        "kind": "file",
        "setting": "school",
        "title": "A page",
        "worked_on": "2025-09-01",
        "competencies": [],
        "text": "",
        "address": "",
        "path": "files/a.txt",
        "file_name": "a.txt",
        "media_type": "text/plain",
        "sha256": "",
        "note": "",
    } | members


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


@pytest_db
@pytest.mark.parametrize("kind", HOSTILE)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_hostile_bundle_is_refused_in_words_and_leaves_nothing(kind):
    make, told = HOSTILE[kind]
    bundle, arriving = make(), student()
    with pytest.raises(PortfolioRefused, match=told):
        bring(bundle, arriving)
    assert not PortfolioArrival.objects.exists()


@pytest_db
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


@pytest_db
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


@pytest_db
def test_the_commands_carry_a_portfolio_out_and_in(tmp_path):
    _, competencies = framework(3)
    _, learner = a_years_work(competencies)
    arriving = student()
    file = tmp_path / "portfolio.zip"
    call_command("export_portfolio", str(learner.uuid), str(file), stdout=StringIO())
    said = StringIO()
    call_command("import_portfolio", str(file), student=arriving.username, stdout=said)
    assert said.getvalue() == "Evidence 3, placements proposed 2 (same: 2).\n"
    call_command("import_portfolio", str(file), student=arriving.username, stdout=said)
    assert said.getvalue().endswith("This bundle had arrived before; nothing was changed.\n")
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("export_portfolio", str(learner.uuid), str(file))
    with pytest.raises(CommandError, match="no such person"):
        call_command("import_portfolio", str(file), student="nobody")


@pytest_db
def test_an_export_takes_the_same_number_of_queries_whatever_is_mastered(django_assert_max_num_queries):
    from pathways.queries.portfolio import portfolio_of

    made = Framework.objects.create(uuid=uuid.uuid4(), title="Wide", scale=default_scale(at=noon(1)))
    competencies = [competency(made, position=number) for number in range(40)]
    by, learner = teacher(), student()
    for one in competencies:
        judge(by, learner, one, 3)
    with acting_as("area_learning"), django_assert_max_num_queries(13):
        portfolio, _ = portfolio_of(learner.pk, day=day(5), files_bytes=1)
    assert len(portfolio.mastered) == 40
    assert Placement.objects.count() == 0
