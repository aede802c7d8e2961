"""What a program has taken from accountability's sight, because it pays on it. Under area_funding."""

from django.db import connection


def measures_taken(*, program_code: str) -> list[tuple[str, str, str]]:
    """(measure, catalogue, why the registry says that the program has it), in the order of the measures' names."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT measure, catalogue, because FROM measure_use_facts WHERE use = 'funding' AND claimant = %s ORDER BY 1, 2",
            [program_code],
        )
        return cursor.fetchall()
