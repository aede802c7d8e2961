"""The trace of a calculation: each step in words, with the arithmetic, its result and the citation behind it."""

from dataclasses import asdict, dataclass

from rulebook.load import Citation


@dataclass(frozen=True)
class Step:
    """`words` say what is done, `arithmetic` shows it with the figures, `result` is exact, as text."""

    words: str
    arithmetic: str
    result: str
    citation: Citation | None = None

    def as_json(self) -> dict[str, object]:
        return asdict(self)
