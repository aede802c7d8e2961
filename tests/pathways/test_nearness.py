"""How near somebody is to a requirement: exact, and never past what is met."""

from fractions import Fraction

import pytest

from pathways.calc.criteria import Earned, Standing, evaluate, read_tree
from pathways.calc.nearness import NEAR, part_met


def part(tree, credit="0", attested=()):
    earned = () if credit == "0" else (Earned("C", Fraction(credit), None),)
    standing = Standing(attested=dict.fromkeys(attested, (("a",), "2025-09-01")), credits=earned)
    return part_met(evaluate(read_tree(tree, credit_leaves=True), standing))


@pytest.mark.parametrize(
    ("tree", "credit", "attested", "wanted"),
    [
        ({"credit": "2"}, "0", "", "0"),
        ({"credit": "2"}, "3/2", "", "3/4"),
        ({"credit": "2"}, "5", "", "1"),
        ({"all": [{"credit": "2"}, {"assessment": "A"}]}, "1", "", "1/4"),
        ({"all": [{"credit": "2"}, {"assessment": "A"}]}, "1", "A", "3/4"),
        ({"any": [{"credit": "4"}, {"assessment": "A"}]}, "3", "", "3/4"),
        ({"any": [{"assessment": "A"}, {"assessment": "B"}, {"credit": "4"}], "at_least": 2}, "2", "A", "3/4"),
        ({"all": [{"all": [{"assessment": "A"}, {"assessment": "B"}]}, {"credit": "1"}]}, "1", "A", "3/4"),
    ],
)
def test_a_part_is_counted_exactly_whatever_the_shape(tree, credit, attested, wanted):
    assert part(tree, credit, attested) == Fraction(wanted)


def test_near_is_three_quarters():
    assert Fraction(3, 4) == NEAR
