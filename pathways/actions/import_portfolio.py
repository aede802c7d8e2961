"""Take in a portfolio from another school: it is kept as it came, its evidence is recorded, and what it says is mastered is
proposed as starting placement. Nothing of it counts until a person confirms it (decide_placement)."""

import datetime
import hashlib
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from competencies.actions.record_evidence import EvidenceRefused, record_evidence
from competencies.models import Evidence
from competencies.queries.frameworks import Node, competencies_by_uuid, exact_matches
from competencies.queries.scales import NewestVersion, newest_versions
from database.areas import acting_as
from pathways.calc.portfolio import Mastered, Piece, Portfolio
from pathways.exchange.portfolio_bundle import Bundle, BundleRefused
from pathways.models import Placement, PortfolioArrival
from people.access import is_student
from people.models import User

UNNAMED = "a school that the bundle does not name"


class PortfolioRefused(ValueError):
    """Why no portfolio was taken in, in a sentence with the way out."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """What an import did: `new` is False where the same bundle had come before (then nothing was done). `warnings` name
    the evidence that could not be taken, each with its reason."""

    arrival: PortfolioArrival
    new: bool
    placements: tuple[Placement, ...]
    evidence: int
    warnings: tuple[str, ...]


def import_portfolio(*, bundle: bytes, student_id: int, brought_by: int, at: datetime.datetime) -> Arrived:
    """Take in a bundle for a student. Every good piece is kept, whatever the others are. Raises PortfolioRefused.

    A competency is matched where the same identifier is on file, or a chain of exactMatchOf leads to one; else it is
    shown and placed by nobody.
    """
    try:
        opened = Bundle(bundle)
    except BundleRefused as problem:
        raise PortfolioRefused(str(problem)) from None
    sha256 = hashlib.sha256(bundle).hexdigest()
    with acting_as("area_learning"):
        day = at.astimezone(datetime.UTC).date()
        on_file = User.objects.select_for_update(no_key=True).filter(pk=student_id).exists()
        if not on_file or not is_student(user_id=student_id, day=day):
            raise PortfolioRefused(_("There is no such student; name somebody who is a student here."))
        before = PortfolioArrival.objects.filter(student_id=student_id, bundle_sha256=sha256).defer("bundle").first()
        if before is not None:
            return Arrived(before, False, tuple(Placement.objects.filter(arrival=before).order_by("id")), 0, ())
        portfolio = opened.portfolio
        arrival = PortfolioArrival.objects.create(
            student_id=student_id,
            issuer=portfolio.issuer or UNNAMED,
            bundle_sha256=sha256,
            bundle=bundle,
            brought_by_id=brought_by,
            recorded_at=at,
        )
        matches = _matches(portfolio)
        recorded, warnings = _record_evidence(opened, matches, student_id, brought_by, at)
        placements = _propose(arrival, portfolio, matches, recorded)
        return Arrived(arrival, True, tuple(placements), len(recorded), tuple(warnings))


def _matches(portfolio: Portfolio) -> dict[UUID, tuple[Node, str]]:
    """For each foreign competency ours in use, and how it was found."""
    foreign = {one.competency for one in portfolio.mastered} | {key for piece in portfolio.evidence for key in piece.competencies}
    by_chain = exact_matches(foreign)
    known = competencies_by_uuid(foreign.union(*by_chain.values()))
    found: dict[UUID, tuple[Node, str]] = {}
    for key in foreign:
        same = known.get(key)
        if same is not None and not same.retired:
            found[key] = (same, Placement.MatchedBy.SAME)
            continue
        others = sorted(
            (known[other] for other in by_chain[key] if other in known and not known[other].retired),
            key=lambda node: (node.framework_id, node.position, node.id),
        )
        if others:
            found[key] = (others[0], Placement.MatchedBy.EXACT_MATCH)
    return found


def _record_evidence(
    bundle: Bundle, matches: dict[UUID, tuple[Node, str]], student_id: int, brought_by: int, at: datetime.datetime
) -> tuple[dict[UUID, Evidence], list[str]]:
    recorded, warnings = {}, []
    for piece in bundle.portfolio.evidence:
        try:
            content = _content(bundle, piece)
            recorded[piece.uuid] = record_evidence(
                student_id=student_id,
                recorded_by=brought_by,
                kind=piece.kind,
                title=piece.title,
                worked_on=piece.worked_on,
                at=at,
                setting=Evidence.Setting.OTHER_SCHOOL,
                competency_ids={matches[key][0].id for key in piece.competencies if key in matches},
                text=piece.text,
                address=piece.address,
                file_name=piece.file_name if content is not None else "",
                content=content,
            )
        except (EvidenceRefused, BundleRefused) as problem:
            warnings.append(f"Evidence {piece.title!r} was left out: {problem}")
    return recorded, warnings


def _content(bundle: Bundle, piece: Piece) -> bytes | None:
    """The bytes of a piece's file, where it has one and they are what the document says."""
    if piece.kind != Evidence.Kind.FILE:
        return None
    content = bundle.file(piece.path)
    if content is None:
        raise BundleRefused(piece.note or "its file is not in the bundle.")
    if hashlib.sha256(content).hexdigest() != piece.sha256:
        raise BundleRefused(_("its file is not the one that the document describes; export the portfolio again."))
    return content


def _propose(
    arrival: PortfolioArrival, portfolio: Portfolio, matches: dict[UUID, tuple[Node, str]], recorded: dict[UUID, Evidence]
) -> list[Placement]:
    versions = newest_versions({node.id for node, _ in matches.values()})
    shows: dict[UUID, Evidence] = {}
    for piece in portfolio.evidence:
        for key in piece.competencies:
            if piece.uuid in recorded:
                shows.setdefault(key, recorded[piece.uuid])
    proposed: dict[UUID, Placement] = {}
    for one in portfolio.mastered:
        node, how = matches.get(one.competency, (None, Placement.MatchedBy.NONE))
        proposed.setdefault(
            one.competency,
            Placement(
                arrival=arrival,
                foreign_competency=one.competency,
                foreign_statement=f"{one.code} {one.statement}".strip(),
                foreign_level=f"{one.level} ({one.rank} of {one.highest_rank})"[:200],
                attained_on=max(one.judged_on),
                competency_id=node.id if node else None,
                matched_by=how,
                proposed_rank=_rank(one, versions[node.id]) if node else None,
                evidence=shows.get(one.competency),
            ),
        )
    return Placement.objects.bulk_create(proposed.values())


def _rank(one: Mastered, version: NewestVersion) -> int:
    """The rank of ours that carries the same label; else our proficient one, since it was mastered there."""
    labels = [label.casefold() for label in version.labels]
    return labels.index(one.level.casefold()) + 1 if one.level.casefold() in labels else version.proficient_rank
