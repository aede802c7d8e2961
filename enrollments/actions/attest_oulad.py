"""Attest the Open University's results for a program that pays on them: a step of its own, never part of the import."""

from collections import deque
from collections.abc import Callable
from datetime import date

from enrollments.actions.import_oulad import CATALOGUE
from enrollments.actions.record_attested import record_attested
from enrollments.actions.record_completions import Intake
from enrollments.calc.completion_rows import RowOutcome
from enrollments.exchange.oulad_folder import OuladFolder
from people.actions.appoint import appoint

# Who answers for it in the demonstration: nobody signs in as this person.
EXAMINER = "oulad-examiner"
SINCE = date(2013, 1, 1)


def attest_oulad(
    *, folder: OuladFolder, today: date, on_outcome: Callable[[str, RowOutcome], None], apply_changes: bool = False
) -> Intake:
    """Each pass and each distinction of `folder`, just opened, as the milestone `passed` on its presentation's last day.

    The enrollments must be on file. The same folder again writes nothing; `on_outcome(file, outcome)` as in `import_oulad`.
    """
    appoint(username=EXAMINER, full_name="Examiner of the demonstration", kind="counsellor", starts_on=SINCE)
    # The courses are read for their days alone; what is wrong with them the import has told.
    deque(folder.courses(), maxlen=0)
    return record_attested(
        fact="milestones",
        rows=folder.successes(),
        catalogue=CATALOGUE,
        attested_by=EXAMINER,
        today=today,
        on_outcome=lambda outcome: on_outcome(folder.file_name("studentInfo"), outcome),
        apply_changes=apply_changes,
    )
