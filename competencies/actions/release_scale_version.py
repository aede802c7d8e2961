"""Release a further version of a scale. It changes no level: a cell goes over to it when somebody judges it anew."""

import datetime

from django.db import IntegrityError, transaction

from competencies.actions.open_scale import ScaleRefused
from competencies.calc.rule import RuleProblem
from competencies.calc.scale import Draft, ScaleProblem
from competencies.models import MasteryScaleVersion
from database.areas import acting_as


def release_scale_version(*, scale_id: int, draft: Draft, reason: str, released_by: int, at: datetime.datetime) -> MasteryScaleVersion:
    """The next version of the scale; judgements from now on are made under it. Raises ScaleRefused.

    Whose level it would change if it counted at once is told by `queries.stories.preview_scale_version`.
    """
    if not reason.strip():
        raise ScaleRefused("A further version of a scale gives its reason.")
    with acting_as("area_learning"):
        newest = MasteryScaleVersion.objects.filter(scale_id=scale_id).order_by("-number").first()
        if newest is None:
            raise ScaleRefused("There is no such scale.")
        try:
            carried = draft.carries(newest.highest_rank)
        except (ScaleProblem, RuleProblem) as problem:
            raise ScaleRefused.over(problem) from None
        try:
            with transaction.atomic():
                return MasteryScaleVersion.objects.create(
                    scale_id=scale_id,
                    number=newest.number + 1,
                    levels=[{"label": level["label"].strip(), "description": level.get("description", "")} for level in draft.levels],
                    highest_rank=len(draft.levels),
                    proficient_rank=draft.proficient_rank,
                    method=draft.method,
                    parameters=dict(draft.parameters),
                    carried_from={str(before): now for before, now in carried.items()},
                    reason=reason.strip(),
                    released_by_id=released_by,
                    released_at=at,
                )
        except IntegrityError:
            raise ScaleRefused(
                "Somebody else has released a version of this scale meanwhile; look at it, then decide again."
            ) from None
