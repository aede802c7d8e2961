"""Whatever comes in and in whichever order: as of each batch the views add up to what stood then."""

import datetime
import random

import pytest
from django.db import connection

from enrollments.actions.record_attested import record_attested
from enrollments.calc.attested_rows import AttestedRow
from people.actions.appoint import appoint
from tests import build

pytestmark = pytest.mark.django_db

BATCHES, ROWS = 40, 6
TODAY = build.day(300)
STANDING = {
    "milestones": """
        SELECT enrollment_id, milestone, NULL, attained_on::text FROM milestone_facts WHERE batch_id <= %s
        GROUP BY enrollment_id, milestone, attained_on HAVING sum(1 - 2 * (sequence %% 2)) = 1""",
    "needs": """
        SELECT enrollment_id, category, from_on, to_on::text FROM need_facts WHERE batch_id <= %s
        GROUP BY enrollment_id, category, from_on, to_on HAVING sum(1 - 2 * (sequence %% 2)) = 1""",
    "prior_learning": """
        SELECT enrollment_id, measure, NULL, CASE WHEN amount LIKE '%%/%%' THEN amount ELSE amount || '/1' END
        FROM (SELECT DISTINCT ON (enrollment_id, measure) * FROM prior_learning_facts WHERE batch_id <= %s
              ORDER BY enrollment_id, measure, id DESC) latest WHERE amount IS NOT NULL""",
}
NEVER_BUT_0_OR_1 = """
    SELECT count(*) FROM (
        SELECT sum(1 - 2 * (sequence % 2)) AS net FROM milestone_facts GROUP BY enrollment_id, milestone, attained_on
        UNION ALL
        SELECT sum(1 - 2 * (sequence % 2)) FROM need_facts GROUP BY enrollment_id, category, from_on, to_on) n
    WHERE net NOT IN (0, 1)"""


def ask(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)
        return cursor.fetchall()


def any_rows(fact, chance, codes):
    names = {"milestones": ("passed", "achieved"), "needs": ("language",), "prior_learning": ("grades_to_grow",)}[fact]
    for number in range(ROWS):
        void = chance.random() < 0.3
        content = {
            "milestones": build.day(chance.randint(1, 5)).isoformat(),
            "needs": chance.choice([None, build.day(chance.randint(50, 53)).isoformat()]),
            "prior_learning": chance.choice(["1/2", "3/1", "-5/4"]),
        }[fact]
        from_on = chance.choice([None, build.day(1), build.day(2)]) if fact == "needs" else None
        yield AttestedRow(number + 2, chance.choice(codes), chance.choice(names), from_on, None if void else content, void)


@pytest.mark.parametrize("fact", sorted(STANDING))
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_as_of_each_batch_the_view_says_what_stood_then(fact, seed):
    chance = random.Random(seed)
    appoint(username="examiner", full_name="Examiner", kind="counsellor", starts_on=build.START)
    offering = build.offering()
    ids = {one.code: one.pk for one in (build.enrollment(offering) for _ in range(3))}
    stands: dict[tuple[int, str, datetime.date | None], str | None] = {}
    known = {}
    for _ in range(BATCHES):
        rows, takes = list(any_rows(fact, chance, list(ids))), chance.random() < 0.5
        done = record_attested(
            fact=fact, rows=rows, catalogue="trial", attested_by="examiner", today=TODAY, on_outcome=lambda _: None,
            apply_changes=takes,
        )  # fmt: skip
        said = set()
        for row in rows:
            key = (ids[row.enrollment], row.name, row.from_on)
            if key not in said and row.void:
                stands.pop(key, None)
            elif key not in said and (takes or key not in stands):
                stands[key] = row.content
            said.add(key)
        if done.batch:
            known[done.batch] = {(*key, content) for key, content in stands.items()}
        else:
            assert {(*key, content) for key, content in stands.items()} == known[max(known)] if known else not stands
    assert len(known) > BATCHES // 2
    for batch, stood in known.items():
        assert set(ask(STANDING[fact], batch)) == stood, batch
    assert ask(NEVER_BUT_0_OR_1) == [(0,)]
