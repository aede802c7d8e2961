"""The packs: every worked case holds, every case of the collection is among them, every figure says where it is from."""

import json
import os
from pathlib import Path

import pytest

from funding.calc.engine.cases import read_cases, run_case
from funding.calc.engine.document import read_document

HOME = Path(__file__).parents[3]
PACKS = HOME / "funding" / "packs"
POLICIES = sorted(path for path in PACKS.glob("*.yaml") if not path.name.endswith(".cases.yaml"))
CASES = [(path, case) for path in sorted(PACKS.glob("*.cases.yaml")) for case in read_cases(path.read_text(), path.name).cases]
SHARED = Path(os.environ.get("CREDENCE_SHARED_DATA", HOME.parent / "shared" / "data")).parent
COLLECTION = SHARED / "oracles" / "cases.json"


def policy(path):
    return read_document(path.read_text(), path.name)


@pytest.mark.parametrize(("path", "case"), CASES, ids=[f"{path.name.split('.')[0]}: {case.name}" for path, case in CASES])
def test_a_worked_case_holds(path, case):
    assert run_case(policy(PACKS / read_cases(path.read_text(), path.name).policy), case).differences == ()


@pytest.mark.parametrize("path", POLICIES, ids=lambda path: path.stem)
def test_a_pack_has_worked_cases(path):
    assert (path.parent / f"{path.stem}.cases.yaml").exists()


def test_every_case_of_the_collection_is_worked_in_a_pack():
    if not COLLECTION.exists():
        pytest.skip("the collection of worked cases is not beside the project (CREDENCE_SHARED_DATA names the folder of the data)")
    wanted = {case["id"] for case in json.loads(COLLECTION.read_text())}
    worked = {case.name.split(",")[0] for _, case in CASES}
    assert wanted - worked == set()


@pytest.mark.parametrize("path", POLICIES, ids=lambda path: path.stem)
def test_a_line_that_every_case_leaves_out_is_not_there(path):
    """A line that nothing needs is either dead or untried: each is expected by a case or used by one that is."""
    document = policy(path)
    used, open_ = set(), [name.split(".")[0] for file, case in CASES if file.stem == f"{path.stem}.cases" for name in case.expect]
    while open_:
        name = open_.pop()
        if name not in used and name in document.lines:
            used.add(name)
            open_ += [one.split(".")[0] for one in document.lines[name].names()]
    assert set(document.lines) - used == set()


def test_no_figure_is_invented_without_saying_so():
    for path in POLICIES:
        for figure in policy(path).figures.values():
            for dated in figure.values:
                assert dated.citation.title
                assert dated.citation.title != "Invented" or dated.citation.note
