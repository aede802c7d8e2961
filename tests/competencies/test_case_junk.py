"""Any value in any place of a package: it is taken with warnings or refused in words, and what is taken goes out valid."""

import copy
import json

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from competencies.calc.framework_content import PackageRefused
from tests.competencies.case_packages import needs_shared_data, take
from tests.competencies.test_case_export import errors_by, everything, exported

JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.sampled_from(
        ["", " ", "\0", "\ud800", "𝑑", "x" * 300, "2020-13-01", "2020-01-01", "ext:a b", "https://example.org", "isChildOf"]
    ),
    st.text(max_size=5),
    st.sampled_from([[], {}, [None], [[]], {"identifier": None}, {"identifier": "x", "title": 5, "uri": []}, [1, "a", {}]]),
)


def places(value, path=()):
    """The path of every member of every object and list."""
    for key, member in value.items() if isinstance(value, dict) else enumerate(value):
        yield (*path, key)
        if isinstance(member, dict | list):
            yield from places(member, (*path, key))


PLACES = list(places(everything()))


@pytest.mark.django_db
@needs_shared_data
@given(st.lists(st.tuples(st.sampled_from(PLACES), JUNK), min_size=1, max_size=3))
@example([(("CFRubrics", 0, "uri"), 1e16)])
@example([(("CFRubrics", 0, "uri"), -0.0)])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_value_anywhere_is_taken_or_refused_and_goes_out_valid(changes):
    package = copy.deepcopy(everything())
    for path, value in changes:
        at = package
        for key in path[:-1]:
            at = at[key] if isinstance(at, dict | list) and _has(at, key) else None
        if at is not None and _has(at, path[-1]):
            at[path[-1]] = copy.deepcopy(value)
    content = json.dumps(package).encode()
    with transaction.atomic():
        told = taken_or_refused(content)
        if told and told.applied:
            assert errors_by(1, exported(told.framework)) == []
            assert not take(content).is_change
        transaction.set_rollback(True)


def taken_or_refused(content):
    try:
        return take(content)
    except PackageRefused:
        return None


def _has(at, key):
    return key in at if isinstance(at, dict) else isinstance(at, list) and isinstance(key, int) and key < len(at)
