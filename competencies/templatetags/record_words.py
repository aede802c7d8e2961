"""The kinds of the record in words that people read; a kind without words shows as it is kept."""

from django import template
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from competencies.models import Evidence, MasteryJudgment

register = template.Library()

KINDS_OF_JUDGEMENT: dict[str, str | Promise] = {
    MasteryJudgment.Kind.JUDGMENT.value: _("judgement"),
    MasteryJudgment.Kind.DIAGNOSTIC.value: _("diagnostic"),
    MasteryJudgment.Kind.TRANSFER.value: _("transfer"),
    MasteryJudgment.Kind.OVERRIDE.value: _("override"),
}
KINDS_OF_EVIDENCE: dict[str, str | Promise] = {
    Evidence.Kind.FILE.value: _("file"),
    Evidence.Kind.LINK.value: _("link"),
    Evidence.Kind.NOTE.value: _("note"),
    Evidence.Kind.OBSERVATION.value: _("observation"),
}


@register.filter
def kind_of_judgement(kind: str) -> str:
    """The kind "override" in the reader's language."""
    return str(KINDS_OF_JUDGEMENT.get(kind, kind))


@register.filter
def kind_of_evidence(kind: str) -> str:
    """The kind "observation" in the reader's language."""
    return str(KINDS_OF_EVIDENCE.get(kind, kind))
