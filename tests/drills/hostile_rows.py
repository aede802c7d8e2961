"""200,000 rows of which a good part is hostile, with an oracle: which line is refused for what, which row is kept.

Run as a program (by test_hostile_rows.py) it sends one file through one way in and prints its peak memory, so that
the memory measured is that way's own.
"""

import datetime
import io
import json
import random
import resource
import sys
from pathlib import Path

TODAY = datetime.date(2026, 1, 31)
WORKS = 12  # low-stakes assignments A0 ... A11 of the one offering; H is high-stakes
MEGABYTES_10 = 10 * 1024 * 1024
BAD_EVERY = 4  # one row in so many is hostile
HUGE_EVERY, HUGE_AT = 80_000, 5_000  # a field of ten megabytes so often: a request holds 64 MiB
DAY = "2026-01-15"

# (field, value, reason): one bad value in an otherwise good row, as text or as JSON.
BAD_VALUES = [
    ("source_id", "", "missing"),
    ("source_id", "   ", "missing"),
    ("source_id", "s" * 101, "too_long"),
    ("source_id", "s\0", "control_character"),
    ("source_id", "a\tb", "control_character"),
    ("source_id", "a\u2028b", "control_character"),
    ("source_id", " s", "surrounding_space"),
    ("source_id", "=1+1", "formula"),
    ("source_id", "+1", "formula"),
    ("source_id", "-2+3", "formula"),
    ("source_id", "@SUM(A1)", "formula"),
    ("source_id", "s" * 2000, "too_long"),
    ("enrollment", "=HYPERLINK(1)", "formula"),
    ("enrollment", "E-nobody", "unknown_enrolment"),
    ("enrollment", "E-ñ-漢字-😀", "unknown_enrolment"),
    ("assignment", "A99", "unknown_assignment"),
    ("assignment", "a" * 61, "too_long"),
    ("assignment", "H", "high_stakes"),
    ("completed_on", "", "missing"),
    ("completed_on", "NaN", "not_a_date"),
    ("completed_on", "2026-02-30", "not_a_date"),
    ("completed_on", "2025-02-29", "not_a_date"),
    ("completed_on", "2026-13-01", "not_a_date"),
    ("completed_on", "0000-00-00", "not_a_date"),
    ("completed_on", "20260115", "not_a_date"),
    ("completed_on", "2026-W03-4", "not_a_date"),
    ("completed_on", "15/01/2026", "not_a_date"),
    ("completed_on", "２０２６-01-15", "not_a_date"),
    ("completed_on", "2026-01-15T00:00:00Z", "not_a_date"),
    ("completed_on", "1989-12-31", "date_out_of_range"),
    ("completed_on", "2200-01-01", "date_out_of_range"),
    ("completed_on", "2199-12-31", "future_date"),
    ("carried_over", "maybe", "not_a_boolean"),
    ("carried_over", "NaN", "not_a_boolean"),
    ("carried_over", "2", "not_a_boolean"),
]
JSON_VALUES = [
    ("source_id", 17, "wrong_type"),
    ("source_id", None, "missing"),
    ("source_id", ["s"], "wrong_type"),
    ("source_id", "\ud800", "lone_surrogate"),
    ("enrollment", {"code": "E-1"}, "wrong_type"),
    ("enrollment", "x\udfff", "lone_surrogate"),
    ("assignment", True, "wrong_type"),
    ("completed_on", 20260115, "wrong_type"),
    ("completed_on", float("nan"), "not_finite"),
    ("completed_on", float("inf"), "not_finite"),
    ("carried_over", 0.5, "not_a_boolean"),
    ("carried_over", 10**30, "huge_number"),
    ("score", 93, "unknown_field"),
]
# Raw lines; {row} is a good row's text with its own id. What stands on one line cannot harm the next.
CSV_LINES = [
    (b"\xed\xa0\x80,E-1,A1,2026-01-15,", "not_utf8"),
    (b"\xff\xfe,E-1,A1,2026-01-15,", "not_utf8"),
    (b"only,three,cells", "columns"),
    (b"one,E-1,A1,2026-01-15,,too many", "columns"),
    (b'"open,E-1,A1,2026-01-15,', "quoting"),
    (b'"closed"early,E-1,A1,2026-01-15,', "quoting"),
    (b",,,,", "missing"),
    (b"," * 5000, "columns"),
    (b"s" * 140_000 + b",E-1,A1,2026-01-15,", "too_long"),
    (b'"' * 4001, "quoting"),
]
JSON_LINES = [
    (b'{"source_id": "s", "source_id": "t"}', "duplicate_key"),
    (b'{"source_id": 1e400}', "not_finite"),
    (b'{"source_id": ' + b"[" * 40 + b"]" * 40 + b"}", "too_deep"),
    (b'{"source_id": "\xed\xa0\x80"}', "not_utf8"),
    (b'["a", "row", "that", "is", "a", "list"]', "not_json"),
    (b"17", "not_json"),
    (b"null", "not_json"),
    (b'"text"', "not_json"),
    (b"{}", "missing"),
    (b'{"source_id": "s" "enrollment": "E-1"}', "not_json"),
    (b"{'source_id': 's'}", "not_json"),
    (b'{"source_id": "raw\x01control"}', "not_json"),
    (b'{"source_id": "never-recorded", "void": true}', "unknown_source_id"),
]
# In the dataset's own columns: id_assessment, id_student, date_submitted, is_banked, score.
OULAD_VALUES = [
    (0, "", "missing"),
    (0, "9999999", "unknown_assignment"),
    (0, "1e3", "not_a_number"),
    (0, "=1+1", "not_a_number"),
    (1, "?", "missing"),
    (1, "-5", "not_a_number"),
    (1, "12\0", "not_a_number"),
    (1, "999999999", "unknown_enrolment"),
    (1, "９", "not_a_number"),
    (2, "", "missing"),
    (2, "NaN", "not_a_number"),
    (2, "1e400", "not_a_number"),
    (2, "99999999999999999999", "not_a_number"),
    (2, "-99999", "date_out_of_range"),
    (2, "40000", "future_date"),
    (2, "5.5", "not_a_number"),
    (3, "maybe", "not_a_boolean"),
    (3, "", "not_a_boolean"),
]


