"""One student and everybody who may stand near one, each object that an address can name, and a body for each write.

`a_world()` builds it; `filled(route)` of the answer gives the address of a route of the URL configuration.
"""

import datetime
import uuid
from dataclasses import dataclass

from competencies.actions.add_anchor import add_anchor
from competencies.actions.ask_second_rating import ask_second_rating
from competencies.actions.record_evidence import record_evidence
from competencies.models import IndividualCriterion, Rubric, RubricCriterion, RubricLevel, SampleWork
from enrollments.models import Enrollment, Module
from pathways.actions.ask_for_assessment import ask_for_assessment
from pathways.actions.award_credit import award_credit
from pathways.actions.open_plan import plan_of
from pathways.actions.set_criteria import set_criteria
from pathways.models import Assessment, AssessmentAttestation, Placement, PlanGoal, PortfolioArrival
from tests import build, build_learning
from tests.build_learning import noon

LONG_AGO = datetime.date(2020, 1, 1)
YESTERDAY = datetime.date.today() - datetime.timedelta(days=1)


@dataclass
class World:
    """`people` by role; `names` fills the parts of a route; `bodies` by (route, method), {} where a write needs none."""

    people: dict
    names: dict
    bodies: dict

    def filled(self, route):
        for part, value in self.names.items():
            route = route.replace(part, str(value))
        assert "<" not in route, f"tests/api/world.py does not know what to put into {route}"
        return f"/api/v1/{route}"


def people_around(student, teacher):
    school = build_learning.school()
    provider = build.provider()
    people = {
        "student": student,
        "guardian": build_learning.guardian(student),
        "teacher": teacher,
        "other_teacher": build_learning.class_of()[0],
        "counsellor": build_learning.counsellor(student),
        "school_administrator": build_learning.administrator(school),
        "district_administrator": build_learning.administrator(school.district),
        "provider_staff": build_learning.person("provider_staff", organization=provider),
        **{kind: build_learning.person(kind) for kind in ("finance_officer", "payment_releaser", "auditor")},
        # Held another role once; a relation that has ended opens nothing.
        "nobody_now": build_learning.guardian(student, ends_on=YESTERDAY),
    }
    offered = build.offering(code="E 1")
    Enrollment.objects.create(code="E", student=student, offering=offered, enrolled_on=LONG_AGO, batch=build.batch())
    return people


def a_world():
    teacher, (student,), section = build_learning.class_of()
    rater = build_learning.teacher()
    people = people_around(student, teacher)
    _, (first, second) = build_learning.framework(2)
    evidence = record_evidence(
        student_id=student.pk, recorded_by=teacher.pk, kind="file", title="Essay", worked_on=build_learning.START, at=noon(1),
        competency_ids=[first.pk], file_name="essay.txt", content=b"An essay.",
    )  # fmt: skip
    judgment = build_learning.judge(teacher, student, first, 3, evidence_versions=(evidence.versions.get().pk,))
    asked = ask_second_rating(judgment_id=judgment, rater_id=people["other_teacher"].pk, asked_by=teacher.pk, at=noon(2))
    criterion = _criterion(student, first, people["counsellor"])
    level = _rubric_level(first)
    anchor = add_anchor(
        sample_id=level.samples.get().pk,
        competency_id=first.pk,
        agreed_rank=2,
        decided_by=people["school_administrator"].pk,
        at=noon(2),
    )
    placed = _placed(student, teacher, first, second, section.course)
    names = {
        "<uuid:student>": student.uuid,
        "<uuid:competency>": first.uuid,
        "<uuid:framework>": first.framework.uuid,
        "<uuid:level>": level.uuid,
        "<uuid:evidence>": evidence.uuid,
        "<uuid:rating>": asked.uuid,
        "<uuid:anchor>": anchor.uuid,
        "<uuid:scale>": first.framework.scale.uuid,
        "<uuid:section>": section.uuid,
        "<uuid:school>": section.school.uuid,
        "<path:rest>": "no/such/address",
        **placed,
    }
    bodies = _bodies(student, first, criterion, rater, level)
    world = World(people, names, bodies)
    world.judgment, world.version = judgment, 1
    return world


