"""From a payment line down to the completions: transfers, claims, cases with their arithmetic, and the work itself."""

import json
from typing import Any

from funding.calc.money import in_words
from funding.queries.rows import rows


class NoSuchLine(LookupError):
    """There is no payment line with that id."""


_LINE = """
    SELECT l.id, l.provider_id, v.code AS provider, v.name AS provider_name, p.id AS program_id, p.code AS program, p.currency,
           r.id AS run_id, r.business_date, l.after_run, l.posted_cents, l.carried_in_cents, l.amount_cents, l.carried_out_cents,
           b.released_at
    FROM funding_paymentline l JOIN funding_paymentbatch b ON b.id = l.batch_id JOIN funding_run r ON r.id = b.run_id
    JOIN funding_program p ON p.id = r.program_id LEFT JOIN provider_facts v ON v.id = l.provider_id
    WHERE l.id = %(line)s
"""
_TRANSFERS = """
    SELECT t.effect_key, t.kind, t.amount_cents, t.business_date, t.policy_version_id, c.id AS claim_id, c.number AS claim_number,
           c.enrollment_id, c.module_id, c.offering_id, c.case_id, c.earned_before_cents, c.earned_cents,
           e.code AS enrollment, m.code AS module, o.code AS offering, r.through_batch
    FROM funding_transfer t JOIN funding_claim c ON c.id = t.claim_id JOIN funding_run r ON r.id = t.run_id
    JOIN enrollment_facts e ON e.id = c.enrollment_id JOIN module_facts m ON m.id = c.module_id
    JOIN offering_facts o ON o.id = c.offering_id
    WHERE t.program_id = %(program_id)s AND t.provider_id = %(provider_id)s AND t.kind IN ('earn', 'recover')
      AND t.run_id > coalesce(%(after_run)s, 0) AND t.run_id <= %(run_id)s
    ORDER BY o.code, e.code, m.code, c.number
    LIMIT %(limit)s OFFSET %(offset)s
"""
_COUNT = """
    SELECT count(*) AS transfers, coalesce(sum(CASE kind WHEN 'earn' THEN amount_cents ELSE -amount_cents END), 0)::bigint AS cents
    FROM funding_transfer t
    WHERE t.program_id = %(program_id)s AND t.provider_id = %(provider_id)s AND t.kind IN ('earn', 'recover')
      AND t.run_id > coalesce(%(after_run)s, 0) AND t.run_id <= %(run_id)s
"""
# The work that a claim counted: what stood on its evening, as far as its night could see.
_COMPLETIONS = """
    SELECT a.code AS assignment, a.title, c.completed_on, k.claim_id,
           NOT c.completed_on BETWEEN coalesce(e.enrolled_on, '-infinity') AND coalesce(e.withdrawn_on, 'infinity') AS outside
    FROM unnest(%(claims)s::bigint[], %(enrollments)s::bigint[], %(modules)s::bigint[], %(dates)s::date[], %(batches)s::bigint[])
         AS k (claim_id, enrollment_id, module_id, business_date, through_batch)
    JOIN enrollment_facts e ON e.id = k.enrollment_id
    CROSS JOIN LATERAL (SELECT DISTINCT ON (f.assignment_id) f.assignment_id, f.sequence, f.completed_on
                    FROM (SELECT * FROM completion_facts WHERE enrollment_id = k.enrollment_id OFFSET 0) f
                    WHERE f.completed_on <= k.business_date AND f.batch_id <= k.through_batch AND NOT f.carried_over
                    ORDER BY f.assignment_id, f.sequence DESC) c
    JOIN assignment_facts a ON a.id = c.assignment_id AND a.module_id = k.module_id
    WHERE c.sequence %% 2 = 0
    ORDER BY c.completed_on, a.code
"""
_CASES = """
    SELECT p.id, p.completed, p.held, p.required, p.credit_numerator, p.credit_denominator, p.earned_cents, p.held_cents, p.trace,
           p.policy_version_id, v.content_sha256, v.in_force_from
    FROM funding_pricedcase p JOIN funding_policyversion v ON v.id = p.policy_version_id WHERE p.id = ANY(%(cases)s)
"""


