"""From a payment line down to the completions: transfers, claims, cases with their arithmetic, and the work itself."""

import json
from typing import Any

from django.db import connection

from funding.calc.case_price import Case, price_case, trace_of
from funding.calc.engine.document import read_document
from funding.calc.engine.recorded import reads
from funding.calc.engine.words import shown
from funding.calc.money import in_words
from funding.models import Program
from funding.queries.rows import rows
from funding.queries.years_ahead import ahead_in_line
from rulebook.sentence import Sentence, sentence, sentences
from rulebook.trace import Step


class NoSuchLine(LookupError):
    """There is no payment line with that id."""


_LINE = """
    SELECT l.id, l.provider_id, v.code AS provider, v.name AS provider_name, p.id AS program_id, p.code AS program, p.currency,
           r.id AS run_id, r.business_date, l.after_run, l.posted_cents, l.carried_in_cents, l.amount_cents, l.unpaid_cents,
           l.carried_out_cents, b.released_at
    FROM funding_paymentline l JOIN funding_paymentbatch b ON b.id = l.batch_id JOIN funding_run r ON r.id = b.run_id
    JOIN funding_program p ON p.id = r.program_id LEFT JOIN provider_facts v ON v.id = l.provider_id
    WHERE l.id = %(line)s
"""
# What is earned in a year that is paid ahead lies against its advance and is in no line.
_PAYABLE = """JOIN funding_account payee ON payee.kind = 'payable'
         AND payee.id = CASE t.kind WHEN 'earn' THEN t.credit_account_id ELSE t.debit_account_id END"""
