"""The third-party files of the interface are whole, recorded, and load nothing that is absent."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tools import vendor_static
from tools.vendor_static import Package

PROJECT = Path(__file__).resolve().parents[2]
SHEET = b"a{mask:url(../img/a.svg#part)}b{mask:url()}\n/*# sourceMappingURL=x.min.css.map */\n"
SCRIPT = b"f();\n//# sourceMappingURL=x.min.js.map"


@pytest.fixture
def package() -> Package:
    return Package("kit", "1.0.0", "MIT", "static/vendor/kit", {"dist/css/x.css": "css/x.css"})


@pytest.fixture
def project(tmp_path: Path, package: Package, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project that has just taken `package`, as published here without a registry."""
    published = {"dist/css/x.css": SHEET, "dist/img/a.svg": b"<svg/>", "dist/img/b.svg": b"<svg/>"}
    monkeypatch.setattr(vendor_static, "fetched", lambda package, folder: published)
    vendor_static.take(tmp_path, (package,))
    return tmp_path


def test_the_committed_files_are_those_that_were_taken() -> None:
    assert vendor_static.faults(PROJECT) == []


def test_a_stylesheet_brings_what_it_loads_and_nothing_else(project: Path, package: Package) -> None:
    kit = project / package.target
    taken = {p.relative_to(kit).as_posix() for p in kit.rglob("*") if p.is_file()}
    assert taken == {"css/x.css", "img/a.svg"}
    assert vendor_static.faults(project, (package,)) == []


@pytest.mark.parametrize(
    ("path", "content", "kept"),
    [
        ("x.css", SHEET, b"a{mask:url(../img/a.svg#part)}b{mask:url()}\n"),
        ("x.js", SCRIPT, b"f();\n"),
        ("x.svg", b"/*# sourceMappingURL=x */", b"/*# sourceMappingURL=x */"),
    ],
)
def test_a_source_map_comment_is_stripped_whole(path: str, content: bytes, kept: bytes) -> None:
    assert vendor_static.cleaned(path, content) == kept


def test_a_changed_byte_is_named(project: Path, package: Package) -> None:
    (project / package.target / "img/a.svg").write_bytes(b"<svg />")
    assert vendor_static.faults(project, (package,)) == ["static/vendor/kit/img/a.svg: changed since it was taken"]


def test_a_missing_file_is_named(project: Path, package: Package) -> None:
    (project / package.target / "img/a.svg").unlink()
    assert vendor_static.faults(project, (package,)) == ["static/vendor/kit/img/a.svg: missing"]


def test_a_file_that_nobody_recorded_is_named(project: Path, package: Package) -> None:
    (project / package.target / "extra.js").write_text("f()")
    assert vendor_static.faults(project, (package,)) == ["static/vendor/kit/extra.js: not in static/vendor/VENDOR.json"]


def test_a_stylesheet_that_loads_an_unrecorded_file_is_named(project: Path, package: Package) -> None:
    record = project / vendor_static.RECORD
    entries = json.loads(record.read_text())
    del entries["packages"][0]["files"]["static/vendor/kit/img/a.svg"]
    record.write_text(json.dumps(entries))
    assert "static/vendor/kit/css/x.css: names static/vendor/kit/img/a.svg, not there" in vendor_static.faults(project, (package,))


def test_a_version_raised_without_taking_its_files_is_named(project: Path) -> None:
    raised = Package("kit", "1.1.0", "MIT", "static/vendor/kit", {})
    assert vendor_static.faults(project, (raised,)) == ["static/vendor/VENDOR.json: kit is 1.0.0, the tool says 1.1.0"]
