"""Hostile rows through every way in: each bad row is named by line and reason, each good row is kept, in little memory."""

import csv
import json
import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from django.db import connection

from database.areas import acting_as
from enrollments.actions.open_api_feed import open_api_feed
from tests import build
from tests.drills import hostile_rows

MEGABYTES = 300
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def seed(request):
    return request.config.getoption("--drill-seed")


@pytest.fixture
def size(request):
    return 200_000 if request.config.getoption("--drill-size") == "full" else 20_000


@pytest.fixture
def token(committed_db, size):
    """One offering with every enrollment that the rows name, and the key of its provider."""
    offering = build.offering("P1", "A 1", modules=1, assignments=0)
    arrival = build.batch()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO enrollments_assignment (offering_id, module_id, code, title, stakes, required, batch_id) "
            "SELECT %s, m.id, w.code, 'Work', CASE w.code WHEN 'H' THEN 'high' ELSE 'low' END, true, %s "
            "FROM enrollments_module m, unnest(%s::text[]) AS w (code) WHERE m.course_id = %s",
            [offering.pk, arrival.pk, [f"A{n}" for n in range(hostile_rows.WORKS)] + ["H"], offering.course_id],
        )
        cursor.execute(
            "WITH student AS (INSERT INTO people_user (uuid, username, full_name, password, works_in_office, is_active) "
            "VALUES (gen_random_uuid(), 'drill', '', '!', false, true) RETURNING id) "
            "INSERT INTO enrollments_enrollment (code, student_id, offering_id, batch_id) "
            "SELECT 'E-' || n, student.id, %s, %s FROM student, generate_series(0, %s) AS n",
            [offering.pk, arrival.pk, size // hostile_rows.WORKS],
        )
    return open_api_feed(provider=offering.provider, label="drill", catalogue="trial")


def through(way, *arguments):
    """Run one way in as a program of its own; what it said, after a check of its memory."""
    started = time.monotonic()
    command = [sys.executable, "-m", "tests.drills.hostile_rows", connection.settings_dict["NAME"], way, *map(str, arguments)]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings"}
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    answer = json.loads(done.stdout.splitlines()[-1])
    print(f"\n{way}: {time.monotonic() - started:.1f} s, {answer['megabytes']:.0f} MB")
    assert answer["megabytes"] <= MEGABYTES
    return answer["said"]


def kept_ids(source):
    with acting_as("area_learning"), connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.source_id FROM enrollments_completion c JOIN enrollments_sourcesystem s ON s.id = c.source_system_id "
            "WHERE s.code = %s",
            [source],
        )
        return [source_id for (source_id,) in cursor.fetchall()]


def assert_as_the_oracle_says(oracle, refused, source):
    assert refused == oracle.refused
    kept = kept_ids(source)
    assert len(kept) == len(oracle.kept)
    assert set(kept) == oracle.kept


def refused_in(report):
    with report.open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["status"] == "refused"]
    assert len({row["line"] for row in rows}) == len(rows)
    return {int(row["line"]): row["reason"] for row in rows}


def test_a_hostile_csv_file_loses_no_good_row_and_names_every_bad_one(token, size, seed, tmp_path):
    build.source("feed")
    header = b"\xef\xbb\xbfsource_id,enrollment,assignment,completed_on,carried_over\r\n"
    file, report = tmp_path / "hostile.csv", tmp_path / "report.csv"
    oracle = hostile_rows.write_file(file, hostile_rows.csv_rows(size, seed), header, between=b"\r\n")
    arguments = (file, "--source", "feed", "--today", hostile_rows.TODAY, "--report", report)
    counts = json.loads(through("import_completions", *arguments))
    assert_as_the_oracle_says(oracle, refused_in(report), "feed")
    assert (counts["created"], counts["exists"]) == (len(oracle.kept), oracle.repeats)

    again = json.loads(through("import_completions", *arguments))
    assert (again["created"], again["batch"]) == (0, None)
    assert refused_in(report) == oracle.refused


def test_a_hostile_dataset_loses_no_good_row_and_names_every_bad_one(committed_db, size, seed, tmp_path):
    oracle = hostile_rows.write_oulad_folder(tmp_path / "folder", size, seed)
    report = tmp_path / "report.csv"
    arguments = (tmp_path / "folder", "--today", hostile_rows.TODAY, "--report", report)
    counts = json.loads(through("import_oulad", *arguments))
    assert_as_the_oracle_says(oracle, refused_in(report), "oulad")
    assert counts["assessment_rows"] == size


@pytest.mark.parametrize(
    ("content_type", "opening", "between", "closing"),
    [("application/x-ndjson", b"", b"\n", b"\n"), ("application/json", b'{"completions": [', b",\n", b"]}")],
)
def test_a_hostile_batch_loses_no_good_row_and_names_every_bad_one(
    token, size, seed, tmp_path, content_type, opening, between, closing
):
    body, answer = tmp_path / "body", tmp_path / "answer"
    lines = hostile_rows.json_rows(size, seed)
    oracle = hostile_rows.write_file(body, lines, opening, between, closing)
    assert through("api", body, content_type, token, answer) == "200 OK"
    results = json.loads(answer.read_bytes())["results"]
    assert [result["row"] for result in results] == list(range(1, size + 1))
    statuses = Counter(result["status"] for result in results)
    assert statuses == {"created": len(oracle.kept), "exists": oracle.repeats, "refused": len(oracle.refused)}
    refused = {result["row"]: result["reason"] for result in results if result["status"] == "refused"}
    assert_as_the_oracle_says(oracle, refused, "api:P1")
