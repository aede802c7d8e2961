"""The commands for people who write policy: they read files, no database, and refuse in words."""

import json
import re
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from funding.calc.engine.document import read_document

PACKS = Path(__file__).parents[2] / "funding" / "packs"
VLACS = str(PACKS / "nh-vlacs.yaml")


def facts_file(tmp_path, text):
    path = tmp_path / "facts.json"
    path.write_text(text)
    return str(path)


GIVEN = '{"start_of_learning": "2020-09-01", "assigned": 40, "completed": 34}'


def test_price_says_what_is_paid_and_every_step(tmp_path, capsys):
    call_command("price", policy=VLACS, facts=facts_file(tmp_path, GIVEN))
    said = capsys.readouterr().out
    assert "pays 419.42 USD (earned) to provider from state" in said
    assert "quotient: of counted 34, by assigned 40, if_nothing zero = 0.85" in said
    assert "by New Hampshire Department of Education, news of 2020-09-10" in said


def test_price_as_json_has_the_policys_hash_the_lines_and_the_trace(tmp_path, capsys):
    call_command("price", policy=VLACS, facts=facts_file(tmp_path, GIVEN), json=True)
    answer = json.loads(capsys.readouterr().out)
    assert answer["pays"] == [{"line": "earned", "to": "provider", "from": "state", "amount": "419.42"}]
    assert answer["lines"]["earned"] == "419.424"
    assert answer["rounding_rest"] == "0.004"
    assert len(answer["policy_sha256"]) == 64
    assert answer["trace"][0]["citation"]["title"].startswith("New Hampshire")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"completed": 1.5}', 'is a float; write it as text, "1.5"'),
        ('{"completed": NaN}', "is a float"),
        ('{"completed": 1, "completed": 2}', "given twice"),
        ("{", "is no JSON"),
        ("[]", "given by name"),
        ('{"nothing": 1}', "is no fact of this policy"),
        ('{"start_of_learning": "2020-09-01", "assigned": 40}', "needs the fact 'completed'"),
    ],
)
def test_facts_that_cannot_be_priced_are_refused_in_words(tmp_path, text, says):
    with pytest.raises(CommandError, match=says):
        call_command("price", policy=VLACS, facts=facts_file(tmp_path, text))


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(CommandError, match=r"nowhere.yaml cannot be read: No such file"):
        call_command("policy", "check", str(tmp_path / "nowhere.yaml"))
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("price", policy=VLACS, facts=str(tmp_path / "nowhere.json"))


def test_check_reads_a_whole_policy_back_in_words(capsys):
    call_command("policy", "check", VLACS)
    said = capsys.readouterr().out
    assert "low stakes" in said
    assert "share: The share of the low-stakes assignments completed; mastery does not enter. (quotient; a number)" in said
    assert "pays earned to provider from state" in said


def test_check_refuses_with_the_line(tmp_path):
    broken = tmp_path / "broken.yaml"
    broken.write_text(Path(VLACS).read_text().replace("product: [rate, half_credits, share]", "product: [rate, sahre]"))
    with pytest.raises(CommandError, match=r"broken.yaml:\d+: sahre is no fact, figure or line of this policy"):
        call_command("policy", "check", str(broken))


def test_worked_cases_hold_or_say_where_they_differ(tmp_path, capsys):
    call_command("worked_cases", str(PACKS / "nh-vlacs.cases.yaml"))
    assert "cases hold" in capsys.readouterr().out
    (tmp_path / "nh-vlacs.yaml").write_text(Path(VLACS).read_text())
    wrong = tmp_path / "wrong.cases.yaml"
    wrong.write_text((PACKS / "nh-vlacs.cases.yaml").read_text().replace("419.42", "419.40"))
    with pytest.raises(CommandError, match="1 of 3 cases differ"):
        call_command("worked_cases", str(wrong))
    assert "earned is 419.42, expected 419.40" in capsys.readouterr().out
    with pytest.raises(CommandError):
        call_command("worked_cases", str(wrong), json=True)
    rows = json.loads(capsys.readouterr().out)
    assert [row["holds"] for row in rows] == [False, True, True]


