"""What an arrival changes in a framework, told so that a person can decide on it before it is taken."""

import hashlib
import json
from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import UUID

from competencies.calc.framework_content import RowRefused

Differences = list[tuple[str, Any, Any]]


@dataclass(frozen=True, slots=True)
class Named:
    """A competency by what people know it by."""

    identifier: UUID
    code: str
    statement: str


@dataclass(frozen=True, slots=True)
class Edited:
    """A competency that says something else now; `differences` are (key of the package, old, new)."""

    identifier: UUID
    code: str
    statement: str
    differences: Differences


@dataclass(frozen=True, slots=True)
class Gone:
    """A competency that is retired, why, and how much hangs on it: it stays on file in any case."""

    identifier: UUID
    code: str
    statement: str
    why: str
    judgments: int
    evidence: int


@dataclass(frozen=True, slots=True)
class StatementChange:
    """An association that is "added", "changed", "retired" or "returned", its ends by what people know them by."""

    identifier: UUID
    what: str
    kind: str
    origin: str
    destination: str
    differences: Differences = field(default_factory=list)


@dataclass(slots=True)
class Changes:
    """What an arrival changes; `applied` is false for a look beforehand. `unchanged` counts competencies.

    `returned` were retired and are stated again. `restamped` counts objects in which only incidental things differ (the
    sender's time of change): they are kept as sent, and are no change of a competency.
    """

    framework: UUID
    title: str
    is_new: bool
    applied: bool = False
    added: list[Named] = field(default_factory=list)
    changed: list[Edited] = field(default_factory=list)
    retired: list[Gone] = field(default_factory=list)
    returned: list[Named] = field(default_factory=list)
    unchanged: int = 0
    restamped: int = 0
    document: Differences = field(default_factory=list)
    associations: list[StatementChange] = field(default_factory=list)
    rubrics: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    refused: list[RowRefused] = field(default_factory=list)

    @property
    def is_change(self) -> bool:
        """Whether there is anything to write."""
        told = (self.added, self.changed, self.retired, self.returned, self.document, self.associations, self.rubrics)
        return self.is_new or bool(self.restamped) or any(told)

    def as_json(self) -> dict[str, Any]:
        """The whole as plain JSON, with the counts first."""
        counts = {name: len(getattr(self, name)) for name in ("added", "changed", "retired", "returned")}
        return {"counts": counts | {"unchanged": self.unchanged, "restamped": self.restamped}} | _plain(asdict(self))

    def mark(self) -> str:
        """The same for the same changes, applied or not; what hangs on a retired competency does not count, for it may grow
        while somebody reads."""
        told = self.as_json() | {"applied": False}
        told["retired"] = [one | {"judgments": 0, "evidence": 0} for one in told["retired"]]
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(member) for key, member in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(member) for member in value]
    return str(value) if isinstance(value, UUID) else value
