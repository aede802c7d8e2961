"""The translations: each text has one, each says what its text says, and the compiled catalogue is that of the texts."""

import subprocess
import sys

import pytest
from babel.messages.catalog import Catalog
from django.conf import settings
from django.utils.translation import override

from people.templatetags.wording import worded
from rulebook.sentence import sentence, sentences
from tools import messages, unmarked_words

TOOLS = settings.BASE_DIR / "tools"


def told(tool, *arguments):
    done = subprocess.run([sys.executable, TOOLS / tool, *arguments], capture_output=True, text=True, check=False)
    return (done.stdout + done.stderr).splitlines()


def test_every_text_is_translated_and_compiled():
    assert told("messages.py", "--check")[:-1] == []


def test_every_word_that_a_reader_sees_is_marked():
    assert told("unmarked_words.py") == []


@pytest.mark.parametrize(
    ("text", "translation", "fault"),
    [
        ("Goals", "", "not translated"),
        ("%(done)s of %(every)s", "%(done)s de %(all)s", "other places"),
        ("at most {days}", "como máximo", "other places"),
        ("<strong>On pace</strong>", "A buen ritmo", "other markup"),
        (("%(n)s day", "%(n)s days"), ("un día", "días"), "other places"),
        (("%(n)s day", "%(n)s days"), ("%(n)s día", ""), "not translated"),
    ],
)
def test_a_faulty_translation_is_named(text, translation, fault):
    catalog = Catalog(locale="es", charset="utf-8")
    catalog.add(text, translation)
    assert any(fault in one for one in messages.faults(catalog))


def test_a_guess_is_named_and_a_good_translation_is_not():
    catalog = Catalog(locale="es", charset="utf-8")
    catalog.add(("One further day", "%(n)s further days"), ("Un día más", "%(n)s días más"))
    assert list(messages.faults(catalog)) == []
    catalog.add("Goals", "Metas", flags={"fuzzy"})
    assert any("guess" in one for one in messages.faults(catalog))


@pytest.mark.parametrize(
    ("template", "lines"),
    [
        ('<p>{% translate "Marked" %}</p>\n<p>Not marked</p>', [2]),
        ("<p>\n  {{ done }} of {{ every }}\n</p>", [1]),
        ('<button aria-label="Close"></button>', [1]),
        ('\n{% include "_alert.html" with title="Nothing was saved" only %}', [2]),
        ('{{ name|default:"Nobody" }}', [1]),
        ('<code translate="no">POST /api/v1/completions</code><p class="plain words">{{ name }}</p>', []),
        ('{% blocktranslate trimmed %}Marked <strong>too</strong>{% endblocktranslate %}{{ name|default:_("Nobody") }}', []),
        ('<input type="date" name="day" value="{{ day|date:"Y-m-d" }}">', []),
    ],
)
def test_a_template_with_bare_words_is_named_by_its_line(template, lines):
    assert [line for line, _ in unmarked_words.in_template(template)] == lines


def test_a_view_that_speaks_in_bare_words_is_named():
    source = 'messages.success(request, "The goal is set.")\nform.add_error(None, f"At most {most} bytes.")\nlabel = _("Day")\n'
    assert [line for line, _ in unmarked_words.in_python(source)] == [1, 2]


def test_a_sentence_is_its_english_and_is_told_in_the_readers_language_as_a_whole():
    one = sentences(
        "%(level)s: the newest of %(count)s judgement.", "%(level)s: the newest of %(count)s judgements.", 3, level="Proficient"
    )
    assert one == "Proficient: the newest of 3 judgements."
    with override("es"):
        assert worded(one) == "Proficient: la más reciente de 3 valoraciones."
        assert worded(sentence("On pace.")) == "A buen ritmo."
        assert worded("Typed by somebody.") == "Typed by somebody."
