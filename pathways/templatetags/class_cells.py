"""The cells of a class's grid. Written here and not in the template: a page has thousands, and the template's own tags
take most of its time for them."""

from collections.abc import Sequence

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from pathways.queries.class_grid import GridCell, Spread

register = template.Library()
BAR_HEIGHT = 12


@register.simple_tag
def class_cells(cells: Sequence[GridCell], is_first_row: bool) -> SafeString:
    """A row's cells; the first of the first row is where Tab enters the grid."""
    written = [_cell(cell, is_first_row and place == 0) for place, cell in enumerate(cells)]
    return mark_safe("".join(written))  # noqa: S308 - numbers of ours, and the label escaped


@register.simple_tag
def class_spread(spread: Spread) -> SafeString:
    """A column's levels over the class: a bar for each (no evidence first), how many mastered it, and all counts in words."""
    highest = max(*spread.counts, 1)
    # Whole units of a bar of BAR_HEIGHT; whoever is there is seen, however few.
    heights = [-(-count * BAR_HEIGHT // highest) for count in spread.counts]
    bars = "".join(f"M{place * 5} {BAR_HEIGHT}v-{height}h4v{height}z" for place, height in enumerate(heights) if height)
    levels = [f"{rank}: {count}" for rank, count in enumerate(spread.counts) if rank]
    said = ", ".join([_("no evidence: %(n)s") % {"n": spread.counts[0]}, *levels])
    return mark_safe(  # noqa: S308 - numbers of ours and our own words, escaped
        f'<td title="{escape(said)}"><svg viewBox="0 0 {len(heights) * 5} {BAR_HEIGHT}" aria-hidden="true"><path d="{bars}"/></svg>'
        f'{spread.mastered}★<span class="usa-sr-only"> ({escape(said)})</span></td>'
    )


def _cell(cell: GridCell, is_entry: bool) -> str:
    start = '<td tabindex="0"' if is_entry else "<td"
    level = cell.level
    if level is None:
        return f"{start}>–</td>"
    signs = (" m" if level.mastered else "") + (" o" if level.overridden else "")
    label = f' data-label="{escape(cell.old_label)}"' if cell.old_label else ""
    times = f' data-n="{level.judgments}"' if level.judgments > 1 else ""
    return f'{start} data-mark="{level.mark}" class="s{cell.shade}{signs}"{label}{times}>{level.rank}</td>'