class Oracle:
    """What must come of each row: `refused` {row: reason}, `kept` the source ids, `repeats` rows that say it again."""

    def __init__(self) -> None:
        self.refused, self.kept, self.repeats = {}, set(), 0


def _good(number):
    return {
        "source_id": f"s{number}",
        "enrollment": f"E-{number // WORKS}",
        "assignment": f"A{number % WORKS}",
        "completed_on": DAY,
        "carried_over": "",
    }


def _as_csv(cells):
    values = [str(cell) for cell in cells.values()]
    return ",".join(f'"{v}"' if v.startswith("s") and v.endswith("7") else v for v in values).encode()


def _as_json(cells):
    return json.dumps(cells, ensure_ascii=len(str(cells["source_id"])) % 2 == 0 or "\\ud" in repr(cells)).encode()


def csv_rows(size, seed):
    """(line, oracle) for each row of a CSV file, and the oracle in the end."""
    yield from _rows(
        size,
        seed,
        _as_csv,
        [*BAD_VALUES, _future(TODAY, 1)],
        CSV_LINES,
        first_row=2,
        huge=lambda c: _as_csv({**c, "enrollment": "x" * MEGABYTES_10}),
    )


def json_rows(size, seed):
    # The API takes no day from its caller, so its future is the clock's.
    future = _future(datetime.datetime.now(datetime.UTC).date(), 2)
    yield from _rows(
        size,
        seed,
        _json_row,
        [*BAD_VALUES, *JSON_VALUES, future],
        JSON_LINES,
        first_row=1,
        huge=lambda c: _as_json({**c, "enrollment": "x" * MEGABYTES_10}),
    )


def _future(today, days):
    return "completed_on", (today + datetime.timedelta(days=days)).isoformat(), "future_date"


def _json_row(cells):
    """An absent flag, a true boolean and the text that a file would hold: all are good."""
    fit = dict(cells)
    if fit["carried_over"] == "":
        fit["carried_over"] = False
    return _as_json(fit)


def _rows(size, seed, write, bad_values, bad_lines, first_row, huge):
    """Yields (bytes, row, reason, source id kept or None); reason None: kept; "": says again what a row said."""
    chance, before = random.Random(seed), None
    for number in range(size):
        row, cells = first_row + number, _good(number)
        if number % HUGE_EVERY == HUGE_AT:
            yield huge(cells), row, "too_long", None
        elif number % BAD_EVERY:
            before = cells
            yield write(cells), row, None, cells["source_id"]
        else:
            yield _bad_row(chance, write, bad_values, bad_lines, cells, before, row)


