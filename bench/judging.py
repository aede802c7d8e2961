"""G10: the levels of a class and of one student on a record of many judgements, and a million judgements brought from a file.

Five judgements a cell, 80 competencies a student, rows in the order of the days, so those of one student are scattered. The
rule is the newest judgement, so that DISTINCT ON can answer the same.
"""

import datetime
import random
import tempfile
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db import connection

from bench import cluster
from bench.data import SEED
from bench.intake import copied, copy_in
from bench.report import Report, Sample, progress, seconds
from competencies.actions.import_judgments import import_judgments
from competencies.exchange.judgment_file import read_judgments
from competencies.queries.levels import levels_now

COMPETENCIES, A_CELL = 80, 5
CLASS, ASKED = 30, 40
YEAR_STARTS = datetime.date(2025, 8, 1)
AT = datetime.datetime(2026, 7, 1, 12, tzinfo=datetime.UTC)
CLASSES, SLOW, REPEATS = 100, 5, 3
IMPORTED = 1_000_000

_GROUND = f"""
INSERT INTO learning.people_user (id, uuid, username, full_name, password, works_in_office, is_active)
SELECT i, gen_random_uuid(), 'student-' || i, 'Student ' || i, '!', false, true FROM generate_series(1, %(students)s) i;
INSERT INTO learning.people_user (id, uuid, username, full_name, password, works_in_office, is_active)
SELECT %(students)s + i, gen_random_uuid(), 'teacher-' || i, 'Teacher ' || i, '!', false, true FROM generate_series(1, 97) i;
INSERT INTO learning.people_role (user_id, kind, starts_on)
SELECT %(students)s + i, 'teacher', %(starts)s FROM generate_series(1, 97) i;
INSERT INTO learning.competencies_masteryscale (id, uuid, code, title) VALUES (1, gen_random_uuid(), 'bench', 'Bench');
INSERT INTO learning.competencies_masteryscaleversion (id, scale_id, number, levels, highest_rank, proficient_rank, method,
    parameters, carried_from, reason, released_at)
VALUES (1, 1, 1, '[{{"label": "Beginning"}}, {{"label": "Developing"}}, {{"label": "Proficient"}}, {{"label": "Advanced"}}]', 4, 3,
        'most_recent', '{{}}', '{{}}', '', '2025-01-01');
INSERT INTO learning.competencies_framework (id, uuid, title, creator, version, adoption_status, licence, package_sha256,
    document, definitions, scale_id)
VALUES (1, gen_random_uuid(), 'Bench', '', '', '', '', '', '{{}}', '{{}}', 1);
INSERT INTO learning.competencies_competency (id, framework_id, uuid, code, statement, label, item_type, kind, position, depth,
    source, content_sha256)
SELECT i, 1, gen_random_uuid(), 'N.' || i, 'Can do thing ' || i, '', '', 'academic', i, 0, '{{}}', ''
FROM generate_series(1, {COMPETENCIES}) i
"""
_JUDGMENTS = f"""
INSERT INTO learning.competencies_masteryjudgment
    (student_id, competency_id, version_id, rank, kind, reason, worked_on, judged_by_id, recorded_at)
SELECT s, c, 1, 1 + (hashint8extended((s * {COMPETENCIES} + c) * 8 + j, {SEED}) & 3), 'judgment', '', day, 1 + s %% 97,
       day + interval '15 hours'
FROM generate_series(1, %(students)s::bigint) s, generate_series(1, {COMPETENCIES}) c, generate_series(1, {A_CELL}) j
CROSS JOIN LATERAL (SELECT %(starts)s::date
    + ((hashint8extended((s * {COMPETENCIES} + c) * 8 + j, {SEED + 1}) & 2147483647) %% 320)::int AS day) d
ORDER BY day, hashint8(s * {COMPETENCIES} + c)
"""
# The kept levels as the product reads them, without the criteria and versions that `levels_now` asks for with them.
_KEPT = """
SELECT student_id, competency_id, version_id, rank, judgments, overridden, last_worked_on
FROM learning.competencies_currentlevel
WHERE student_id = ANY(%(students)s) AND (%(every)s OR competency_id = ANY(%(competencies)s))
"""
_LEVELS_OF_ALL = """
INSERT INTO learning.competencies_currentlevel
    (student_id, competency_id, version_id, rank, judgments, overridden, last_worked_on)
SELECT DISTINCT ON (student_id, competency_id) student_id, competency_id, version_id, rank,
       count(*) OVER (PARTITION BY student_id, competency_id), false, worked_on
FROM learning.competencies_masteryjudgment
ORDER BY student_id, competency_id, worked_on DESC, recorded_at DESC, id DESC
"""
# The same rows with the indexes that Django makes for foreign keys.
_AS_BY_DEFAULT = """
CREATE TABLE public.bench_judgment AS SELECT * FROM learning.competencies_masteryjudgment;
ALTER TABLE public.bench_judgment ADD PRIMARY KEY (id);
CREATE INDEX ON public.bench_judgment (student_id);
CREATE INDEX ON public.bench_judgment (competency_id);
CREATE INDEX ON public.bench_judgment (version_id);
CREATE INDEX ON public.bench_judgment (judged_by_id)
"""
_DISTINCT_ON = """
SELECT DISTINCT ON (student_id, competency_id) student_id, competency_id, version_id, rank, worked_on
FROM {table} WHERE student_id = ANY(%(students)s) AND (%(every)s OR competency_id = ANY(%(competencies)s))
ORDER BY student_id, competency_id, worked_on DESC, recorded_at DESC, id DESC
"""
_A_CELL = """
SELECT version_id, rank, worked_on FROM learning.competencies_masteryjudgment
WHERE student_id = %s AND competency_id = %s ORDER BY worked_on DESC, recorded_at DESC, id DESC LIMIT 1
"""
_PLAIN_COLUMNS = "student_id, competency_id, version_id, rank, kind, reason, worked_on, judged_by_id, recorded_at"


