"""What a verification of the books finds: one row, by name, and what is wrong with it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One difference: which check found it, the row by name, and what is wrong in a sentence."""

    check: str
    row: str
    problem: str
