"""A file of learning for a simulation, read without a database: a row for enrollment-modules that were learned alike.

CSV (plain or gzip) or, where the name ends in .ndjson, a JSON object a line. Columns: `provider`; where wanted `district` and
`count` (1 where it is left out); every other is a fact of a policy by its name, empty where it is not told.
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from enrollments.calc.completion_rows import Refusal, RowProblem
from enrollments.exchange.delimited import FileProblem, Table
from enrollments.exchange.strict_json import parse_object, split_lines
from funding.calc.engine.document import Document
from funding.calc.simulated_policy import Told
from funding.calc.simulation import Alike

PLACES = ("provider", "district", "count")
_WORDS = {"true": True, "false": False}


class LearningRefused(ValueError):
    """Why the file cannot be simulated: its name, the line, what is wrong there."""


class LearningFile:
    """Iterate for its rows; `line` is the one under way. Groups are the categories of need that any of the policies reads
    and that the row says are true. Raises LearningRefused at the first row that cannot be meant: a sum over a part of the
    learning would mislead."""

    def __init__(self, path: Path, documents: Sequence[Document]) -> None:
        self._path, self.line = path, 1
        facts = [fact for document in documents for fact in document.facts.values()]
        self._facts = sorted({fact.name.split(".")[0] for fact in facts})
        self._needs = {fact.name for fact in facts if fact.measure == "need" and fact.kind.base == "flag" and not fact.kind.many}

    def __iter__(self) -> Iterator[Alike[Told]]:
        rows = self._objects() if self._path.suffix == ".ndjson" else self._cells()
        try:
            for self.line, row in rows:
                yield self._alike(row)
        except FileProblem as problem:
            raise LearningRefused(str(problem)) from None

    def error(self, problem: object) -> LearningRefused:
        """What is wrong with the row under way."""
        return LearningRefused(f"{self._path}, line {self.line}: {problem}")

    def _cells(self) -> Iterator[tuple[int, dict[str, Any]]]:
        columns = (*PLACES, *self._facts)
        with Table(self._path, columns[:1], columns[1:]) as table:
            for item in table:
                if isinstance(item, Refusal):
                    raise self._refused(item)
                line, cells = item
                told = {name: _WORDS.get(cell, cell) for name, cell in zip(columns, cells, strict=True) if cell}
                yield line, told

    def _objects(self) -> Iterator[tuple[int, dict[str, Any]]]:
        try:
            file = self._path.open("rb")
        except OSError as problem:
            raise LearningRefused(f"{self._path} cannot be opened: {problem.strerror}") from None
        with file:
            for item in split_lines(file):
                if isinstance(item, Refusal):
                    raise self._refused(item)
                self.line, element = item
                try:
                    row = parse_object(element)
                except RowProblem as problem:
                    raise self._refused(problem.refusal(self.line)) from None
                if unknown := sorted(set(row) - {*PLACES, *self._facts}):
                    raise self.error(f"{unknown[0]!r} is no fact of these policies; they read {', '.join(self._facts)}")
                yield self.line, row

    def _alike(self, row: dict[str, Any]) -> Alike[Told]:
        provider, district, count = (row.get(place, "") for place in PLACES)
        if not isinstance(provider, str) or not provider or not isinstance(district, str):
            raise self.error("`provider` is the provider's code, and `district` the home district's or nothing")
        count = str(count) or "1"
        if not count.isascii() or not count.isdigit() or not 0 < int(count[:10]) < 10**9:
            raise self.error("`count` is a whole number above 0: how many enrollment-modules are alike")
        told = frozenset((name, json.dumps(value, sort_keys=True)) for name, value in row.items() if name not in PLACES)
        groups = frozenset(name for name in self._needs if row.get(name) in (True, "true"))
        return Alike(provider, district, groups, told, int(count))

    def _refused(self, refusal: Refusal) -> LearningRefused:
        self.line = refusal.row
        return self.error(f"{refusal.field} {refusal.detail or refusal.reason}".strip())
