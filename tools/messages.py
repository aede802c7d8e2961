"""The texts of pages and their translations: `make messages` collects the texts and compiles what is translated.

Needs Babel (a development requirement) and no GNU gettext; who runs Credence needs neither, as the compiled catalogues are
kept. `--check` writes nothing and exits with 1 where a catalogue is behind the texts, or lacks or mistakes a translation.
"""

import argparse
import io
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from babel.messages.catalog import Catalog  # noqa: E402 - the path above comes first
from babel.messages.extract import extract_python  # noqa: E402
from babel.messages.mofile import write_mo  # noqa: E402
from babel.messages.pofile import read_po, write_po  # noqa: E402
from django.conf import settings  # noqa: E402
from django.utils.translation.template import templatize  # noqa: E402

ROOMS = ("config", "people", "api", "competencies", "enrollments", "pathways", "funding", "accountability", "rulebook", "templates")
CONTEXT = ((1, "c"), 2)
KEYWORDS = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop", "sentence"), None),
    **dict.fromkeys(("ngettext", "ngettext_lazy", "sentences"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), CONTEXT),
    "npgettext": ((1, "c"), 2, 3),
}
PLACE = re.compile(r"%\((\w+)\)[a-z]|\{(\w+)\}")
MARKUP = re.compile(r"<[^>]*>")


def texts() -> Iterator[tuple[Path, tuple]]:
    """(file, what Babel found there) of each text marked for translation in Python and templates, file by file."""
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*")):
            if path.suffix not in (".py", ".html") or "migrations" in path.parts:
                continue
            source = path.read_text()
            if path.suffix == ".html":
                # In parentheses, as a template's indentation is none of Python's.
                source = f"({templatize(source, origin=str(path))})"
            for found in extract_python(io.BytesIO(source.encode()), KEYWORDS, (), {"encoding": "utf-8"}):
                yield path.relative_to(ROOT), found


def collected() -> Catalog:
    """Every text, in the order of its files; a text that stands in several once."""
    catalog = Catalog(charset="utf-8", fuzzy=False)
    for path, (_, function, said, _) in texts():
        spec = KEYWORDS[function] or (1,)
        said = said if isinstance(said, tuple) else (said,)
        context = said[0] if (1, "c") in spec else None
        ids = [said[place - 1] for place in spec if isinstance(place, int)]
        # What hands on another's text, as people/templatetags/wording.py does, has none of its own; ruff refuses f-strings.
        if all(isinstance(one, str) and one for one in ids):
            catalog.add(tuple(ids) if len(ids) > 1 else ids[0], locations=[(str(path), None)], context=context)
    return catalog


def brought_up(kept: Catalog, wanted: Catalog) -> Catalog:
    """The texts that there are, with the translations that are kept."""
    made = Catalog(locale=kept.locale, charset="utf-8", fuzzy=False)
    for message in wanted:
        if message.id:
            key = message.id[0] if isinstance(message.id, tuple) else message.id
            former = kept.get(key, message.context)
            string = former.string if former and former.pluralizable == message.pluralizable else None
            places = sorted({(name, None) for name, _ in message.locations})
            made.add(message.id, string or ("" if isinstance(message.id, str) else ("", "")), places, context=message.context)
    return made


def written(catalog: Catalog) -> bytes:
    """The catalogue as a .po file that differs only where its texts do: no time, no line numbers."""
    buffer = io.BytesIO()
    write_po(buffer, catalog, omit_header=True, sort_output=True, include_lineno=False, width=120)
    header = (
        'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n"Content-Transfer-Encoding: 8bit\\n"\n'
        f'"Language: {catalog.locale}\\n"\n"Plural-Forms: {catalog.plural_forms}\\n"\n\n'
    )
    return header.encode() + buffer.getvalue()


def compiled(catalog: Catalog) -> bytes:
    """The catalogue as Django reads it."""
    buffer = io.BytesIO()
    made = Catalog(locale=catalog.locale, charset="utf-8", fuzzy=False, header_comment="")
    for message in catalog:
        if message.id:
            made.add(message.id, message.string, context=message.context)
    # Babel would write the hour of compiling into the header.
    made.creation_date = made.revision_date = made.creation_date.replace(2020, 1, 1, 0, 0, 0, 0)
    write_mo(buffer, made)
    return buffer.getvalue()


def faults(catalog: Catalog) -> Iterator[str]:
    """What is wrong with each translation: none there, marked as a guess, or other places or tags than its text has."""
    for message in catalog:
        if not message.id:
            continue
        ids = message.id if isinstance(message.id, tuple) else (message.id,)
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        if message.fuzzy:
            yield f"{ids[0]!r} is marked as a guess"
        for number, string in enumerate(strings):
            of = ids[min(number, len(ids) - 1)]
            if not string:
                yield f"{of!r} is not translated"
            # A singular may say "one" where its text says the number.
            elif set(PLACE.findall(string)) - set(PLACE.findall(ids[-1])) or (
                (number or len(ids) == 1) and set(PLACE.findall(string)) != set(PLACE.findall(of))
            ):
                yield f"{string!r} has other places to fill than {of!r}"
            elif sorted(MARKUP.findall(string)) != sorted(MARKUP.findall(of)):
                yield f"{string!r} has other markup than {of!r}"
            elif string[0].isspace() != of[0].isspace() or string[-1].isspace() != of[-1].isspace():
                yield f"{string!r} begins or ends unlike {of!r}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; say what is behind")
    check, wanted, told = parser.parse_args().check, collected(), []
    for language in [code for code, _ in settings.LANGUAGES if code != settings.LANGUAGE_CODE]:
        po = ROOT / "locale" / language / "LC_MESSAGES" / "django.po"
        kept = read_po(io.BytesIO(po.read_bytes()), locale=language) if po.exists() else Catalog(locale=language)
        made = brought_up(kept, wanted)
        for path, content in ((po, written(made)), (po.with_suffix(".mo"), compiled(made))):
            if not path.exists() or path.read_bytes() != content:
                if check:
                    told.append(f"{path.relative_to(ROOT)} is behind; run `make messages`.")
                else:
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(content)
        told += [f"{po.relative_to(ROOT)}: {fault}." for fault in faults(made)]
    for line in told:
        print(line)
    print(f"{len(wanted)} texts, {len(told)} things to mend.")
    return 1 if told and check else 0


if __name__ == "__main__":
    raise SystemExit(main())
