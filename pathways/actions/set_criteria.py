"""Set what must be shown for a module's credit, or for a whole course's: a further, numbered version each time."""

import datetime

from competencies.queries.frameworks import competencies_by_uuid
from competencies.queries.scales import newest_versions
from database.areas import acting_as
from enrollments.models import Course, Module
from pathways.calc.criteria import (
    AssessmentLeaf,
    CreditLeaf,
    CriteriaError,
    MasteryLeaf,
    Node,
    competencies_of,
    leaves_of,
    read_tree,
)
from pathways.models import Assessment, CreditCriteria


class CriteriaRefused(ValueError):
    """Why criteria or a requirement were not set; names the place in the tree. `pointer` is the field of a request."""

    def __init__(self, said: str, pointer: str = "/tree") -> None:
        super().__init__(said)
        self.pointer = pointer


def set_criteria(
    *, course_id: int, module_id: int | None = None, tree: object, decided_by: int, at: datetime.datetime
) -> CreditCriteria:
    """The criteria now in force (calc/criteria.py has the form of `tree`). The same again returns those in force; awards
    keep the criteria under which they were made. Raises CriteriaRefused."""
    with acting_as("area_learning"):
        if not Course.objects.filter(pk=course_id).exists():
            raise CriteriaRefused("There is no such course.")
        module = Module.objects.filter(pk=module_id, course_id=course_id).first() if module_id is not None else None
        if module_id is not None and module is None:
            raise CriteriaRefused("The course has no such module.")
        checked_tree(tree)
        latest = CreditCriteria.objects.filter(course_id=course_id, module=module).order_by("-number").first()
        if latest is not None and latest.tree == tree:
            return latest
        return CreditCriteria.objects.create(
            course_id=course_id,
            module=module,
            number=latest.number + 1 if latest else 1,
            tree=tree,
            decided_by_id=decided_by,
            recorded_at=at,
        )


def checked_tree(tree: object, *, credit_leaves: bool = False) -> Node:
    """The tree as read, where all that it names is on file and in use; else CriteriaRefused. Runs under area_learning."""
    try:
        node = read_tree(tree, credit_leaves=credit_leaves)
    except CriteriaError as problem:
        raise CriteriaRefused(str(problem)) from None
    known = competencies_by_uuid(competencies_of(node))
    versions = newest_versions({found.id for found in known.values()})
    leaves = list(leaves_of(node))
    for leaf in leaves:
        if isinstance(leaf, MasteryLeaf):
            found = known.get(leaf.competency)
            if found is None or found.retired:
                why = "not on file; import its framework first" if found is None else "retired; name what replaced it"
                raise CriteriaRefused(f"The competency {leaf.competency} is {why}.")
            if leaf.rank is not None and leaf.rank > versions[found.id].highest_rank:
                raise CriteriaRefused(
                    f"{found.code or leaf.competency} has levels 1 to {versions[found.id].highest_rank}; {leaf.rank} is none of them."
                )
    codes = {leaf.code for leaf in leaves if isinstance(leaf, AssessmentLeaf)}
    if missing := codes - set(Assessment.objects.filter(code__in=codes).values_list("code", flat=True)):
        raise CriteriaRefused(f"There is no assessment {', '.join(sorted(missing))}; open it first.")
    courses = {code for leaf in leaves if isinstance(leaf, CreditLeaf) for code in leaf.courses}
    if missing := courses - set(Course.objects.filter(code__in=courses).values_list("code", flat=True)):
        raise CriteriaRefused(f"There is no course {', '.join(sorted(missing))}; check the codes.")
    return node
