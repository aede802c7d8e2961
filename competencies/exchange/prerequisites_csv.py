"""A list of prerequisites as a table: `prerequisite,competency`, each by its code or identifier (docs/formats.md)."""

from dataclasses import dataclass

from competencies.calc.framework_content import RowRefused
from competencies.exchange.bounded_json import unpacked
from competencies.exchange.table import rows_of

COLUMNS = ("prerequisite", "competency")


@dataclass(frozen=True, slots=True)
class PrerequisiteRow:
    """ "`prerequisite` comes before `competency`"; each a code or an identifier. `where` is the line."""

    where: str
    prerequisite: str
    competency: str


def read_prerequisites(content: bytes) -> list[PrerequisiteRow | RowRefused]:
    """The rows of a table, plain or gzipped; raises PackageRefused where it is no such table."""
    rows: list[PrerequisiteRow | RowRefused] = []
    for row in rows_of(unpacked(content), COLUMNS):
        rows.append(row if isinstance(row, RowRefused) else PrerequisiteRow(f"line {row[0]}", *(row[1][name] for name in COLUMNS)))
    return rows
