"""Every rule file that ships can be read, cites its source at every value, and names its program as its file does."""

from pathlib import Path

import pytest

from funding.calc.engine.document import read_document
from funding.calc.releasable import read_releasable

RULES = sorted((Path(__file__).parents[2] / "funding" / "rules").iterdir())


def test_there_are_rules_and_nothing_else_among_them():
    assert RULES
    assert {path.suffix for path in RULES} == {".yaml"}


@pytest.mark.parametrize("path", RULES, ids=lambda path: path.name)
def test_a_rule_file_is_read_and_cites_its_sources(path):
    content = path.read_text()
    assert read_releasable(content, path.name).program == path.stem
    policy = read_document(content, path.name)
    values = [value for figure in policy.figures.values() for value in figure.values]
    for citation in [policy.basis, *(value.citation for value in values)]:
        assert len(citation.title) > 10
        assert citation.section
        assert citation.link.startswith(("https://", "docs/"))