class Record:
    """A database with `judgments` judgements."""

    def __init__(self, judgments: int) -> None:
        self.students = max(CLASS, judgments // (COMPETENCIES * A_CELL))
        self.judgments = self.students * COMPETENCIES * A_CELL
        self.name = f"bench_judged_{judgments}"

    @property
    def million(self) -> str:
        return f"{self.judgments / 10**6:g}"

    def use(self) -> None:
        if connection.settings_dict["NAME"] != self.name:
            connection.close()
            connection.settings_dict["NAME"] = self.name

    def make(self) -> None:
        cluster.drop_database(self.name)
        cluster.create_database(self.name)
        self.use()
        progress(f"{self.name}: migrating")
        call_command("migrate", verbosity=0)
        progress(f"{self.name}: generating")
        values = {"students": self.students, "starts": YEAR_STARTS}
        with connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
            cursor.execute("SET work_mem = '1GB'")
            for statement in _GROUND.split(";\n"):
                cursor.execute(statement, values)
            # The key stays, others point at it; numbers that rise fill it in passing.
            cursor.execute("SELECT pg_get_indexdef('learning.judgments_of_a_cell'::regclass)")
            index = cursor.fetchone()[0]
            cursor.execute("DROP INDEX learning.judgments_of_a_cell")
            cursor.execute(_JUDGMENTS, values)
            cursor.execute(index)
            progress(f"{self.name}: levels")
            cursor.execute(_LEVELS_OF_ALL)
            for statement in _AS_BY_DEFAULT.split(";\n"):
                cursor.execute(statement)
            cursor.execute("SET session_replication_role = origin")
            cursor.execute("RESET work_mem")
            for table in ("people_user", "competencies_masteryjudgment"):
                cursor.execute(f"SELECT setval(pg_get_serial_sequence('learning.{table}', 'id'), max(id)) FROM learning.{table}")
            progress(f"{self.name}: vacuuming")
            cursor.execute("VACUUM (ANALYZE)")
            cursor.execute("CHECKPOINT")


def bench_judging(report: Report, judgments: int, *, keep: bool) -> None:
    record = Record(judgments)
    if not (keep and cluster.database_exists(record.name)):
        record.make()
    record.use()
    chance = random.Random(SEED)
    _read(record, report, chance, "a class of 30 on 40 competencies", CLASS, ASKED)
    _read(record, report, chance, "one student's levels, as a plan reads them", 1, None)
    _bring(record, report)


def _read(record: Record, report: Report, chance: random.Random, what: str, students: int, asked: int | None) -> None:
    """One way beside the others on the same random students, each answered once before it is timed."""
    took: dict[str, Sample] = {name: Sample() for name in ("kept", "whole", "default", "covering", "cells")}
    progress(f"{record.name}: {what}")
    same, told = True, {}
    for number in range(CLASSES):
        who = chance.sample(range(1, record.students + 1), students)
        which = chance.sample(range(1, COMPETENCIES + 1), asked) if asked else list(range(1, COMPETENCIES + 1))
        values = {"students": who, "every": asked is None, "competencies": which}
        ways: dict[str, Any] = {
            "kept": lambda values=values: _fetched(_KEPT, values),
            "default": lambda values=values: _fetched(_DISTINCT_ON.format(table="public.bench_judgment"), values),
            "covering": lambda values=values: _fetched(_DISTINCT_ON.format(table="learning.competencies_masteryjudgment"), values),
            "whole": lambda who=who, which=which: levels_now(who, which if asked else None, YEAR_STARTS),
        }
        if number < SLOW:
            ways["cells"] = lambda who=who, which=which: [_fetched(_A_CELL, [one, other]) for one in who for other in which]
        for name, way in ways.items():
            answer: list[Any] = [way()]
            took[name].values.append(seconds(lambda way=way, answer=answer: answer.append(way())))
            if name in ("kept", "default"):
                told[name] = {(row[0], row[1]): row[3] for row in answer[0]}
        same = same and told["kept"] == told["default"]
    report.fact("G10", f"{what}: the kept levels are those of DISTINCT ON, {CLASSES} times", "equal" if same else "DIFFERENT", same)
    kept_ms = _ms(took["kept"])
    for name, said, wanted in (
        ("default", "against DISTINCT ON, the index of a foreign key", ">= 15" if asked else ""),
        ("cells", "against one query a cell, covering index", ">= 15"),
        ("covering", "against DISTINCT ON, covering index", ""),
    ):
        report.line("G10", f"{what}, {record.million}M judgements, {said}", kept_ms, "ms", _ms(took[name]),
                    took[name].median / took["kept"].median, wanted)  # fmt: skip
    report.line("", f"{what}: the whole query of the product, with words and what counts as mastered", _ms(took["whole"]), "ms")


def _ms(sample: Sample) -> Sample:
    return Sample([1000 * value for value in sample.values])


def _fetched(statement: str, values: Any) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()


def _bring(record: Record, report: Report) -> None:
    """A file of new judgements, each of another cell where there are so many; against a COPY of the rows as they lie in the
    end into a table without an index."""
    rows = min(IMPORTED, record.students * COMPETENCIES)
    product, plain = Sample(), Sample()
    with tempfile.TemporaryDirectory() as folder:
        for repeat in range(REPEATS):
            file = Path(folder) / "judgments.csv"
            day = AT.date() - datetime.timedelta(days=repeat)
            file.write_bytes(b"student,competency,level,worked_on,judged_by\n" + copied(_rows_of_a_file(rows, day, repeat)))
            progress(f"{record.name}: importing {rows:,} judgements")
            done: list[Any] = []
            took = seconds(lambda file=file, done=done: done.append(import_judgments(rows=read_judgments(file), at=AT)))
            assert (done[0].created, done[0].refused) == (rows, 0), done
            product.values.append(took)
            plain.values.append(_plain(day))
            with connection.cursor() as cursor:
                cursor.execute("VACUUM (ANALYZE) learning.competencies_masteryjudgment, learning.competencies_currentlevel")
                cursor.execute("CHECKPOINT")
    report.line("G10", f"import of {rows:,} judgements from a file onto {record.million}M, levels brought in step: "
                "plain COPY of the same rows, no index", product.per(rows), "rows/s", plain.per(rows),
                plain.median / product.median)  # fmt: skip


def _rows_of_a_file(rows: int, day: datetime.date, repeat: int) -> str:
    return (
        f"SELECT 'student-' || s || ',' || c.uuid || ',' || 1 + (s + c.id + {repeat}) % 4 || ',{day},teacher-' || 1 + s % 97 "
        f"FROM generate_series(1, {-(-rows // COMPETENCIES)}) s, learning.competencies_competency c "
        f"ORDER BY hashint8(s * {COMPETENCIES} + c.id) LIMIT {rows}"
    )


def _plain(day: datetime.date) -> float:
    content = copied(
        f"SELECT {_PLAIN_COLUMNS} FROM learning.competencies_masteryjudgment "
        f"WHERE worked_on = '{day}' AND recorded_at = '{AT}' ORDER BY id"
    )
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE public.bench_plain (LIKE learning.competencies_masteryjudgment)")
        cursor.execute("ALTER TABLE public.bench_plain ALTER id DROP NOT NULL")
        took = seconds(lambda: copy_in(f"public.bench_plain ({_PLAIN_COLUMNS})", content))
        cursor.execute("DROP TABLE public.bench_plain")
    return took
