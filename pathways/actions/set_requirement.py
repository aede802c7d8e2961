"""Set what graduation or a pathway asks for: a tree like criteria, with credit as leaves; a numbered version each time."""

import datetime

from django.utils.translation import gettext as _

from database.areas import acting_as
from pathways.actions.set_criteria import CriteriaRefused, checked_tree
from pathways.models import Requirement


def set_requirement(*, kind: str, code: str, title: str, tree: object, decided_by: int, at: datetime.datetime) -> Requirement:
    """The requirement now in force under `code`; the same again returns it. `kind`: graduation or pathway, for good.

    Raises CriteriaRefused.
    """
    code, title = code.strip(), title.strip()
    if kind not in Requirement.Kind.values:
        raise CriteriaRefused(
            _("%(kind)r is no kind of requirement; there are %(requirement)s.")
            % {"kind": kind, "requirement": ", ".join(Requirement.Kind.values)},
            "/kind",
        )
    if not (code and len(code) <= 60 and title and len(title) <= 200):
        raise CriteriaRefused(_("Give a code of at most 60 characters and a title of at most 200."))
    with acting_as("area_learning"):
        checked_tree(tree, credit_leaves=True)
        latest = Requirement.objects.filter(code=code).order_by("-number").first()
        if latest is not None and latest.kind != kind:
            raise CriteriaRefused(
                _("%(code)s is a %(kind)s requirement; use another code for a %(kind_)s one.")
                % {"code": code, "kind": latest.kind, "kind_": kind},
                "/kind",
            )
        if latest is not None and (latest.title, latest.tree) == (title, tree):
            return latest
        return Requirement.objects.create(
            kind=kind,
            code=code,
            number=latest.number + 1 if latest else 1,
            title=title,
            tree=tree,
            decided_by_id=decided_by,
            recorded_at=at,
        )
