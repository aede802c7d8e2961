"""A portfolio leaves one school's database and places the student in another's."""

import re
import uuid
import zipfile
from io import BytesIO, StringIO

import pytest
from django.core.management import CommandError, call_command

from competencies.actions.open_scale import default_scale
from competencies.models import Association, Competency, Evidence, EvidenceFile, Framework, MasteryJudgment
from competencies.queries.levels import levels_now
from database.areas import acting_as
from pathways.actions.decide_placement import PlacementRefused
from pathways.models import Placement
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
    student,
    teacher,
)
from tests.copies import copied_database, using_database
from tests.pathways.credit_ground import asks, award, course, set_for
from tests.pathways.portfolio_ground import PDF, a_years_work, bring, decide, document, export, zipped


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
    first = export(learner, on=60)
    assert first == export(learner, on=90)
    with zipfile.ZipFile(BytesIO(first)) as opened:
        assert {entry.date_time for entry in opened.infolist()} == {(1980, 1, 1, 0, 0, 0)}


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
