"""What a night does for years that are paid ahead: it advances the instalments that have come due and trues up what was asked.

Called while a night is finished, inside its transaction: either all of it is in the books with the night, or none.
"""

import datetime
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from django.db.backends.utils import CursorWrapper
from django.db.models import Sum

from funding.calc.year_ahead import instalments_of, part_due_on, parts_of_true_up, to_true_up
from funding.models import Prediction, Reconciliation, Run, Transfer, TrueUp, YearAhead
from funding.queries.rows import rows


class NotPosted(AssertionError):
    """An advance or a true-up found no account; nothing of the night's end is kept."""


@dataclass(frozen=True)
class _Posting:
    """`cents` that a provider is given on its payable account, below 0 taken from it; `effect` is its name for good."""

    provider_id: int
    cents: int
    effect: str


def pay_ahead(*, cursor: CursorWrapper, run: Run) -> dict[str, int]:
    """`advanced_cents` and `trued_up_cents` of the night, over all years and providers; both 0 where no year is paid ahead."""
    posted = {"advanced_cents": 0, "trued_up_cents": 0}
    for year in YearAhead.objects.filter(program=run.program).order_by("first_on"):
        posted["advanced_cents"] += _post(cursor, run, year, Transfer.Kind.ADVANCE, _advances(run, year))
        _reconcile(run, year)
        posted["trued_up_cents"] += _post(cursor, run, year, Transfer.Kind.TRUE_UP, _true_ups(run, year))
    return posted


def advance_effect(year: YearAhead, provider_id: int, number: int) -> str:
    """The effect of instalment `number`, counted from 1."""
    return f"advance|{year.program_id}|{provider_id}|{year.first_on}|{number}"


def true_up_effect(year: YearAhead, provider_id: int, number: int, part: int) -> str:
    """The effect of a part of true-up `number`, both counted from 1."""
    return f"true_up|{year.program_id}|{provider_id}|{year.first_on}|{number}|{part}"


def _advances(run: Run, year: YearAhead) -> list[_Posting]:
    """The instalments due by the business date that no night since the year's opening has advanced, by the newest prediction."""
    due = [datetime.date.fromisoformat(one["due_on"]) <= run.business_date for one in year.schedule].count(True)
    passed = 0
    if run.previous and (year.after_run_id is None or run.previous.pk > year.after_run_id):
        passed = [datetime.date.fromisoformat(one["due_on"]) <= run.previous.business_date for one in year.schedule].count(True)
    if due == passed:
        return []
    shares = [Fraction(one["share"]) for one in year.schedule]
    newest = {one.provider_id: one for one in Prediction.objects.filter(year=year).order_by("number")}
    paid = _paid(year, sorted(newest), passed)
    postings = []
    for provider, prediction in sorted(newest.items()):
        periods = instalments_of(prediction.amount_cents, shares, paid[provider]).periods
        for number in range(passed + 1, due + 1):
            postings.append(_Posting(provider, int(periods[number - 1]), advance_effect(year, provider, number)))
    return postings


def _paid(year: YearAhead, providers: Sequence[int], passed: int) -> dict[int, list[int]]:
    """What was advanced for each of the first `passed` instalments, in cents; 0 where nothing was."""
    names = {(provider, number): advance_effect(year, provider, number) for provider in providers for number in range(1, passed + 1)}
    found = rows(
        "SELECT n.name, t.amount_cents FROM unnest(%(names)s::text[]) n (name) "
        "JOIN funding_transfer t ON t.effect_key = funding.effect_key(n.name)",
        {"names": list(names.values())},
    )
    cents = {row["name"]: row["amount_cents"] for row in found}
    paid: dict[int, list[int]] = {provider: [] for provider in providers}
    for (provider, _number), name in names.items():
        paid[provider].append(cents.get(name, 0))
    return paid


# What lies on a year's accounts, provider by provider: earned under the year, and advanced for it.
_ON_ACCOUNT = """
    SELECT a.provider_id,
           coalesce(sum(CASE t.kind WHEN 'earn' THEN t.amount_cents WHEN 'recover' THEN -t.amount_cents END), 0)::bigint AS earned,
           coalesce(sum(t.amount_cents) FILTER (WHERE t.kind = 'advance'), 0)::bigint AS advanced
    FROM funding_transfer t
    JOIN funding_account a ON a.id = CASE t.kind WHEN 'earn' THEN t.credit_account_id ELSE t.debit_account_id END
    WHERE t.program_id = %(program)s AND t.kind IN ('earn', 'recover', 'advance')
      AND a.kind = 'year-ahead' AND a.part = %(part)s
    GROUP BY a.provider_id ORDER BY a.provider_id
"""


