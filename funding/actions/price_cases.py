"""Price the distinct cases that a shard has measured: each once for good, in Python, by its policy."""

import json
from collections.abc import Mapping

from django.db.backends.utils import CursorWrapper

from funding.calc.case_price import Case, price_case
from funding.calc.engine.document import Document
from funding.calc.engine.recorded import Reads
from funding.models import PricedCase, Program

FIGURES = "policy_version, rate_from, completed, held, required, credit_numerator, credit_denominator, circumstances"
_SAME_CASE = f"""(p.policy_version_id, p.rate_from, p.completed, p.held, p.required, p.credit_numerator, p.credit_denominator,
 p.circumstances) = ({", ".join("m." + figure for figure in FIGURES.split(", "))})"""


class CasesNotPriced(AssertionError):
    """A case stands without a price (its row met another's id, as after a sequence that was set back): its enrollments
    would drop out of the night unseen."""


def price_cases(*, cursor: CursorWrapper, program: Program, policies: Mapping[int, Document], reads: Mapping[int, Reads]) -> None:
    """From the table `measured`, the table `priced` beside it in the transaction; new cases are written. Raises CasesNotPriced."""
    cursor.execute(f"CREATE TEMPORARY TABLE cases AS SELECT DISTINCT {FIGURES} FROM measured WHERE policy_version IS NOT NULL")
    wanted = cursor.rowcount
    cursor.execute(
        f"SELECT {FIGURES} FROM cases m WHERE NOT EXISTS (SELECT FROM funding_pricedcase p WHERE {_SAME_CASE}) ORDER BY {FIGURES}"
    )
    rows = []
    for version, rate_from, completed, held, required, numerator, denominator, circumstances in cursor.fetchall():
        case = Case(rate_from, completed, held, required, numerator, denominator, json.loads(circumstances))
        priced = price_case(case, policies[version], reads[version], by_module=program.unit == Program.Unit.MODULE)
        rows.append(PricedCase(policy_version_id=version, **vars(case), **vars(priced)))
    # Two shards may price the same case at once: pure arithmetic, so either row is the row.
    PricedCase.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1000)
    cursor.execute(
        f"CREATE TEMPORARY TABLE priced AS SELECT m.*, p.id AS case_id, p.earned_cents, p.problem "
        f"FROM cases m JOIN funding_pricedcase p ON {_SAME_CASE}"
    )
    if cursor.rowcount != wanted:
        raise CasesNotPriced(f"{wanted} cases were measured and {cursor.rowcount} have a price; nothing of the shard is kept.")
    cursor.execute("ANALYZE priced")
