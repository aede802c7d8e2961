"""A framework's file by its shape: a CASE package or a table, plain or gzipped."""

import uuid

from competencies.calc.framework_content import Arrived, PackageRefused
from competencies.exchange.bounded_json import unpacked
from competencies.exchange.case_package import read_package
from competencies.exchange.framework_csv import read_table


def read_framework(content: bytes, *, title: str = "", identifier: uuid.UUID | None = None) -> tuple[Arrived, bytes]:
    """The framework and the file's unpacked bytes; raises PackageRefused. `title` and `identifier` are for a table alone:
    a package says both itself."""
    plain = unpacked(content)
    shape = plain.lstrip()[:1]
    if shape == b"<":
        raise PackageRefused("This is XML or a web page; ask for the framework as a CASE package (JSON), or write a table (CSV).")
    if shape in (b"{", b"["):
        return read_package(plain), plain
    return read_table(plain, title=title, identifier=identifier), plain
