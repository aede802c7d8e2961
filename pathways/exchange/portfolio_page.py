"""The page of a bundle that people read: complete in itself, without a request to anywhere, and fit to print."""

import re
from dataclasses import replace
from itertools import groupby
from typing import Any

from django.template.loader import render_to_string

from pathways.calc.portfolio import Mastered, Piece, Portfolio

SAFE_ADDRESSES = ("https://", "http://")
# The markup that publishers put into statements. Other angle brackets are the statement's own: "a < b".
_MARKUP = re.compile(r"</?(?:em|strong|i|b|u|p|br|span|div|ul|ol|li|sub|sup|small|cite|code)(?:\s[^<>]*)?/?>", re.IGNORECASE)
SETTINGS = {
    "school": "at school",
    "after_school": "after school",
    "work": "at work",
    "community": "in the community",
    "other_school": "at another school",
}


def page_of(portfolio: Portfolio) -> str:
    """The HTML of index.html; every text is escaped by the template."""
    return render_to_string("pathways/portfolio.html", {"portfolio": portfolio, **by_competency(portfolio)})


def by_competency(portfolio: Portfolio) -> dict[str, Any]:
    """What a page shows of a portfolio: `frameworks` with what is mastered in each and its evidence, and all `evidence`."""
    pieces: dict[object, list[Piece]] = {}
    for piece in portfolio.evidence:
        for competency in piece.competencies:
            pieces.setdefault(competency, []).append(piece)
    frameworks = [
        {"title": title, "mastered": [{"one": _in_print(one), "evidence": pieces.get(one.competency, [])} for one in group]}
        for (_, title), group in groupby(portfolio.mastered, key=lambda one: (one.framework, one.framework_title))
    ]
    evidence = [
        {"piece": piece, "setting": SETTINGS.get(piece.setting, ""), "linked": piece.address.startswith(SAFE_ADDRESSES)}
        for piece in portfolio.evidence
    ]
    return {"frameworks": frameworks, "evidence": evidence}


def _in_print(one: Mastered) -> Mastered:
    """As the page shows it: the statement in plain words, each day once. The document keeps both as they are."""
    return replace(one, statement=_MARKUP.sub("", one.statement), judged_on=tuple(dict.fromkeys(one.judged_on)))
