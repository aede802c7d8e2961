"""Words that a reader would see in English whatever their language: in templates, and in what views and forms say.

`python tools/unmarked_words.py [file ...]` names each with its file and line and exits with 1; without files it reads all.
A template's words stand in {% translate %}, {% blocktranslate %} or _("..."). What is no word of a language (an address, a
code) stands in an element with translate="no".
"""

import ast
import re
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

from django.template.base import Lexer, TokenType

ROOT = Path(__file__).resolve().parent.parent
READ_OUT = ("title", "aria-label", "placeholder", "alt", "aria-roledescription", "label")
# `content` of these; others are for machines.
DESCRIBING = ("description",)
VOID = frozenset(["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"])
NAME = "Credence"
WORD = re.compile(r"[^\W\d_]{2,}")
ATTRIBUTE = re.compile(r"""[\w-]+="[^"]*\"""")
LITERAL = re.compile(r"""(_\()?("[^"]*"|'[^']*')""")
# Tags whose arguments name things of the code, and filters whose arguments are formats.
OF_CODE = frozenset(("load", "extends", "url", "static", "block", "endblock", "if", "elif", "for", "querystring", "templatetag"))
FORMATS = re.compile(r"""\|(date|time|stringformat|slice|cut|yesno_code|floatformat):("[^"]*"|'[^']*')""")
SPOKEN_CALLS = frozenset(["success", "info", "warning", "error", "ValidationError", "add_error"])
SPOKEN_KEYS = frozenset(["label", "help_text", "problem"])


class _Page(HTMLParser):
    """Collects (line, words) of text nodes and of attributes that are read out."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[int, str]] = []
        self._open: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        for name, value in said.items():
            describes = name == "content" and said.get("name") in DESCRIBING
            if (name in READ_OUT or name.startswith("data-text") or describes) and value:
                self._see(value)
        if tag not in VOID:
            silent = bool(self._open and self._open[-1][1]) or said.get("translate") == "no" or tag in ("script", "style", "use")
            self._open.append((tag, silent))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        # A part of a template may be attributes alone, for a tag that stands elsewhere.
        data = ATTRIBUTE.sub("", data)
        if not (self._open and self._open[-1][1]):
            self._see(data)

    def _see(self, text: str) -> None:
        if WORD.search(text.replace(NAME, "")):
            self.found.append((self.getpos()[0], " ".join(text.split())))


def in_template(source: str) -> Iterator[tuple[int, str]]:
    """(line, words) of each place of a template whose words are not marked."""
    kept, marked, silent = [], False, False
    for token in Lexer(source).tokenize():
        name = token.contents.split(" ", 1)[0] if token.token_type == TokenType.BLOCK else ""
        if name in ("blocktranslate", "blocktrans", "comment"):
            marked = True
        elif name in ("endblocktranslate", "endblocktrans", "endcomment"):
            marked = False
        elif token.token_type == TokenType.TEXT and not marked and not silent:
            kept.append(token.contents)
            continue
        elif token.token_type in (TokenType.BLOCK, TokenType.VAR) and not marked:
            yield from _in_tag(name, token.contents, token.lineno or 0)
        # What is left out keeps its lines.
        kept.append("\n" * _lines(source, token))
    page = _Page()
    page.feed("".join(kept))
    page.close()
    yield from page.found


def _lines(source: str, token: object) -> int:
    """The line breaks within a token as it stands in the source; the lexer tells only those of a text."""
    contents: str = token.contents  # type: ignore[attr-defined]
    return contents.count("\n")


def _in_tag(name: str, contents: str, line: int) -> Iterator[tuple[int, str]]:
    if name in OF_CODE or name in ("translate", "trans"):
        return
    contents = FORMATS.sub("", contents)
    if name == "include":
        contents = contents.split(" with ", 1)[1] if " with " in contents else ""
    for mark, literal in LITERAL.findall(contents):
        text = literal[1:-1]
        # A word of its own, or a sentence; a lower-case word alone is a kind or a code.
        if not mark and WORD.search(text.replace(NAME, "")) and (" " in text.strip() or text[0].isupper()):
            yield line, text


def in_python(source: str) -> Iterator[tuple[int, str]]:
    """(line, words) of messages, refusals of fields and labels that are a bare text."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            spoken = [*node.args] if called in SPOKEN_CALLS else []
            spoken += [one.value for one in node.keywords if one.arg in SPOKEN_KEYS]
            for one in node.keywords:
                if one.arg == "error_messages" and isinstance(one.value, ast.Dict):
                    spoken += one.value.values
        elif isinstance(node, ast.Dict):
            pairs = zip(node.keys, node.values, strict=True)
            spoken = [value for key, value in pairs if isinstance(key, ast.Constant) and key.value in SPOKEN_KEYS]
        else:
            continue
        for one in spoken:
            parts = one.values if isinstance(one, ast.JoinedStr) else [one]
            said = [part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str)]
            if any(WORD.search(text) and (" " in text.strip() or len(parts) > 1) for text in said):
                yield one.lineno, ast.unparse(one)[:80]


def sources() -> Iterator[Path]:
    """Every template, and the Python files that speak to readers of pages."""
    yield from sorted((ROOT / "templates").rglob("*.html"))
    for room in ("people", "competencies", "enrollments", "pathways", "funding"):
        for path in sorted((ROOT / room).rglob("*.py")):
            if path.stem in ("views", "forms") or {"views", "templatetags"} & set(path.parts):
                yield path


def main() -> int:
    named = [Path(one).resolve() for one in sys.argv[1:]] or list(sources())
    found = 0
    for path in named:
        for line, words in (in_template if path.suffix == ".html" else in_python)(path.read_text()):
            found += 1
            print(f"{path.relative_to(ROOT)}:{line}: not marked for translation: {words}")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