def _criterion(student, competency, counsellor):
    version = competency.framework.scale.versions.get()
    return IndividualCriterion.objects.create(
        student=student, competency=competency, version=version, proficient_rank=2, reason="Plan", decided_by=counsellor,
        starts_on=build_learning.START, recorded_at=noon(1),
    )  # fmt: skip


def _rubric_level(competency):
    rubric = Rubric.objects.create(framework=competency.framework, title="Rubric")
    criterion = RubricCriterion.objects.create(rubric=rubric, competency=competency, description="Criterion")
    level = RubricLevel.objects.create(criterion=criterion, rank=2, quality="Developing")
    SampleWork.objects.create(level=level, title="Sample", text="A sample.")
    return level


def _placed(student, teacher, first, second, course):
    plan = plan_of(student_id=student.pk, at=noon(1))
    goal = PlanGoal.objects.create(plan=plan, title="Goal", starts_on=build_learning.START, set_by=student, recorded_at=noon(1))
    request = ask_for_assessment(student_id=student.pk, competency_id=second.pk, asked_by=student.pk, at=noon(2))
    attestation = AssessmentAttestation.objects.create(
        assessment=Assessment.objects.create(code="A", title="Assessment"), student=student, attained_on=build_learning.START,
        attested_by=teacher, recorded_at=noon(1),
    )  # fmt: skip
    Module.objects.create(course=course, code="M", title="Module", credit_numerator=1, credit_denominator=1)
    set_criteria(course_id=course.pk, tree={"assessment": "A"}, decided_by=teacher.pk, at=noon(1))
    award = award_credit(student_id=student.pk, course_id=course.pk, awarded_by=teacher.pk, at=noon(2))
    arrival = PortfolioArrival.objects.create(
        student=student, issuer="Another school", bundle_sha256="0" * 64, bundle=b"", brought_by=student, recorded_at=noon(1)
    )
    placement = Placement.objects.create(
        arrival=arrival, foreign_competency=uuid.uuid4(), foreign_statement="Can add.", foreign_level="Proficient",
        attained_on=build_learning.START, competency=second, matched_by="same", proposed_rank=3,
    )  # fmt: skip
    return {
        "<uuid:goal>": goal.uuid,
        "<uuid:asked>": request.uuid,
        "<uuid:attestation>": attestation.uuid,
        "<uuid:award>": award.uuid,
        "<uuid:placement>": placement.uuid,
    }


def _bodies(student, competency, criterion, rater, level):
    """Where a body is read before it is asked who may, one that can be read; else an empty one is enough."""
    day = build_learning.START.isoformat()
    judged = {"student": str(student.uuid), "competency": str(competency.uuid), "level": 2, "worked_on": day}
    person = "students/<uuid:student>"
    return {
        "judgments": {"judgments": [judged]},
        f"{person}/judgments/<int:number>/withdrawal": {"reason": "A slip."},
        f"{person}/judgments/<int:number>/second-ratings": {"rater": str(rater.uuid)},
        f"{person}/individual-criteria": {"competency": str(competency.uuid), "level": 2, "reason": "Plan", "starts_on": "2026-01-01"},
        f"{person}/individual-criteria/end": {"competency": str(competency.uuid), "starts_on": day, "ends_on": "2026-01-01"},
        f"{person}/evidence": {
            "kind": "note", "title": "Note", "worked_on": day, "text": "A note.", "competencies": [str(competency.uuid)],
        },
        f"{person}/evidence/<uuid:evidence>/versions": {"text": "Another."},
        "second-ratings/<uuid:rating>": {"level": 2},
        "anchors": {"rubric_level": str(level.uuid), "sample": 1, "competency": str(competency.uuid), "agreed_level": 2},
    }  # fmt: skip


def numbers(world, route):
    """The numbers in a route: a judgement's below a student, a version's below evidence."""
    return route.replace("<int:number>", str(world.version if "versions/" in route else world.judgment))
