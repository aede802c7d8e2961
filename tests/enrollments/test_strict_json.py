"""JSON that may be hostile: Python's own parser is the oracle of what is JSON at all."""

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrollments.calc.completion_rows import Refusal, RowProblem
from enrollments.exchange import strict_json
from enrollments.exchange.strict_json import DocumentProblem, parse_object, split_array, split_lines

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


class Drip(io.BytesIO):
    """A stream that never hands over more than a few bytes at once."""

    def read(self, size=-1):
        return super().read(min(size, 3))


def elements(document, stream=io.BytesIO):
    return list(split_array(stream(document), "completions"))


@given(st.lists(values, max_size=5), st.booleans(), st.booleans())
def test_an_array_falls_into_the_elements_that_python_reads(array, wrapped, ascii_only):
    document = json.dumps({"completions": array} if wrapped else array, ensure_ascii=ascii_only).encode()
    for stream in (io.BytesIO, Drip):
        assert [json.loads(element) for _, element in elements(document, stream)] == array


@given(st.text(alphabet='[]{}",:\\ 1a', max_size=12))
def test_an_array_is_accepted_as_a_document_only_if_each_of_its_elements_can_be_told_apart(text):
    document = f"[{text}]".encode()
    try:
        expected = json.loads(document)
    except ValueError:
        expected = None
    try:
        found = elements(document)
    except DocumentProblem:
        assert expected is None
        return
    if expected is not None:
        assert [json.loads(element) for _, element in found] == expected


@pytest.mark.parametrize(
    ("document", "pointer"),
    [
        (b"", ""),
        (b"[", "/1"),
        (b"[1,]", "/2"),
        (b"[1 2]", "/1"),
        (b"[1] 2", ""),
        (b'["open', "/1"),
        (b"[{]", "/1"),
        (b'{"other": []}', ""),
        (b'{"completions": [], "completions": []}', ""),
        (b'{"completions": {}}', "/completions"),
        (b"[" * 100, "/1"),
        (b"[[" + b"[]," * 20_000, "/1"),
    ],
)
def test_a_document_without_a_clear_extent_is_a_problem_with_a_pointer(document, pointer):
    with pytest.raises(DocumentProblem) as problem:
        elements(document)
    assert problem.value.pointer == pointer


@pytest.mark.parametrize(
    ("element", "field", "reason"),
    [
        (b'{"a": 1, "b": 2, "a": 3}', "a", "duplicate_key"),
        (b'{"a": NaN}', "a", "not_finite"),
        (b'{"a": -Infinity}', "a", "not_finite"),
        (b'{"a": 1e400}', "a", "not_finite"),
        (b'{"a": 1234567890123456789}', "a", "huge_number"),
        (b'{"a": ' + b"9" * 100_000 + b"}", "a", "huge_number"),
        (b'{"a": ' + b"[" * 32 + b"]" * 32 + b"}", "", "too_deep"),
        (b'{"a": ' + b"[" * 400_000 + b"]" * 400_000 + b"}", "", "too_deep"),
        (b'{"a": "\xed\xa0\x80"}', "", "not_utf8"),
        (b'{"a": "\x01"}', "", "not_json"),
        (b"{'a': 1}", "", "not_json"),
        (b'{"a": 1} {}', "", "not_json"),
        (b"[1]", "", "not_json"),
    ],
)
def test_an_object_that_python_would_let_pass_or_choke_on_is_named(element, field, reason):
    with pytest.raises(RowProblem) as problem:
        parse_object(element)
    assert (problem.value.field, problem.value.reason) == (field, reason)


def test_brackets_in_text_do_not_count_as_depth():
    assert parse_object(b'{"a": "' + b"[" * 100 + b'\\""}') == {"a": "[" * 100 + '"'}


def test_an_element_that_is_too_long_is_refused_and_the_next_one_read(monkeypatch):
    monkeypatch.setattr(strict_json, "ELEMENT_BYTES", 50)
    document = b'[{"a": "' + b"x" * 60 + b'"}, {"b": 1}]'
    long, after = elements(document)
    assert (isinstance(long, Refusal), long.row, long.reason) == (True, 1, "too_long")
    assert after == (2, b'{"b": 1}')


def test_lines_keep_their_numbers_past_blank_and_too_long_ones(monkeypatch):
    monkeypatch.setattr(strict_json, "ELEMENT_BYTES", 20)
    first, long, last = split_lines(io.BytesIO(b"\xef\xbb\xbf{}\r\n\n" + b"x" * 500 + b"\n{}"))
    assert (first, last) == ((1, b"{}"), (4, b"{}"))
    assert (long.row, long.reason) == (3, "too_long")