def _bad_row(chance, write, bad_values, bad_lines, cells, before, row):
    kind = chance.random()
    if before and kind < 0.05:
        return write(before), row, "", None
    if before and kind < 0.1:
        return write({**before, "completed_on": "2026-01-16"}), row, "duplicate_id", None
    if kind < 0.3:
        line, reason = chance.choice(bad_lines)
        return line, row, reason, None
    field, value, reason = chance.choice(bad_values)
    return write({**cells, field: value}), row, reason, None


def oulad_rows(size, seed):
    chance = random.Random(seed)
    for number in range(size):
        cells, row = [str(100 + number % WORKS), str(number // WORKS), "20", "0", "80"], number + 2
        key = f"{cells[0]}-{cells[1]}"
        if number % HUGE_EVERY == HUGE_AT:
            cells[1], reason, key = "1" * MEGABYTES_10, "too_long", None
        elif number % BAD_EVERY:
            reason = None
        elif chance.random() < 0.2:
            line, reason = chance.choice([item for item in CSV_LINES if item[1] in ("not_utf8", "columns", "quoting")])
            yield line, row, reason, None
            continue
        else:
            place, value, reason = chance.choice(OULAD_VALUES)
            cells[place], key = value, None
        yield ",".join(cells).encode(), row, reason, key


def write_file(path, rows, opening=b"", between=b"\n", closing=b""):
    """Write the rows and answer their oracle."""
    oracle = Oracle()
    with path.open("wb") as file:
        file.write(opening)
        for count, (line, row, reason, kept) in enumerate(rows):
            file.write((between if count else b"") + line)
            if reason:
                oracle.refused[row] = reason
            elif kept:
                oracle.kept.add(kept)
            else:
                oracle.repeats += 1
        file.write(closing)
    return oracle


def write_oulad_folder(folder, size, seed):
    """The dataset's five files around hostile studentAssessment rows."""
    folder.mkdir()
    students = range(size // WORKS + 1)
    (folder / "courses.csv").write_text("code_module,code_presentation,module_presentation_length\nAAA,2025J,200\n")
    works = [f"AAA,2025J,{100 + number},TMA,{number},1" for number in range(WORKS)] + ["AAA,2025J,99,Exam,,100"]
    header = "code_module,code_presentation,id_assessment,assessment_type,date,weight"
    (folder / "assessments.csv").write_text("\n".join([header, *works]))
    header = "code_module,code_presentation,id_student,date_registration,date_unregistration"
    (folder / "studentRegistration.csv").write_text("\n".join([header, *(f"AAA,2025J,{s},-5," for s in students)]))
    header = "code_module,code_presentation,id_student,region,imd_band,disability,final_result"
    (folder / "studentInfo.csv").write_text("\n".join([header, *(f"AAA,2025J,{s},North,,N,Pass" for s in students)]))
    opening = b"id_assessment,id_student,date_submitted,is_banked,score\n"
    return write_file(folder / "studentAssessment.csv", oulad_rows(size, seed), opening)


def post(path, content_type, token, answer):
    """The body of `path` through the site's own WSGI application, as a server would hand it over: as a stream."""
    from django.core.wsgi import get_wsgi_application

    status = []
    with path.open("rb") as body, answer.open("wb") as written:
        environ = {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": "/api/v1/completions",
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "wsgi.url_scheme": "http",
            "wsgi.input": body,
            "wsgi.errors": io.StringIO(),
            "CONTENT_TYPE": content_type,
            "CONTENT_LENGTH": str(path.stat().st_size),
            "HTTP_AUTHORIZATION": f"Bearer {token}",
        }
        response = get_wsgi_application()(environ, lambda line, headers: status.append(line))
        for part in response:
            written.write(part)
        response.close()
    return status[0]


def peak_megabytes():
    """The largest resident size of this very program. getrusage would count what its parent had at the fork."""
    try:
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    except OSError:
        pass
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(database, way, *arguments):
    import django
    from django.conf import settings

    settings.DATABASES["default"]["NAME"] = database
    settings.ALLOWED_HOSTS = ["localhost"]
    django.setup()
    if way == "api":
        path, content_type, token, answer = arguments
        said = post(Path(path), content_type, token, Path(answer))
    else:
        from django.core.management import call_command

        out = io.StringIO()
        call_command(way, *arguments, json=True, stdout=out, stderr=io.StringIO())
        said = out.getvalue()
    print(json.dumps({"said": said, "megabytes": peak_megabytes()}))


if __name__ == "__main__":
    main(*sys.argv[1:])
