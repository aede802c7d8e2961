"""docs/packs: each page says what its pack says, in words of its own, and leads nowhere that is not there."""

import re
import runpy
from pathlib import Path

import pytest

from funding.calc.engine.document import read_document

HOME = Path(__file__).parents[3]
PACKS = sorted(path for path in (HOME / "funding" / "packs").glob("*.yaml") if not path.name.endswith(".cases.yaml"))
PAGES = runpy.run_path(str(HOME / "tools" / "packs.py"))["pages"]()


def test_every_page_is_what_its_pack_and_worked_cases_say():
    written = {path: path.read_text(encoding="utf-8") for path in (HOME / "docs" / "packs").glob("*.md")}
    assert {path.name for path in written} == {path.name for path in PAGES}
    assert [path.name for path in PAGES if written[path] != PAGES[path]] == [], "run make packs"


@pytest.mark.parametrize("path", PACKS, ids=lambda path: path.stem)
def test_a_pack_says_what_it_is_and_what_it_leaves_out(path):
    document = read_document(path.read_text(), path.name)
    assert len(document.about) > 80
    assert document.leaves_out


@pytest.mark.parametrize("page", PAGES.values(), ids=[path.stem for path in PAGES])
def test_a_link_within_the_docs_leads_to_a_page_and_its_heading(page):
    for target, heading in re.findall(r"\]\((?!http)([^)#]+)(?:#([^)]+))?\)", page):
        text = (HOME / "docs" / "packs" / target).read_text()
        assert heading == "" or f"#### `{heading}`" in text, heading


def test_an_invented_figure_says_so_and_a_cited_one_has_its_link():
    for path, page in PAGES.items():
        if path.stem == "README":
            continue
        document = read_document((HOME / "funding" / "packs" / f"{path.stem}.yaml").read_text(), path.stem)
        for figure in document.figures.values():
            for dated in figure.values:
                invented = dated.citation.title == "Invented"
                assert ("| **Invented**" if invented else f"| [{dated.citation.title}](") in page
                assert dated.citation.note.removeprefix("invented ").rstrip(".") in page
        assert ("**Invented figures**" in page) == any(
            dated.citation.title == "Invented" for figure in document.figures.values() for dated in figure.values
        )
