"""The rubrics of a framework beside those of an arrival: what differs, and then its writing. Parts retire, none is deleted."""

import datetime
from collections.abc import Iterable
from uuid import UUID

from competencies.calc.framework_changes import Changes
from competencies.calc.framework_content import Arrived, RowRefused, RubricLine, RubricSheet, content_sha256
from competencies.models import Competency, Framework, MasteryScaleVersion, Rubric, RubricCriterion, RubricLevel

# Ranks of one criterion are unique, so those that change places step aside first.
ASIDE = 10_000


def compare_rubrics(*, framework: Framework, arrived: Arrived, changes: Changes) -> tuple[list[RubricSheet], list[Rubric]]:
    """The rubrics to write and those to retire; `changes` is told of both."""
    on_file = {one.uuid: one for one in Rubric.objects.filter(framework=framework.pk)} if framework.pk else {}
    taken = _taken(arrived, set(on_file))
    to_write = []
    for sheet in arrived.rubrics:
        if sheet.identifier in taken:
            detail = "It or a part of it has an identifier that another rubric has already; ask the publisher for one of its own."
            changes.refused.append(RowRefused(f"CFRubrics {sheet.identifier}", detail))
            on_file.pop(sheet.identifier, None)
            continue
        rubric = on_file.pop(sheet.identifier, None)
        if rubric is None:
            changes.rubrics.append(f"added: {sheet.title or sheet.identifier}")
        elif rubric.retired_on is not None:
            changes.rubrics.append(f"returned: {sheet.title or sheet.identifier}")
        elif content_sha256(rubric.source) != content_sha256(sheet.source):
            changes.rubrics.append(f"changed: {sheet.title or sheet.identifier}")
        elif rubric.source != sheet.source:
            changes.restamped += 1
        else:
            continue
        to_write.append(sheet)
    _note_levels(framework, to_write, changes)
    # Own rubrics have nothing that was sent, and no package knows of them.
    retiring = [one for one in on_file.values() if one.retired_on is None and one.source and not arrived.refused]
    changes.rubrics += [f"retired: {one.title or one.uuid}" for one in retiring]
    return to_write, retiring


def _taken(arrived: Arrived, own: set[UUID]) -> set[UUID]:
    """The rubrics that are another framework's, or of which a part is another rubric's or criterion's."""
    wanted = [sheet.identifier for sheet in arrived.rubrics if sheet.identifier not in own]
    taken = set(Rubric.objects.filter(uuid__in=wanted).values_list("uuid", flat=True)) if wanted else set()
    # {part: what it belongs to}: a criterion to its rubric, a level to its criterion.
    parts = [(line.identifier, sheet.identifier, sheet) for sheet in arrived.rubrics for line in sheet.lines]
    parts += [(step.identifier, line.identifier, sheet) for sheet in arrived.rubrics for line in sheet.lines for step in line.steps]
    identifiers = [part for part, _, _ in parts]
    owners: dict[UUID, UUID] = dict(RubricCriterion.objects.filter(uuid__in=identifiers).values_list("uuid", "rubric__uuid"))
    owners |= dict(RubricLevel.objects.filter(uuid__in=identifiers).values_list("uuid", "criterion__uuid"))
    return taken | {sheet.identifier for part, owner, sheet in parts if owners.setdefault(part, owner) != owner}


def _note_levels(framework: Framework, sheets: Iterable[RubricSheet], changes: Changes) -> None:
    newest = MasteryScaleVersion.objects.filter(scale=framework.scale_id).order_by("-number").first() if framework.scale_id else None
    for sheet in sheets:
        counts = {len(line.steps) for line in sheet.lines}
        if newest and counts and counts != {newest.highest_rank}:
            changes.warnings.append(
                f"Rubric {sheet.title or sheet.identifier} has {' or '.join(map(str, sorted(counts)))} levels and the framework's "
                f"scale {newest.highest_rank}: level 1 of the one stands beside level 1 of the other, and so on."
            )


def write_rubrics(*, framework: Framework, sheets: Iterable[RubricSheet], retiring: Iterable[Rubric], day: datetime.date) -> None:
    """Write what `compare_rubrics` found; the framework's competencies are on file already."""
    for rubric in retiring:
        rubric.retired_on = day
        rubric.save(update_fields=["retired_on"])
    items = {line.item for sheet in sheets for line in sheet.lines if line.item}
    competencies = dict(Competency.objects.filter(uuid__in=items).values_list("uuid", "id")) if items else {}
    for sheet in sheets:
        said = {"title": sheet.title, "description": sheet.description, "source": sheet.source, "retired_on": None}
        rubric, _ = Rubric.objects.update_or_create(
            uuid=sheet.identifier, defaults=said, create_defaults=said | {"framework": framework}
        )
        kept = RubricCriterion.objects.filter(rubric=rubric, retired_on__isnull=True)
        kept.exclude(uuid__in=[line.identifier for line in sheet.lines]).update(retired_on=day)
        for line in sheet.lines:
            _write_line(rubric, line, competencies.get(line.item) if line.item else None, day)


def _write_line(rubric: Rubric, line: RubricLine, competency_id: int | None, day: datetime.date) -> None:
    said = {"competency_id": competency_id, "description": line.description, "position": line.position, "retired_on": None}
    criterion, _ = RubricCriterion.objects.update_or_create(
        uuid=line.identifier, rubric=rubric, defaults=said, create_defaults=said
    )  # fmt: skip
    kept = RubricLevel.objects.filter(criterion=criterion, retired_on__isnull=True)
    kept.exclude(uuid__in=[step.identifier for step in line.steps]).update(retired_on=day)
    for level in kept:
        level.rank += ASIDE
        level.save(update_fields=["rank"])
    for step in line.steps:
        told = {"rank": step.rank, "quality": step.quality, "description": step.description, "retired_on": None}
        RubricLevel.objects.update_or_create(uuid=step.identifier, criterion=criterion, defaults=told, create_defaults=told)
