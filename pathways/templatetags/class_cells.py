"""The cells of a class's grid. Written here and not in the template: a page has thousands, and the template's own tags
take most of its time for them."""

from collections.abc import Sequence

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from pathways.queries.class_grid import GridCell

register = template.Library()


@register.simple_tag
def class_cells(cells: Sequence[GridCell], is_first_row: bool) -> SafeString:
    """A row's cells; the first of the first row is where Tab enters the grid."""
    written = [_cell(cell, is_first_row and place == 0) for place, cell in enumerate(cells)]
    return mark_safe("".join(written))  # noqa: S308 - numbers of ours, and the label escaped


def _cell(cell: GridCell, is_entry: bool) -> str:
    start = '<td tabindex="0"' if is_entry else "<td"
    level = cell.level
    if level is None:
        return f"{start}>–</td>"
    signs = (" m" if level.mastered else "") + (" o" if level.overridden else "")
    label = f' data-label="{escape(cell.old_label)}"' if cell.old_label else ""
    times = f' data-n="{level.judgments}"' if level.judgments > 1 else ""
    return f'{start} data-mark="{level.mark}" class="s{cell.shade}{signs}"{label}{times}>{level.rank}</td>'
