"""A framework as it was last stated, for the way out. Expects to run under area_learning."""

import datetime
from typing import Any

from competencies.models import Framework


def package_of(framework: Framework) -> tuple[dict[str, Any], datetime.datetime | None]:
    """The parts as they arrived, in the order in which they first did, and when the last arrival was recorded. Four queries.

    What is retired is left out, as are local associations: they are not the publisher's.
    """
    named = {"identifier": str(framework.uuid), "title": framework.title, "creator": framework.creator}
    package = dict(framework.definitions) | {"CFDocument": named | framework.document}
    items = framework.competencies.filter(retired_on__isnull=True).order_by("id").values_list("uuid", "statement", "source")
    # What stands for words that were never sent goes out in their place.
    package["CFItems"] = [{"identifier": str(key), "fullStatement": said} | source for key, said, source in items]
    stated = framework.associations.filter(retired_on__isnull=True, local=False)
    package["CFAssociations"] = list(stated.order_by("id").values_list("source", flat=True))
    rubrics = framework.rubrics.filter(retired_on__isnull=True).order_by("id").values_list("source", flat=True)
    package["CFRubrics"] = [source for source in rubrics if source]
    last = framework.arrivals.order_by("-id").values_list("recorded_at", flat=True).first()
    return package, last
