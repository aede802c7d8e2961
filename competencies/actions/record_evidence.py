"""Record evidence, and further versions of it: submitted by the student or recorded by an educator; nothing is overwritten."""

import datetime
import hashlib
from collections.abc import Collection
from urllib.parse import urlsplit

from django.db.models import Max
from django.utils.translation import gettext as _

from competencies.calc.work_days import day_problem
from competencies.exchange.evidence_file import FileRefused, check_named, media_type_of, safe_name
from competencies.models import Competency, Evidence, EvidenceCompetency, EvidenceFile, EvidenceVersion
from database.areas import acting_as
from people.models import User

TITLE_CHARACTERS, TEXT_CHARACTERS, ADDRESS_CHARACTERS = 200, 100_000, 2000


class EvidenceRefused(ValueError):
    """Why evidence was not recorded, in a sentence with the way out; `pointer` is the field that it is about."""

    def __init__(self, said: str, field: str = "") -> None:
        super().__init__(said)
        self.pointer = f"/{field}" if field else ""


def record_evidence(
    *,
    student_id: int,
    recorded_by: int,
    kind: str,
    title: str,
    worked_on: datetime.date,
    at: datetime.datetime,
    setting: str = "school",
    competency_ids: Collection[int] = (),
    text: str = "",
    address: str = "",
    file_name: str = "",
    content: bytes | None = None,
) -> Evidence:
    """The evidence with its first version, tied to the competencies.

    `kind` and `setting` as in Evidence; a file brings `content` (at most 10 MB, of a kind in exchange/evidence_file.py) and
    `file_name`, a link `address`, a note or observation `text`. Raises EvidenceRefused.
    """
    _check_said(kind, setting, title, worked_on, at)
    wanted = set(competency_ids)
    with acting_as("area_learning"):
        if Competency.objects.filter(id__in=wanted).count() != len(wanted):
            raise EvidenceRefused(_("A competency named is not on file."), "competencies")
        if User.objects.filter(id__in={student_id, recorded_by}).count() != len({student_id, recorded_by}):
            raise EvidenceRefused(_("The student or whoever records is not on file."), "student")
        evidence = Evidence.objects.create(
            student_id=student_id,
            kind=kind,
            setting=setting,
            title=title.strip(),
            worked_on=worked_on,
            recorded_by_id=recorded_by,
            recorded_at=at,
        )
        EvidenceCompetency.objects.bulk_create(EvidenceCompetency(evidence=evidence, competency_id=one) for one in sorted(wanted))
        _add(evidence, 1, recorded_by, at, text=text, address=address, file_name=file_name, content=content)
        return evidence


def _check_said(kind: str, setting: str, title: str, worked_on: datetime.date, at: datetime.datetime) -> None:
    if kind not in Evidence.Kind:
        raise EvidenceRefused(
            _("There is no kind %(kind)r of evidence; there are %(kinds)s.")
            % {"kind": kind, "kinds": ", ".join(Evidence.Kind.values)},
            "kind",
        )
    if setting not in Evidence.Setting:
        raise EvidenceRefused(
            _("There is no setting %(setting)r; there are %(settings)s.")
            % {"setting": setting, "settings": ", ".join(Evidence.Setting.values)},
            "setting",
        )
    if not title.strip() or len(title) > TITLE_CHARACTERS:
        raise EvidenceRefused(_("Evidence has a title of at most %(most)s characters.") % {"most": TITLE_CHARACTERS}, "title")
    if problem := day_problem(worked_on, at):
        said = _(problem.one) % problem.values
        raise EvidenceRefused(
            _("The work is dated %(worked_on)s, %(problem)s.") % {"worked_on": worked_on, "problem": said},
            "worked_on",
        )


def add_version(
    *,
    evidence_id: int,
    recorded_by: int,
    at: datetime.datetime,
    text: str = "",
    address: str = "",
    file_name: str = "",
    content: bytes | None = None,
) -> EvidenceVersion:
    """A further version of the same kind; the ones before stay, and judgements that rest on them. Raises EvidenceRefused."""
    with acting_as("area_learning"):
        evidence = Evidence.objects.filter(pk=evidence_id).first()
        if evidence is None:
            raise EvidenceRefused(_("There is no such evidence."))
        # Versions of one evidence are numbered one after the other; the student's row is what they wait on.
        User.objects.select_for_update(no_key=True).get(pk=evidence.student_id)
        newest = evidence.versions.aggregate(newest=Max("number"))["newest"]
        return _add(evidence, newest + 1, recorded_by, at, text=text, address=address, file_name=file_name, content=content)


def _add(
    evidence: Evidence,
    number: int,
    recorded_by: int,
    at: datetime.datetime,
    *,
    text: str,
    address: str,
    file_name: str,
    content: bytes | None,
) -> EvidenceVersion:
    media_type = _check(evidence.kind, text, address, file_name, content)
    version = EvidenceVersion.objects.create(
        evidence=evidence,
        number=number,
        text=text,
        address=address,
        file_name=safe_name(file_name, media_type) if media_type else "",
        media_type=media_type,
        size_bytes=len(content or b""),
        sha256=hashlib.sha256(content).hexdigest() if content else "",
        recorded_by_id=recorded_by,
        recorded_at=at,
    )
    if content:
        EvidenceFile.objects.create(version=version, content=content)
    return version


def _check(kind: str, text: str, address: str, file_name: str, content: bytes | None) -> str:
    """The media type of a file's content, "" of the other kinds; raises EvidenceRefused."""
    if len(text) > TEXT_CHARACTERS or "\0" in text:
        raise EvidenceRefused(
            _("Text is at most %(most)s characters, none of them a control character.") % {"most": f"{TEXT_CHARACTERS:,}"},
            "text",
        )
    if content is not None and kind != Evidence.Kind.FILE:
        raise EvidenceRefused(_("A %(kind)s brings no file; record it as kind file.") % {"kind": kind}, "file")
    if address and kind != Evidence.Kind.LINK:
        raise EvidenceRefused(_("A %(kind)s brings no address; record it as kind link.") % {"kind": kind}, "address")
    if kind == Evidence.Kind.FILE and content is None:
        raise EvidenceRefused(_("Evidence of kind file brings a file; give a file."), "file")
    if kind == Evidence.Kind.FILE:
        try:
            media_type = media_type_of(content or b"")
            check_named(file_name, media_type)
            return media_type
        except FileRefused as refused:
            raise EvidenceRefused(str(refused), "file") from None
    if kind == Evidence.Kind.LINK:
        _check_address(address)
    elif not text.strip():
        raise EvidenceRefused(_("A %(kind)s says something in its text.") % {"kind": kind}, "text")
    return ""


def _check_address(address: str) -> None:
    if any(character.isspace() or ord(character) < 32 for character in address):
        raise EvidenceRefused("The address has a space or a line break in it; write a space as %20, or leave it out.", "address")
    try:
        read = urlsplit(address)
        good = read.scheme in ("http", "https") and bool(read.hostname)
        signed_in = read.username is not None or read.password is not None
    except ValueError:
        good = signed_in = False
    if signed_in:
        raise EvidenceRefused(_("The address carries a user name or password before the @; leave them out."), "address")
    if not good or len(address) > ADDRESS_CHARACTERS:
        raise EvidenceRefused(_("A link gives an address that begins with https:// or http:// and names a host."), "address")
