"""A folder with the Open University dataset's files, read as a stream of facts in our words.

Wants courses, assessments, studentRegistration, studentInfo and studentAssessment as .csv or .csv.gz, in the
official download's layout; other files (studentVle, vle) and further columns are passed over. The score is not read.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

from enrollments.calc import oulad
from enrollments.calc.attested_rows import AttestedRow
from enrollments.calc.completion_rows import CompletionRow, Refusal, RowProblem, boolean_of
from enrollments.exchange.delimited import FileProblem, Table

COLUMNS = {
    "courses": ("code_module", "code_presentation", "module_presentation_length"),
    "assessments": ("code_module", "code_presentation", "id_assessment", "assessment_type", "date"),
    "studentRegistration": ("code_module", "code_presentation", "id_student", "date_registration", "date_unregistration"),
    "studentInfo": ("code_module", "code_presentation", "id_student", "region", "imd_band", "disability", "final_result"),
    "studentAssessment": ("id_assessment", "id_student", "date_submitted", "is_banked"),
}

Facts = Iterator[tuple[Any, ...] | Refusal]


class _Assessment(NamedTuple):
    module: str
    presentation: str
    start: date
    stakes: str


class OuladFolder:
    """The open files. Read in this order, as later files name what earlier ones bring: courses, assessments, then
    the others. A fact is a tuple that begins with its line, in the columns that the docstring of its method names."""

    def __init__(self, folder: Path, on_bytes: Callable[[str, int], None] | None = None) -> None:
        self._lines: Counter[str] = Counter()
        self._exams = 0
        self._starts: dict[tuple[str, str], date] = {}
        self._ends: dict[tuple[str, str], date] = {}
        self._assessments: dict[str, _Assessment] = {}
        with ExitStack() as files:
            self._tables = {name: files.enter_context(self._open(folder, name, on_bytes)) for name in COLUMNS}
            self._files = files.pop_all()

    def _open(self, folder: Path, name: str, on_bytes: Callable[[str, int], None] | None) -> Table:
        path = find_file(folder, name)
        watch = (lambda at: on_bytes(name, at)) if on_bytes else None
        return Table(path, COLUMNS[name], ignore_others=True, on_bytes=watch)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._files.close()

    @property
    def counts(self) -> dict[str, int]:
        """The results read so far, refused ones too, and how many of them are exams'."""
        return {"assessment_rows": self._lines["studentAssessment"], "exam_rows": self._exams}

    def file_name(self, name: str) -> str:
        return self._tables[name].path.name

    def courses(self) -> Facts:
        """line, module, offering code, first day, length in days"""
        seen: dict[tuple[str, str], tuple[int, int]] = {}

        def read(line: int, cells: list[str]) -> tuple[Any, ...] | None:
            module, (presentation, start) = oulad.module_of(cells[0]), oulad.presentation_of(cells[1])
            length = oulad.length_of(cells[2], "module_presentation_length")
            if not _first(seen, (module, presentation), line, length, "code_presentation"):
                return None
            self._starts[module, presentation] = start
            self._ends[module, presentation] = start + timedelta(days=length)
            return line, module, oulad.offering_code(module, presentation), start, length

        return self._facts("courses", read)

    def assessments(self) -> Facts:
        """line, assignment code, module, offering code, stakes, due on"""
        seen: dict[str, tuple[int, Any]] = {}

        def read(line: int, cells: list[str]) -> tuple[Any, ...] | None:
            module, presentation, start = self._offering(cells)
            code, stakes = oulad.number_of(cells[2], "id_assessment"), oulad.stakes_of(cells[3])
            due_on = oulad.day_at(start, cells[4], "date")
            if not _first(seen, code, line, (module, presentation, stakes, due_on), "id_assessment"):
                return None
            self._assessments[code] = _Assessment(module, presentation, start, stakes)
            return line, code, module, oulad.offering_code(module, presentation), stakes, due_on

        return self._facts("assessments", read)

    def registrations(self) -> Facts:
        """line, enrollment code, offering code, student's number, enrolled on, withdrawn on"""

        def read(line: int, cells: list[str]) -> tuple[Any, ...]:
            module, presentation, start = self._offering(cells)
            student = oulad.number_of(cells[2], "id_student")
            enrolled_on = oulad.day_at(start, cells[3], "date_registration")
            withdrawn_on = oulad.day_at(start, cells[4], "date_unregistration")
            code = oulad.enrollment_code(module, presentation, student)
            return line, code, oulad.offering_code(module, presentation), student, enrolled_on, withdrawn_on

        return self._facts("studentRegistration", read)

    def circumstances(self) -> Facts:
        """line, enrollment code, region, low income, disability, outcome"""

        def read(line: int, cells: list[str]) -> tuple[Any, ...]:
            module, presentation, _ = self._offering(cells)
            code = oulad.enrollment_code(module, presentation, oulad.number_of(cells[2], "id_student"))
            region, low_income = oulad.region_of(cells[3]), oulad.has_low_income(cells[4])
            return line, code, region, low_income, oulad.is_disabled(cells[5]), oulad.outcome_of(cells[6])

        return self._facts("studentInfo", read)

    def successes(self) -> Iterator[AttestedRow | Refusal]:
        """In place of the circumstances: a pass or a distinction as the milestone `passed`, attained on the last day."""

        def read(line: int, cells: list[str]) -> AttestedRow | None:
            module, presentation, _ = self._offering(cells)
            code = oulad.enrollment_code(module, presentation, oulad.number_of(cells[2], "id_student"))
            if oulad.outcome_of(cells[6]) not in oulad.SUCCESSES:
                return None
            return AttestedRow(line, code, "passed", None, self._ends[module, presentation].isoformat(), False)

        return self._facts("studentInfo", read)

    def completions(self) -> Iterator[CompletionRow | Refusal]:
        """Low-stakes work as completion rows; exams are counted and passed over."""

        def read(line: int, cells: list[str]) -> CompletionRow | None:
            code = oulad.number_of(cells[0], "id_assessment")
            assessment = self._assessments.get(code)
            if assessment is None:
                raise RowProblem("id_assessment", "unknown_assignment", "No line of assessments has this number.")
            if assessment.stakes == "high":
                self._exams += 1
                return None
            student = oulad.number_of(cells[1], "id_student")
            completed_on = oulad.day_at(assessment.start, cells[2], "date_submitted")
            if completed_on is None:
                raise RowProblem("date_submitted", "missing")
            enrollment = oulad.enrollment_code(assessment.module, assessment.presentation, student)
            carried_over = boolean_of(cells[3], "is_banked")
            return CompletionRow(line, f"{code}-{student}", enrollment, code, completed_on, carried_over)

        return self._facts("studentAssessment", read)

    def _offering(self, cells: list[str]) -> tuple[str, str, date]:
        module, (presentation, _) = oulad.module_of(cells[0]), oulad.presentation_of(cells[1])
        start = self._starts.get((module, presentation))
        if start is None:
            raise RowProblem("code_presentation", "unknown_offering", "No line of courses has this presentation.")
        return module, presentation, start

    def _facts(self, name: str, read: Callable[[int, list[str]], Any]) -> Iterator[Any]:
        for item in self._tables[name]:
            self._lines[name] += 1
            if isinstance(item, Refusal):
                yield item
                continue
            line, cells = item
            try:
                fact = read(line, cells)
            except RowProblem as problem:
                yield problem.refusal(line)
            else:
                if fact is not None:
                    yield fact


def find_file(folder: Path, name: str) -> Path:
    found = [path for path in (folder / f"{name}.csv", folder / f"{name}.csv.gz") if path.is_file()]
    if len(found) != 1:
        said = "has both a plain and a gzipped" if found else "has no"
        raise FileProblem(f"{folder} {said} {name}.csv; exactly one {name}.csv or {name}.csv.gz is needed.")
    return found[0]


def _first(seen: dict[Any, tuple[int, Any]], key: Any, line: int, content: Any, field: str) -> bool:
    """Whether `key` comes for the first time; the same again is passed over, other content is a RowProblem."""
    first_line, first_content = seen.setdefault(key, (line, content))
    if first_content != content:
        raise RowProblem(field, "duplicate_id", f"Line {first_line} has this key with other content.")
    return first_line == line