CHANGES = [
    ("in_force_from: 2020-07-01", "in_force_from: 2021-07-01", "The first day in force changes from 2020-07-01 to 2021-07-01."),
    ('value: "493.44"', 'value: "500"', "From 2020-07-01 the rate per half credit changes from 493.44 to 500, by New Hampshire"),
    (
        "label: rate per half credit",
        "label: the rate",
        "The figure rate changes from rate per half credit, USD per half credit to the rate",
    ),
    (
        "smallest: [completed, assigned]",
        "smallest: [completed]",
        'The line counted changes from "No more than what was assigned counts." smallest: of (completed, assigned) to',
    ),
    ("from: state}", "from: district}", "It now pays earned to provider from district."),
    ("mode: half_up, of", "mode: down, of", "The rounding changes from 0.01 half_up to 0.01 down."),
    ('otherwise: "1"', 'otherwise: "2"', "The fact half_credits changes"),
]


@pytest.mark.parametrize(("old", "new", "says"), CHANGES)
def test_the_difference_of_two_versions_reads_in_words(tmp_path, capsys, old, new, says):
    text = Path(VLACS).read_text()
    assert old in text
    changed = tmp_path / "new.yaml"
    changed.write_text(text.replace(old, new, 1))
    call_command("policy", "differences", VLACS, str(changed))
    said = capsys.readouterr().out
    assert says in said
    assert len(said.splitlines()) <= 2


PROGRAM_CHANGES = [
    ("catalogue: state", "catalogue: other", "The catalogue that it pays for changes from state to other."),
    ("unit: module", "unit: enrollment", "What is priced by itself changes from module to enrollment."),
    ("timetable: by_hand", "timetable: nightly", "Whether its nights run by themselves changes from no to yes."),
    (
        "unit: module",
        'unit: module\n  reads: {credit: {by_course: {A 1: "2"}, otherwise: "1"}}',
        "The fact credit was read from where the record has it by its name and is now read from by_course (A 1: 2), otherwise 1.",
    ),
]


@pytest.mark.parametrize(("old", "new", "says"), PROGRAM_CHANGES)
def test_what_changes_of_where_a_policy_runs_reads_in_words(tmp_path, capsys, old, new, says):
    text = (PACKS.parent / "rules" / "state-completion.yaml").read_text()
    assert old in text
    before, after = tmp_path / "old.yaml", tmp_path / "new.yaml"
    before.write_text(text)
    after.write_text(text.replace(old, new, 1))
    call_command("policy", "differences", str(before), str(after))
    assert capsys.readouterr().out == f"{says}\n"


def test_figures_are_told_in_the_order_of_the_file(tmp_path, capsys):
    text = (PACKS / "uk-apprenticeships.yaml").read_text()
    (tmp_path / "old.yaml").write_text(text)
    (tmp_path / "new.yaml").write_text(text.replace("title: ", "title: The "))
    call_command("policy", "differences", str(tmp_path / "old.yaml"), str(tmp_path / "new.yaml"))
    said = capsys.readouterr().out
    labels = [figure.label for figure in read_document(text, "old.yaml").figures.values()]
    places = [said.find(f"The {label} from ") for label in labels if f"The {label} from " in said]
    assert len(places) > 5
    assert places == sorted(places)


def test_a_line_that_is_new_or_gone_is_told_with_its_words(tmp_path, capsys):
    changed = tmp_path / "new.yaml"
    changed.write_text(Path(VLACS).read_text().replace("  per_fte:\n", "  for_fte:\n"))
    call_command("policy", "differences", VLACS, str(changed))
    said = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in said] == ["The line per_fte is gone", "The line for_fte is new"]


def test_two_alike_say_so(capsys):
    call_command("policy", "differences", VLACS, VLACS)
    assert capsys.readouterr().out == "Both say the same.\n"


def changed_pack(tmp_path, *changes, name="nh-vlacs.yaml"):
    text = (PACKS / name).read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    (tmp_path / "new.yaml").write_text(text)
    return str(tmp_path / "new.yaml")


