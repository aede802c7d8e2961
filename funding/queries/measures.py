"""What a program takes, or has taken, from accountability's sight, because it pays on it. Under area_funding."""

from django.db import connection

from funding.calc.releasable import Releasable


def measures_taken(*, program_code: str) -> list[tuple[str, str, str]]:
    """(measure, catalogue, why the registry says that the program has it), in the order of the measures' names."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT measure, catalogue, because FROM measure_use_facts WHERE use = 'funding' AND claimant = %s ORDER BY 1, 2",
            [program_code],
        )
        return cursor.fetchall()


def declared_milestones() -> dict[str, str]:
    """{milestone on file: the measure that it attests}, in the order of the milestones' names."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT code, measure FROM declared_milestone_facts ORDER BY 1")
        return dict(cursor.fetchall())


def unknown_milestones(asked: tuple[str, ...]) -> str:
    """The sentence that refuses those of the milestones that are not on file; empty where all are."""
    declared = declared_milestones()
    unknown = [code for code in asked if code not in declared]
    if not unknown:
        return ""
    return (
        f"No milestone on file is called {', '.join(unknown)}; on file are {', '.join(declared)}. Name one of them under "
        "`program: reads:`, as {milestone: passed}, or declare it first, with the measure that it attests: "
        "manage.py declare_milestone CODE --measure MEASURE --says WORDS."
    )


def measures_to_take(policy: Releasable) -> list[str]:
    """The measures that the policy's release would take from accountability, without those that its program has already."""
    declared = declared_milestones()
    has = {(measure, catalogue) for measure, catalogue, _because in measures_taken(program_code=policy.program)}
    measures = {declared[code] for code in policy.milestones if code in declared}
    return sorted(measure for measure in measures if (measure, policy.catalogue) not in has)
