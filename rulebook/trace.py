"""The trace of a calculation: each step in words, with the arithmetic, its result and the citation behind it."""

from dataclasses import dataclass

from rulebook.load import Citation


@dataclass(frozen=True)
class Step:
    """`words` say what is done, `arithmetic` shows it with the figures, `result` is exact, as text."""

    words: str
    arithmetic: str
    result: str
    citation: Citation | None = None

    def as_json(self) -> dict[str, object]:
        """The step and its citation by their fields."""
        return vars(self) | {"citation": vars(self.citation) if self.citation else None}
