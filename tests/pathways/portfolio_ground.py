"""Builders for the tests of portfolios: a student with a year's work, bundles as they leave, and bundles made by hand."""

import json
import uuid
import zipfile
from io import BytesIO

from competencies.actions.record_evidence import record_evidence
from pathways.actions.decide_placement import decide_placement
from pathways.actions.export_portfolio import export_portfolio
from pathways.actions.import_portfolio import import_portfolio
from tests.build_learning import day, judge, noon, section, student, teacher
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
