"""docs/invariants.md names tests that exist: an invariant without its proof is a claim."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NAMED = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", (ROOT / "docs" / "invariants.md").read_text())


def test_every_row_of_the_page_names_a_test():
    rows = [line for line in (ROOT / "docs" / "invariants.md").read_text().splitlines() if re.match(r"\| [A-Z]\d+ \|", line)]
    assert rows
    assert [row for row in rows if "`tests/" not in row.rsplit("|", 2)[1]] == []


@pytest.mark.parametrize(("file", "name"), NAMED)
def test_the_named_test_exists(file, name):
    assert (ROOT / file).is_file(), file
    assert not name or f"def {name}(" in (ROOT / file).read_text(), f"{file}::{name}"
