"""The same framework from several sides at the same moment, with real commits."""

import json

from competencies.models import Competency, FrameworkArrival
from tests.at_once import at_once
from tests.competencies.case_packages import package, take


def test_the_same_package_at_once_from_four_sides_comes_in_once(committed_db):
    content = json.dumps(package(["A", "B"])).encode()
    told = at_once(4, lambda number: len(take(content).added))
    assert sorted(told) == [0, 0, 0, 2]
    assert [Competency.objects.count(), FrameworkArrival.objects.count()] == [2, 1]
