"""The page of a bundle that people read: complete in itself, without a request to anywhere, and fit to print."""

from itertools import groupby

from django.template.loader import render_to_string

from pathways.calc.portfolio import Piece, Portfolio

SAFE_ADDRESSES = ("https://", "http://")
SETTINGS = {
    "school": "at school",
    "after_school": "after school",
    "work": "at work",
    "community": "in the community",
    "other_school": "at another school",
}


def page_of(portfolio: Portfolio) -> str:
    """The HTML of index.html; every text is escaped by the template."""
    pieces: dict[object, list[Piece]] = {}
    for piece in portfolio.evidence:
        for competency in piece.competencies:
            pieces.setdefault(competency, []).append(piece)
    frameworks = [
        {"title": title, "mastered": [{"one": one, "evidence": pieces.get(one.competency, [])} for one in group]}
        for (_, title), group in groupby(portfolio.mastered, key=lambda one: (one.framework, one.framework_title))
    ]
    evidence = [
        {"piece": piece, "setting": SETTINGS.get(piece.setting, ""), "linked": piece.address.startswith(SAFE_ADDRESSES)}
        for piece in portfolio.evidence
    ]
    return render_to_string("pathways/portfolio.html", {"portfolio": portfolio, "frameworks": frameworks, "evidence": evidence})
