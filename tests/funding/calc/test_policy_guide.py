"""docs/policy-guide.md is executed: its policy is read, its facts are priced, every `# =` is what the line comes to."""

import json
import re
from pathlib import Path

import pytest

from funding.calc.engine import program
from funding.calc.engine.cases import read_cases, run_case
from funding.calc.engine.document import read_document
from funding.calc.engine.evaluate import price, work_out
from funding.calc.engine.facts import MEASURES, read_facts
from funding.calc.engine.lines import IN_FORCE, SPREADSHEET
from funding.calc.engine.vocabulary import PRIMITIVES
from funding.calc.engine.words import shown

GUIDE = (Path(__file__).parents[3] / "docs" / "policy-guide.md").read_text()


def blocks(name):
    return re.findall(rf"```{name}\n(.*?)```", GUIDE, re.DOTALL)


def the_policy():
    lines = "".join(f"  {row}\n" for block in blocks("yaml lines") for row in block.splitlines())
    head, facts, figures, pays = (blocks(f"yaml {name}")[0] for name in ("head", "facts", "figures", "pays"))
    return read_document(f"{head}{facts}{figures}lines:\n{lines}{pays}", "guide.yaml")


def the_facts(policy):
    return read_facts(policy.facts, json.loads(blocks("json facts")[0]))


PROMISED = [
    (match[1], match[2])
    for block in blocks("yaml lines")
    for match in re.finditer(r"^([a-z_]+):\n(?:  .*\n)*?  # = (.*)$", block, re.MULTILINE)
]


@pytest.mark.parametrize(("line", "result"), PROMISED, ids=[line for line, _ in PROMISED])
def test_a_line_comes_to_what_the_guide_says(line, result):
    policy = the_policy()
    assert shown(work_out(policy, the_facts(policy), [line])[line]) == result


def test_every_line_of_the_guide_says_what_it_comes_to():
    assert [line for line, _ in PROMISED] == list(the_policy().lines)


def test_every_rule_has_its_example_and_every_key_its_word():
    headings = re.findall(r"^#### `([a-z_]+)`$", GUIDE, re.MULTILINE)
    assert sorted(headings) == sorted([*PRIMITIVES, "in_force"])
    for name, primitive in PRIMITIVES.items():
        section = GUIDE.split(f"#### `{name}`\n")[1].split("\n#### ")[0]
        assert re.search(rf"^  {name}: ", section, re.MULTILINE), name
        for argument in primitive.arguments:
            assert argument == primitive.bare or argument.name in section, f"{name} does not show {argument.name}"
            assert not argument.choices or any(choice in section for choice in argument.choices), name


def test_the_measures_are_those_of_the_engine():
    assert (
        dict(re.findall(r"^\| `([a-z_]+)` \| (.*) \|$", GUIDE.split("The measures:")[1].split("There is no measure")[0], re.MULTILINE))
        == MEASURES
    )


def test_the_words_of_spreadsheets_are_those_of_the_engine():
    table = GUIDE.split("| there | here |\n|---|---|\n")[1].split("\n\n")[0]
    rows = [[re.findall("`([a-z_]+)`", cell) for cell in row.strip("|").split("|")] for row in table.splitlines()]
    assert {word: rules[0] for words, rules in rows for word in words} == SPREADSHEET
    assert {rule for _, rules in rows for rule in rules} <= {*PRIMITIVES, IN_FORCE}


def test_where_it_runs_is_read_and_every_key_and_place_has_its_word():
    text = the_policy().content.replace("basis:\n", f"{blocks('yaml program')[0]}basis:\n", 1)
    policy = read_document(text, "guide.yaml")
    assert {fact: source.of for fact, source in policy.program.reads.items()} == {
        "started_on": "start_of_learning", "passed": "milestone", "months_learned": "months_learned", "mode": "by_provider",
    }  # fmt: skip
    told, places = GUIDE.split("### Where it runs")[1].split("| place |")
    assert set(re.findall(r"^\| `([a-z_]+)` \|", told, re.MULTILINE)) == {*program.REQUIRED, *program.OPTIONAL}
    words = {word for row in places.split("\n\n")[0].splitlines()[2:] for word in re.findall(r"`\{?([a-z_]+)", row.split("|")[1])}
    assert words == {*program.COUNTED, *program.NAMED, *program.GROWING, *program.CODED}


def test_what_it_pays_can_be_worked_out_and_its_case_holds():
    policy = the_policy()
    assert price(policy, the_facts(policy)).total == 550
    (case,) = read_cases(blocks("yaml cases")[0], "guide.cases.yaml").cases
    assert run_case(policy, case).differences == ()