def test_a_new_figure_is_told_with_its_values_and_why_it_is_invented(tmp_path, capsys):
    tiers = 'tiers: [{below: "0.25", value: "400"}, {value: "900"}], invented: an example'
    figures = f"""figures:
  part: {{label: part kept, unit: share, values: [{{from: 2020-07-01, value: "0.25", invented: an example}}]}}
  parts: {{label: parts, unit: share, values: [{{from: 2020-07-01, by: {{a: "0.6", b: "0.4"}}, invented: an example}}]}}
  steps: {{label: steps, unit: USD, values: [{{from: 2020-07-01, {tiers}}}]}}"""
    new = changed_pack(tmp_path, ("figures:", figures))
    call_command("policy", "differences", VLACS, new)
    said = capsys.readouterr().out
    assert "From 2020-07-01 the part kept is 0.25 (invented: an example): that is new." in said
    assert "the parts is a 0.6; b 0.4 (invented" in said
    assert "the steps is [below 0.25: 400, from there on: 900] (invented" in said
    call_command("policy", "differences", new, VLACS)
    assert "From 2020-07-01 the part kept was 0.25: that is gone." in capsys.readouterr().out


def test_check_notes_what_may_not_be_meant_and_refuses_nothing(capsys):
    call_command("policy", "check", VLACS)
    said = capsys.readouterr().out
    assert "note: No payment uses the figure half_credits_per_fte.\n" in said
    assert "note: No payment uses the lines module_share, earned_by_modules, fte, per_fte.\n" in said
    assert "has no value" not in said
    call_command("policy", "check", str(PACKS / "ca-formula.yaml"))
    assert "note: base by grade span (base) has no value on 2008-07-01, the first day in force" in capsys.readouterr().out


def test_check_notes_a_part_that_is_paid_twice_while_another_is_not(tmp_path, capsys):
    halves = """figures:
  halves: {label: halves, unit: share, values: [{from: 2020-07-01, by: {a: "0.5", b: "0.5"}, invented: an example}]}"""
    split = "lines:\n  halved:\n    says: In halves.\n    split: {of: earned, shares: halves}"
    pays = "pays:\n  - {line: halved.a, to: provider, from: state}\n  - {line: halved.%s, to: provider, from: district}"
    again = "b, to: provider, from: state}\n  - {line: halved.a"
    for part, noted in {"a": True, "b": False, again: False}.items():
        path = changed_pack(tmp_path, ("figures:", halves), ("lines:", split), ("pays:", pays % part))
        call_command("policy", "check", path)
        note = "note: Of the split halved nobody is paid from halved.b, and halved.a is paid more than once."
        said = capsys.readouterr().out
        assert ("note: Of the split" in said, note in said) == (noted, noted)


STATE = PACKS.parent / "rules" / "state-completion.yaml"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("to: provider", "to: district", "the night pays the provider of an enrollment; earned goes to district"),
        ('step: "0.01"', 'step: "0.015"', "payments are whole cents"),
    ],
)
def test_check_refuses_at_its_line_what_a_draft_refuses_without_the_record(tmp_path, old, new, says):
    text = STATE.read_text()
    assert old in text
    place = text[: text.index(old)].count("\n") + 1
    (tmp_path / "new.yaml").write_text(text.replace(old, new, 1))
    with pytest.raises(CommandError, match=f"new.yaml:{place}: {says}"):
        call_command("policy", "check", str(tmp_path / "new.yaml"))


def test_check_refuses_a_figure_without_a_value_on_the_first_day_at_the_figures_line(tmp_path):
    text = re.sub(r"in_force_from: .*", "in_force_from: 2001-07-01", STATE.read_text(), count=1)
    (tmp_path / "new.yaml").write_text(text)
    with pytest.raises(CommandError, match=r"new.yaml:(\d+): .* has no value on 2001-07-01, the policy's first day") as refused:
        call_command("policy", "check", str(tmp_path / "new.yaml"))
    line = int(str(refused.value).split("new.yaml:")[1].split(":")[0])
    assert text.splitlines()[line - 2].strip().endswith(":"), "what follows the figure's name"
