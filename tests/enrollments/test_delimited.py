"""Comma-separated files that may be hostile: one physical line is one row, whatever stands on it."""

import gzip

import pytest

from enrollments.calc.completion_rows import Refusal
from enrollments.exchange import delimited
from enrollments.exchange.delimited import FileProblem, Table


@pytest.fixture
def read(tmp_path):
    def read(content, columns=("a", "b"), **options):
        path = tmp_path / "file.csv"
        path.write_bytes(content)
        with Table(path, columns, **options) as table:
            return [(item.row, item.reason) if isinstance(item, Refusal) else item for item in table]

    return read


@pytest.mark.parametrize("prefix", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_plain_and_gzipped_with_and_without_bom_read_the_same(read, prefix, end, pack):
    content = pack(prefix + end.join([b"b,a", b'"2, ""two""",1', b"4,3"]))
    assert read(content) == [(2, ["1", '2, "two"']), (3, ["3", "4"])]


def test_a_bad_line_costs_itself_alone_and_keeps_the_numbers_of_the_others(read):
    content = b'a,b\n1,2\n"open,3\n\nonly one\n\xff,1\n5,6\n'
    assert read(content) == [(2, ["1", "2"]), (3, "quoting"), (5, "columns"), (6, "not_utf8"), (7, ["5", "6"])]


def test_a_field_beyond_the_limit_of_pythons_reader_is_read(read):
    assert read(b'a,b\n"%s",1\n' % (b"x" * 200_000)) == [(2, ["x" * 200_000, "1"])]


def test_a_line_that_is_too_long_is_refused_without_being_held(read, monkeypatch):
    monkeypatch.setattr(delimited, "LINE_BYTES", 30)
    assert read(b"a,b\n" + b"x" * 500 + b",1\n3,4\n") == [(2, "too_long"), (3, ["3", "4"])]


def test_an_absent_optional_column_reads_as_empty(read):
    assert read(b"a\n1\n", columns=("a",), optional=("c",)) == [(2, ["1", ""])]


def test_further_columns_are_passed_over_only_where_that_is_said(read):
    assert read(b"x,a,b\n0,1,2\n", ignore_others=True) == [(2, ["1", "2"])]
    with pytest.raises(FileProblem, match="unknown x"):
        read(b"x,a,b\n0,1,2\n")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "lacks a, b"),
        (b"a\n", "lacks b"),
        (b"a,b,a\n", "repeats a"),
        (b'"a,b\n', "cannot be read"),
        (b"\xff\xfea\x00,\x00b\x00\n", "cannot be read"),
        (gzip.compress(b"a,b\n" + b"1,2\n" * 1000, mtime=0)[:-20], "damaged or truncated"),
        (b"\x1f\x8bnothing of the kind", "damaged or truncated"),
    ],
)
def test_a_file_that_is_no_such_table_says_what_is_wrong_with_it(read, content, said):
    with pytest.raises(FileProblem, match=said):
        read(content)