def explain_line(*, line_id: int, limit: int | None = None, offset: int = 0) -> dict[str, Any]:
    """The line and the transfers behind it (all, or a page of `limit` from `offset`), each with its claim, case, arithmetic
    and completions. Amounts in cents; the trace's steps carry their citation. Raises NoSuchLine."""
    found = rows(_LINE, {"line": line_id})
    if not found:
        raise NoSuchLine(f"There is no payment line {line_id}. `statement` lists the lines of a provider with their ids.")
    line = found[0]
    total = rows(_COUNT, line)[0]
    transfers = rows(_TRANSFERS, line | {"limit": limit, "offset": offset})
    completions = _completions(transfers)
    cases = {case["id"]: case for case in rows(_CASES, {"cases": list({t["case_id"] for t in transfers})})}
    return {
        "line": line["id"],
        "program": line["program"],
        "provider": line["provider"],
        "provider_name": line["provider_name"],
        "provider_id": line["provider_id"],
        "currency": line["currency"],
        "date": line["business_date"].isoformat(),
        "amount_cents": line["amount_cents"],
        "posted_cents": line["posted_cents"],
        "carried_in_cents": line["carried_in_cents"],
        "carried_out_cents": line["carried_out_cents"],
        "released": line["released_at"] is not None,
        "in_words": _in_words(line, total["transfers"]),
        "transfers_total": total["transfers"],
        "adds_up": total["cents"] == line["posted_cents"],
        "transfers": [_transfer(t, cases[t["case_id"]], completions.get(t["claim_id"], [])) for t in transfers],
    }


def _completions(transfers: list[dict[str, Any]]) -> dict[int, list[dict[str, Any]]]:
    by_claim: dict[int, list[dict[str, Any]]] = {}
    keys = {
        "claims": [t["claim_id"] for t in transfers],
        "enrollments": [t["enrollment_id"] for t in transfers],
        "modules": [t["module_id"] for t in transfers],
        "dates": [t["business_date"] for t in transfers],
        "batches": [t["through_batch"] for t in transfers],
    }
    for row in rows(_COMPLETIONS, keys) if transfers else []:
        by_claim.setdefault(row["claim_id"], []).append(row)
    return by_claim


def _transfer(transfer: dict[str, Any], case: dict[str, Any], completions: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "transfer": str(transfer["effect_key"]),
        "kind": transfer["kind"],
        "amount_cents": transfer["amount_cents"] if transfer["kind"] == "earn" else -transfer["amount_cents"],
        "date": transfer["business_date"].isoformat(),
        "enrollment": transfer["enrollment"],
        "enrollment_id": transfer["enrollment_id"],
        "offering": transfer["offering"],
        "module": transfer["module"],
        "claim": {
            "id": transfer["claim_id"],
            "number": transfer["claim_number"],
            "earned_before_cents": transfer["earned_before_cents"],
            "earned_cents": transfer["earned_cents"],
        },
        "case": {
            "id": case["id"],
            "completed": case["completed"],
            "held": case["held"],
            "required": case["required"],
            "credit": f"{case['credit_numerator']}/{case['credit_denominator']}",
            "earned_cents": case["earned_cents"],
            "policy_sha256": case["content_sha256"],
            "policy_in_force_from": case["in_force_from"].isoformat(),
            "trace": json.loads(case["trace"]),
        },
        "completions": [
            {
                "assignment": c["assignment"],
                "title": c["title"],
                "completed_on": c["completed_on"].isoformat(),
                "outside_enrollment": c["outside"],
            }
            for c in completions
        ],
    }


def _in_words(line: dict[str, Any], transfers: int) -> str:
    currency = line["currency"]
    words = [
        f"{in_words(line['posted_cents'], currency)} were posted to {line['provider']} in {transfers} transfers "
        f"up to {line['business_date']}."
    ]
    if line["carried_in_cents"]:
        words.append(f"{in_words(line['carried_in_cents'], currency)} were carried in from the settlement before.")
    if line["carried_out_cents"]:
        words.append(
            f"The sum is negative, so nothing is paid and {in_words(line['carried_out_cents'], currency)} are carried forward."
        )
    else:
        words.append(f"The line pays {in_words(line['amount_cents'], currency)}.")
    return " ".join(words)
