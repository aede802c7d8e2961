"""The six questions are answered by what a policy pays on, not by what it is called."""

from pathlib import Path

import pytest

from funding.calc.engine.document import read_document
from funding.calc.engine.questions import questions

PACKS = Path(__file__).parents[3] / "funding" / "packs"
OUTSIDE, PACE, REWARD, NEEDS, EVERY_STUDENT, PROVIDERS = range(6)


def answers(name):
    return list(questions(read_document((PACKS / f"{name}.yaml").read_text(), name)).values())


@pytest.mark.parametrize(
    ("name", "question", "begins"),
    [
        ("ut-soep", OUTSIDE, "A provider is paid for a student, wherever the school is; the home district is charged"),
        ("combined", OUTSIDE, "Money goes to provider, and one balance is divided"),
        ("ky-seek", OUTSIDE, "Money goes to district; the policy itself pays no provider"),
        ("task-guarantee", PACE, "Months in learning earn"),
        ("ut-soep", PACE, "Time counts: school days in the course"),
        ("completion", PACE, "No line counts days or months: what is done pays the same"),
        ("az-online", PACE, "No line counts days or months, but neither does progress"),
        ("completion", REWARD, "Completed low-stakes work alone pays"),
        ("nh-vlacs-year", REWARD, "Completed low-stakes work alone pays"),
        ("task-guarantee", REWARD, "Completed low-stakes work pays a part"),
        ("fl-flvs", REWARD, "An attested outcome alone pays"),
        ("nh-vlacs-achieved", REWARD, "An attested outcome alone pays"),
        ("la-course", REWARD, "An attested outcome pays a part"),
        ("az-online", REWARD, "Enrolment or an office's count pays"),
        ("combined", NEEDS, "By categories of need and prior learning"),
        ("growth-weighted", NEEDS, "By prior learning"),
        ("completion", NEEDS, "No: every student counts alike"),
        ("az-online", EVERY_STUDENT, "No: what pays does not hang on what a student achieves"),
        ("milestone", EVERY_STUDENT, "There is a threshold"),
        ("completion", EVERY_STUDENT, "Every further completion of every student brings the same share"),
        ("need-weighted", EVERY_STUDENT, "Every further completion of every student brings a share, a larger one"),
        ("nh-differential", PROVIDERS, "Providers are paid by their class"),
        ("completion", PROVIDERS, "Every provider is paid by the same rule"),
        ("ky-seek", PROVIDERS, "The policy pays district alone"),
    ],
)
def test_a_question_is_answered_from_the_lines(name, question, begins):
    assert answers(name)[question].startswith(begins)
