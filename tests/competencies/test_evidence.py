"""Evidence: what is taken, what is refused, and that nothing is overwritten."""

import io
import zipfile

import pytest

from competencies.actions.record_evidence import EvidenceRefused, add_version, record_evidence
from competencies.exchange.evidence_file import BYTES, FileRefused, media_type_of, safe_name
from competencies.models import Evidence
from competencies.queries.evidence import download, evidence_of
from database.areas import acting_as
from tests.build_learning import day, framework, noon, student, teacher

OFFICE = "application/vnd.openxmlformats-officedocument"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40


def zipped(**parts):
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/"), content)
    return whole.getvalue()


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (PNG, "image/png"),
        (b"%PDF-1.7\n%\xe2\xe3", "application/pdf"),
        (b"\xff\xd8\xff\xe0" + b"\0" * 20, "image/jpeg"),
        (b"GIF89a" + b"\0" * 20, "image/gif"),
        ("Wrote three pages about Ñandú.".encode(), "text/plain"),
        (b"name,score\nA,3\nB,4\n", "text/csv"),
        (zipped(**{"[Content_Types].xml": "", "word__document.xml": "<w/>"}), f"{OFFICE}.wordprocessingml.document"),
        (zipped(mimetype="application/vnd.oasis.opendocument.text"), "application/vnd.oasis.opendocument.text"),
    ],
)  # fmt: skip
def test_a_file_is_what_its_content_says(content, media_type):
    assert media_type_of(content) == media_type


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html><script>alert(1)</script></html>",
        b"  \n\t<!DOCTYPE html>",
        b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
        b'<?xml version="1.0"?><svg/>',
        b"Dear all,\n\n<ScRiPt src=//evil></sCrIpT>",
        b"#!/bin/sh\nrm -rf x",
        b"[x](javascript:alert(1))",
        b"MZ\x90\x00\x03" + b"\0" * 60,
        b"\x7fELF" + b"\0" * 60,
        b"one\x00two",
        "<html>".encode("utf-16"),
        zipped(**{"index.html": "<script>"}),
        zipped(**{"word__document.xml": "", "word__vbaProject.bin": "x"}),
        b"PK\x03\x04broken",
        PNG + b"\0" * BYTES,
    ],
)
def test_what_a_browser_would_run_and_what_is_not_known_is_refused(content):
    with pytest.raises(FileRefused):
        media_type_of(content)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd", "passwd.png"),
        ("C:\\Users\\me\\photo.png", "photo.png"),
        ("page.html", "page.png"),
        ("a\r\nSet-Cookie: x.png", "aSet-Cookie x.png"),
        ("\u202egnp.exe", "gnp.png"),
        ("", "evidence.png"),
        ("x" * 500 + ".png", "x" * 120 + ".png"),
    ],
)
def test_a_file_name_names_no_folder_and_ends_as_its_content_does(name, kept):
    assert safe_name(name, "image/png") == kept


@pytest.mark.django_db
class TestOnTheRecord:
    def record(self, **fields):
        who = student()
        wanted = {"kind": "note", "title": "Reading log", "worked_on": day(1), "at": noon(1), "text": "Twelve pages."}
        return record_evidence(student_id=who.pk, recorded_by=who.pk, **wanted | fields)

    def test_versions_are_added_and_never_overwritten(self):
        made = self.record(kind="file", text="", file_name="log.txt", content=b"one")
        add_version(evidence_id=made.pk, recorded_by=teacher().pk, at=noon(2), file_name="log.txt", content=b"two")
        with acting_as("area_learning"):
            (read,) = evidence_of([made.student_id])
            assert [(version.number, version.file_name) for version in read.versions] == [(1, "log.txt"), (2, "log.txt")]
            assert [download(version.id).content for version in read.versions] == [b"one", b"two"]

    def test_evidence_may_be_of_work_outside_school_and_speak_to_several_competencies(self):
        _, competencies = framework(3)
        made = self.record(setting="community", competency_ids=[one.pk for one in competencies])
        with acting_as("area_learning"):
            (read,) = evidence_of([made.student_id])
        assert read.setting == "community"
        assert read.competencies == [one.uuid for one in competencies]

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"kind": "video"}, "kind"),
            ({"setting": "moon"}, "setting"),
            ({"title": " "}, "title"),
            ({"title": "x" * 201}, "title"),
            ({"text": ""}, "text"),
            ({"content": b"x"}, "file"),
            ({"address": "https://example.org"}, "address"),
            ({"kind": "link", "address": "javascript:alert(1)"}, "address"),
            ({"kind": "link", "address": "https://"}, "address"),
            ({"kind": "link", "address": "https://[broken"}, "address"),
            ({"kind": "file", "content": b"<script>"}, "file"),
            ({"competency_ids": [10**9]}, "competencies"),
            ({"worked_on": day(9)}, "worked_on"),
        ],
    )
    def test_what_is_wrong_is_refused_by_its_field_and_nothing_is_kept(self, change, field):
        with pytest.raises(EvidenceRefused) as refused:
            self.record(**change)
        assert refused.value.pointer == f"/{field}"
        assert Evidence.objects.count() == 0