_TRANSFERS = f"""
    SELECT t.effect_key, t.kind, t.amount_cents, t.business_date, t.policy_version_id, c.id AS claim_id, c.number AS claim_number,
           c.enrollment_id, c.module_id, c.offering_id, c.case_id, c.earned_before_cents, c.earned_cents,
           e.code AS enrollment, m.code AS module, o.code AS offering, r.through_batch, cost.part AS source
    FROM funding_transfer t JOIN funding_claim c ON c.id = t.claim_id JOIN funding_run r ON r.id = t.run_id
    JOIN funding_account cost ON cost.kind = 'program-cost' AND cost.id IN (t.debit_account_id, t.credit_account_id)
    CROSS JOIN LATERAL (SELECT code FROM enrollment_facts WHERE id = c.enrollment_id OFFSET 0) e
    JOIN offering_facts o ON o.id = c.offering_id LEFT JOIN module_facts m ON m.id = c.module_id
    {_PAYABLE}
    WHERE t.program_id = %(program_id)s AND t.provider_id = %(provider_id)s AND t.kind IN ('earn', 'recover')
      AND t.run_id > coalesce(%(after_run)s, 0) AND t.run_id <= %(run_id)s
    ORDER BY o.code, e.code, m.code, c.number, cost.part
    LIMIT %(limit)s OFFSET %(offset)s
"""
_COUNT = f"""
    SELECT count(*) AS transfers, coalesce(sum(CASE t.kind WHEN 'earn' THEN amount_cents ELSE -amount_cents END), 0)::bigint AS cents
    FROM funding_transfer t {_PAYABLE}
    WHERE t.program_id = %(program_id)s AND t.provider_id = %(provider_id)s AND t.kind IN ('earn', 'recover')
      AND t.run_id > coalesce(%(after_run)s, 0) AND t.run_id <= %(run_id)s
"""
# The work that a claim counted: what stood on its evening, as far as its night could see. Each enrollment is looked up
# by its key and read once, however many modules of it were paid; step by step, because the planner cannot know how few
# enrollments one line has.
_COMPLETIONS = """
    WITH k AS MATERIALIZED (
        SELECT * FROM unnest(%(claims)s::bigint[], %(enrollments)s::bigint[], %(modules)s::bigint[], %(dates)s::date[],
                             %(batches)s::bigint[]) AS k (claim_id, enrollment_id, module_id, business_date, through_batch)
    ), seen AS MATERIALIZED (
        SELECT d.*, coalesce(e.enrolled_on, '-infinity') AS enrolled_on, coalesce(e.withdrawn_on, 'infinity') AS withdrawn_on
        FROM (SELECT DISTINCT enrollment_id, business_date, through_batch FROM k) d
        CROSS JOIN LATERAL (SELECT * FROM enrollment_facts WHERE id = d.enrollment_id OFFSET 0) e
    ), stood AS MATERIALIZED (
        SELECT seen.*, c.assignment_id, c.completed_on FROM seen
        CROSS JOIN LATERAL (SELECT DISTINCT ON (f.assignment_id) f.assignment_id, f.sequence, f.completed_on
                            FROM (SELECT * FROM completion_facts WHERE enrollment_id = seen.enrollment_id OFFSET 0) f
                            WHERE f.completed_on <= seen.business_date AND f.batch_id <= seen.through_batch AND NOT f.carried_over
                            ORDER BY f.assignment_id, f.sequence DESC) c
        WHERE c.sequence %% 2 = 0
    ), a AS MATERIALIZED (
        SELECT id AS assignment_id, module_id, code, title FROM assignment_facts WHERE offering_id = ANY(%(offerings)s)
    )
    SELECT k.claim_id, a.code, a.title, s.completed_on::text, NOT s.completed_on BETWEEN s.enrolled_on AND s.withdrawn_on
    FROM stood s JOIN a USING (assignment_id) JOIN k USING (enrollment_id, business_date, through_batch)
    WHERE k.module_id IN (0, a.module_id)
    ORDER BY s.completed_on, a.code
"""
_CASES = """
    SELECT p.id, p.completed, p.held, p.required, p.credit_numerator, p.credit_denominator, p.earned_cents, p.held_cents,
           p.rate_from, p.circumstances, p.results, p.policy_version_id, v.content, v.content_sha256, v.in_force_from,
           g.code AS program, g.unit
    FROM funding_pricedcase p JOIN funding_policyversion v ON v.id = p.policy_version_id
    JOIN funding_program g ON g.id = v.program_id WHERE p.id = ANY(%(cases)s)
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
    cases = {case["id"]: _case(case) for case in rows(_CASES, {"cases": list({t["case_id"] for t in transfers})})}
    ahead = ahead_in_line(line)
    said = _sentences(line, total["transfers"], ahead)
    return {
        "line": line["id"],
        "program": line["program"],
        "provider": line["provider"],
        "provider_name": line["provider_name"],
        "provider_id": line["provider_id"],
        "currency": line["currency"],
        "date": line["business_date"].isoformat(),
        "amount_cents": line["amount_cents"],
        "unpaid_cents": line["unpaid_cents"],
        "posted_cents": line["posted_cents"],
        "carried_in_cents": line["carried_in_cents"],
        "carried_out_cents": line["carried_out_cents"],
        "released": line["released_at"] is not None,
        "in_words": " ".join(said),
        "sentences": said,
        "transfers_total": total["transfers"],
        "adds_up": total["cents"] + sum(one["amount_cents"] for one in ahead) == line["posted_cents"],
        "ahead": ahead,
        "transfers": [_transfer(t, cases[t["case_id"]], completions[t["claim_id"]]) for t in transfers],
    }


def _completions(transfers: list[dict[str, Any]]) -> dict[int, list[dict[str, Any]]]:
    claims = {transfer["claim_id"]: transfer for transfer in transfers}
    by_claim: dict[int, list[dict[str, Any]]] = {claim: [] for claim in claims}
    keys = {
        "claims": list(claims),
        "enrollments": [t["enrollment_id"] for t in claims.values()],
        "modules": [t["module_id"] for t in claims.values()],
        "dates": [t["business_date"] for t in claims.values()],
        "batches": [t["through_batch"] for t in claims.values()],
        "offerings": list({t["offering_id"] for t in claims.values()}),
    }
    with connection.cursor() as cursor:
        cursor.execute(_COMPLETIONS, keys)
        # A line of a whole year has tens of thousands: no detour through a dictionary of columns.
        for claim, assignment, title, completed_on, outside in cursor.fetchall():
            by_claim[claim].append(
                {"assignment": assignment, "title": title, "completed_on": completed_on, "outside_enrollment": outside}
            )
    return by_claim


def _case(case: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": case["id"],
        "completed": case["completed"],
        "held": case["held"],
        "required": case["required"],
        "credit": f"{case['credit_numerator']}/{case['credit_denominator']}",
        "circumstances": (asked := json.loads(case["circumstances"])),
        "told": shown(asked),
        "earned_cents": case["earned_cents"],
        "policy_sha256": case["content_sha256"],
        "policy_in_force_from": case["in_force_from"].isoformat(),
        "results": json.loads(case["results"]),
        "trace": [step.as_json() for step in _trace(case)],
    }


def _trace(case: dict[str, Any]) -> tuple[Step, ...]:
    """The arithmetic anew, from the frozen text and the case's figures; and first of all, where it is not what was priced."""
    policy = read_document(case["content"], case["program"])
    figures = Case(
        case["rate_from"], case["completed"], case["held"], case["required"], case["credit_numerator"], case["credit_denominator"],
        json.loads(case["circumstances"]),
    )  # fmt: skip
    asked, by_module = reads(policy), case["unit"] == Program.Unit.MODULE
    trace = trace_of(figures, policy, asked, by_module=by_module)
    if price_case(figures, policy, asked, by_module=by_module).results == json.loads(case["results"]):
        return trace
    warning = Step("The policy, worked out again, is not what was priced then; `verify` names the case.", "", "", policy.basis)
    return (warning, *trace)


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
        "source": transfer["source"],
        "claim": {
            "id": transfer["claim_id"],
            "number": transfer["claim_number"],
            "earned_before_cents": transfer["earned_before_cents"],
            "earned_cents": transfer["earned_cents"],
        },
        "case": case,
        "completions": completions,
    }


