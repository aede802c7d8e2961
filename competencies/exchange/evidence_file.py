"""What a file of evidence may be, told by its content and never by its name or by what the sender calls it.

Nothing that a browser would run is taken: no HTML, no SVG, no script, whatever it is called. Taken files are served as a
download alone (rest).
"""

import re
import unicodedata
import zipfile
from io import BytesIO

import filetype  # type: ignore[import-untyped]
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

BYTES = 10 * 1024 * 1024
NAME_CHARACTERS = 120
# Read by position in the file (the library `filetype`), with the ending that the name then has.
TAKEN = {
    "application/pdf": "pdf",
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/gif": "gif",
    "image/webp": "webp",
    "video/mp4": "mp4",
    "audio/mpeg": "mp3",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "pptx",
    "application/vnd.oasis.opendocument.text": "odt",
    "text/plain": "txt",
    "text/csv": "csv",
}
LISTED = gettext_lazy("PDF, PNG, JPEG, GIF, WebP, MP4, MP3, DOCX, XLSX, PPTX, ODT, plain text and CSV")
PICTURES = frozenset({"jpg", "jpeg", "png", "gif", "webp"})
# What an office file must hold to be the kind that it says it is.
OFFICE_PARTS = {"word/document.xml": "docx", "xl/workbook.xml": "xlsx", "ppt/presentation.xml": "pptx"}
ENTRIES = 5_000
# What browsers take for markup, even behind white space and in a file that is called text.
ACTIVE = re.compile(
    rb"<\s*(!doctype|html|head|body|script|svg|iframe|object|embed|meta|link|style|img|math|form|base|\?xml|!--|\?php|%)"
    rb"|^#!|javascript:|vbscript:",
    re.IGNORECASE,
)


class FileRefused(ValueError):
    """Why a file is no evidence, in a sentence with the way out."""


def media_type_of(content: bytes) -> str:
    """The media type of a file by its content, one of TAKEN; FileRefused otherwise."""
    if not content:
        raise FileRefused(_("The file is empty."))
    if len(content) > BYTES:
        raise FileRefused(
            _("The file has %(content)s bytes; at most %(bytes)s are taken. Send a smaller one, or a link to it.")
            % {"content": f"{len(content):,}", "bytes": f"{BYTES:,}"}
        )
    guessed = filetype.guess(content)
    if guessed is not None:
        media_type = guessed.mime
        if media_type == "application/zip" or (media_type in TAKEN and TAKEN[media_type] in (*OFFICE_PARTS.values(), "odt")):
            media_type = _office_type(content)
        if media_type in TAKEN:
            return media_type
        raise FileRefused(
            _("The file's content is %(media_type)s; evidence is %(listed)s.") % {"media_type": media_type, "listed": LISTED}
        )
    return _text_type(content)


def _office_type(content: bytes) -> str:
    """The type of a zipped office file by the parts in it, none of which is unpacked but the odt's own name."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            names = archive.namelist()
            if len(names) <= ENTRIES and not any(name.endswith(("vbaProject.bin", ".exe", ".js")) for name in names):
                for part, ending in OFFICE_PARTS.items():
                    if part in names:
                        return next(media_type for media_type, known in TAKEN.items() if known == ending)
                if names[:1] == ["mimetype"] and archive.getinfo("mimetype").file_size < 100:
                    return archive.read("mimetype").decode("ascii", "replace")
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError, OSError):
        raise FileRefused(_("The file is a damaged archive; save it again.")) from None
    return "application/zip"


def _text_type(content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise FileRefused(
            _("The file's content is of no kind that is known here; evidence is %(listed)s, text as UTF-8.") % {"listed": LISTED}
        ) from None
    if any(unicodedata.category(character) == "Cc" and character not in "\t\n\r\f" for character in text):
        raise FileRefused(_("The file holds control characters and is no text; evidence is %(listed)s.") % {"listed": LISTED})
    if ACTIVE.search(content):
        raise FileRefused(
            _("The file holds markup or a script, which a browser could run. Send it as PDF, or as plain text without it.")
        )
    lines = [line for line in text.splitlines()[:50] if line.strip()]
    counts = {line.count(",") for line in lines}
    return "text/csv" if len(lines) > 1 and len(counts) == 1 and counts != {0} else "text/plain"


def check_named(name: str, media_type: str) -> None:
    """A name that promises a picture over content that is none: FileRefused, for the wrong file was chosen."""
    ending = name.rpartition(".")[2].strip().lower()
    if ending in PICTURES and not media_type.startswith("image/"):
        raise FileRefused(
            _("The file is named like a picture (.%(ending)s), but its content is no picture. Choose the picture itself.")
            % {"ending": ending}
        )


def safe_name(name: str, media_type: str) -> str:
    """A file name without folders, control or direction characters, with the ending that its content deserves."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    kept = "".join(character for character in last if unicodedata.category(character)[0] != "C" and character not in '<>:"|?*;').strip(
        " ."
    )
    stem = kept.rpartition(".")[0] or kept or "evidence"
    return f"{stem[:NAME_CHARACTERS]}.{TAKEN[media_type]}"