def _reconcile(run: Run, year: YearAhead) -> None:
    """Write what the true-up that waits for this night finds, provider by provider."""
    true_up = TrueUp.objects.filter(year=year, after_run=run.previous).first() if run.previous else None
    if true_up is None:
        return
    settled = Reconciliation.objects.filter(true_up__year=year).values_list("provider_id").annotate(cents=Sum("amount_cents"))
    before: dict[int, int] = defaultdict(int, dict(settled))
    Reconciliation.objects.bulk_create(
        Reconciliation(
            true_up=true_up,
            run=run,
            provider_id=found["provider_id"],
            earned_cents=found["earned"],
            advanced_cents=found["advanced"],
            trued_up_before_cents=before[found["provider_id"]],
            amount_cents=to_true_up(found["earned"], found["advanced"], before[found["provider_id"]]),
        )
        for found in rows(_ON_ACCOUNT, {"program": run.program_id, "part": year.part})
    )


def _true_ups(run: Run, year: YearAhead) -> list[_Posting]:
    """The parts that fall due with this night: the first of its own true-up, further ones of those before."""
    postings = []
    for found in Reconciliation.objects.filter(true_up__year=year).select_related("true_up", "run").order_by("id"):
        for part, cents in enumerate(parts_of_true_up(found.amount_cents, found.true_up.parts), start=1):
            due_on = part_due_on(found.run.business_date, part)
            own = part == 1 and found.run_id == run.pk
            later = part > 1 and run.previous is not None and run.previous.business_date < due_on <= run.business_date
            if own or later:
                postings.append(
                    _Posting(found.provider_id, cents, true_up_effect(year, found.provider_id, found.true_up.number, part))
                )
    return postings


_TRANSFERS = """
    INSERT INTO funding_transfer (effect_key, program_id, kind, debit_account_id, credit_account_id, amount_cents, business_date,
                                  provider_id, run_id, row_sha256)
    SELECT k.effect_key, %(program)s, %(kind)s, k.debit_id, k.credit_id, abs(p.cents), %(on)s, p.provider_id, %(run)s,
           funding.seal(k.effect_key, k.debit_code, k.credit_code, abs(p.cents), %(on)s, NULL)
    FROM unnest(%(providers)s::bigint[], %(cents)s::bigint[], %(effects)s::text[]) AS p (provider_id, cents, effect)
    JOIN funding_account y ON y.program_id = %(program)s AND y.kind = 'year-ahead' AND y.provider_id = p.provider_id
         AND y.part = %(part)s
    JOIN funding_account w ON w.program_id = %(program)s AND w.kind = 'payable' AND w.provider_id = p.provider_id
    CROSS JOIN LATERAL (SELECT funding.effect_key(p.effect) AS effect_key,
                               CASE WHEN p.cents > 0 THEN y.id ELSE w.id END AS debit_id,
                               CASE WHEN p.cents > 0 THEN y.code ELSE w.code END AS debit_code,
                               CASE WHEN p.cents > 0 THEN w.id ELSE y.id END AS credit_id,
                               CASE WHEN p.cents > 0 THEN w.code ELSE y.code END AS credit_code) k
    ORDER BY k.effect_key
"""


def _post(cursor: CursorWrapper, run: Run, year: YearAhead, kind: str, postings: Sequence[_Posting]) -> int:
    """Write them, those of no amount left out; answers their sum in cents. A second posting of an effect is refused by its key."""
    postings = [posting for posting in postings if posting.cents]
    if not postings:
        return 0
    cursor.execute(
        _TRANSFERS,
        {
            "program": run.program_id,
            "kind": kind,
            "on": run.business_date,
            "run": run.pk,
            "part": year.part,
            "providers": [posting.provider_id for posting in postings],
            "cents": [posting.cents for posting in postings],
            "effects": [posting.effect for posting in postings],
        },
    )
    if cursor.rowcount != len(postings):
        raise NotPosted(f"Run {run.pk}: {len(postings)} {kind} postings of {year.first_on} and {cursor.rowcount} accounts for them.")
    return sum(posting.cents for posting in postings)