def _sentences(line: dict[str, Any], transfers: int, ahead: list[dict[str, Any]]) -> list[Sentence]:
    currency = line["currency"]
    said = [
        sentences(
            "%(posted)s were posted to %(provider)s in %(count)s transfer up to %(day)s.",
            "%(posted)s were posted to %(provider)s in %(count)s transfers up to %(day)s.",
            transfers + len(ahead),
            posted=in_words(line["posted_cents"], currency),
            provider=line["provider"],
            day=str(line["business_date"]),
        )
    ]
    for one in ahead:
        said += _advance(one, currency) if one["kind"] == "advance" else _true_up(one, currency)
    if line["carried_in_cents"]:
        carried = in_words(line["carried_in_cents"], currency)
        said.append(sentence("%(amount)s were carried in from the settlement before.", amount=carried))
    if line["carried_out_cents"]:
        carried = in_words(line["carried_out_cents"], currency)
        said.append(sentence("The sum is negative, so nothing is paid and %(amount)s are carried forward.", amount=carried))
    elif line["unpaid_cents"]:
        paid, due = (in_words(cents, currency) for cents in (line["amount_cents"], line["amount_cents"] + line["unpaid_cents"]))
        said.append(sentence("The line pays %(paid)s of %(due)s; the rest waits for the appropriation.", paid=paid, due=due))
    else:
        said.append(sentence("The line pays %(amount)s.", amount=in_words(line["amount_cents"], currency)))
    return said


def _advance(one: dict[str, Any], currency: str) -> list[Sentence]:
    """An advance in words, and how its prediction came about."""
    said = [
        sentence(
            "%(amount)s of it were advanced on %(day)s for the learning that starts from %(first)s to %(last)s: instalment %(part)s "
            "of %(parts)s, a share of %(share)s of prediction %(number)s; what that learning earns is set against its advances.",
            **_places(one, currency),
            share=one["share"],
        )
    ]
    basis = one["basis"]
    places = {
        "number": one["number"],
        "predicted": in_words(one["predicted_cents"], currency),
        "share": basis["share"],
        "whole": in_words(basis["whole_cents"], currency),
    }
    if basis["by_average"]:
        said.append(
            sentence(
                "Prediction %(number)s: the share of all providers before, %(share)s, x %(whole)s whole of the year = %(predicted)s.",
                **places,
            )
        )
    else:
        said.append(
            sentence(
                "Prediction %(number)s: %(earned)s earned before / %(before)s whole before x %(whole)s whole of the year "
                "= %(predicted)s.",
                **places,
                earned=in_words(basis["prior_earned_cents"], currency),
                before=in_words(basis["prior_whole_cents"], currency),
            )
        )
    if one["number"] > 1:
        said.append(sentence("By a prediction made anew, instalments also make up for what those before were short or over."))
    return said


def _true_up(one: dict[str, Any], currency: str) -> list[Sentence]:
    """A part of a true-up in words, with what that true-up found, which later ones do not change."""
    places = _places(one, currency) | {
        "night": one["found_on"],
        "earned": in_words(one["earned_cents"], currency),
        "advanced": in_words(one["advanced_cents"], currency),
        "before": in_words(one["trued_up_before_cents"], currency),
        "found": in_words(abs(one["found_cents"]), currency),
    }
    if one["amount_cents"] > 0:
        return [
            sentence(
                "%(amount)s of it were added on %(day)s by true-up %(number)s: by %(night)s the learning that started from %(first)s "
                "to %(last)s had earned %(earned)s, against %(advanced)s advanced and %(before)s trued up before.",
                **places,
            )
        ]
    return [
        sentence(
            "%(amount)s were taken back on %(day)s, part %(part)s of %(parts)s of the %(found)s of true-up %(number)s: by %(night)s "
            "the learning that started from %(first)s to %(last)s had earned %(earned)s, against %(advanced)s advanced and "
            "%(before)s trued up before.",
            **places,
        )
    ]


def _places(one: dict[str, Any], currency: str) -> dict[str, Any]:
    return {
        "amount": in_words(abs(one["amount_cents"]), currency),
        "day": one["date"],
        "first": one["first_on"],
        "last": one["last_on"],
        "part": one["part"],
        "parts": one["parts"],
        "number": one["number"],
    }
