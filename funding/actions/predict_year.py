"""Predict a year of a program, provider by provider: the first time, and at every re-estimate. Its callers hold the program."""

import datetime
from collections.abc import Sequence
from typing import Any

from funding.actions.open_books import open_provider_accounts
from funding.calc.primitives.kinds import CannotMean
from funding.calc.year_ahead import Anticipated, Predicted, predict
from funding.models import Prediction, Run, YearAhead
from funding.queries.predicted_year import NotPredicted, anticipated_cents, learned
from funding.queries.rows import rows


class YearAheadRefused(ValueError):
    """Why a year was not opened, re-estimated or trued up, in a sentence for people. Nothing has changed."""


def add_predictions(
    *, year: YearAhead, on: datetime.date, made_by: int, after_run: Run | None, anticipated: Sequence[Anticipated] | None
) -> list[Prediction]:
    """The next prediction of every provider that has learning in the year or was predicted before, written.

    Known is what is on file, with work completed by `on`; `anticipated` enrollments stand in for those of the year where
    they are given. Opens the accounts that the year needs. Raises YearAheadRefused.
    """
    providers = {row["code"]: row["id"] for row in rows("SELECT id, code FROM provider_facts", {})}
    newest = {one.provider_id: one for one in year.predictions.order_by("number")}
    try:
        predicted = predict(
            learned(program=year.program, first_on=year.predicted_from_first_on, last_on=year.predicted_from_last_on, on=on),
            {code: 0 for code, provider in providers.items() if provider in newest} | _whole(year, on, anticipated),
        )
    except (CannotMean, NotPredicted) as problem:
        raise YearAheadRefused(str(problem)) from None
    if unknown := sorted(predicted.keys() - providers.keys()):
        raise YearAheadRefused(f"There is no provider {', '.join(unknown)}; the file of anticipated enrollments names it.")
    open_provider_accounts(program=year.program, providers=[(providers[code], code) for code in predicted])
    return Prediction.objects.bulk_create(
        Prediction(
            year=year,
            provider_id=providers[code],
            number=newest[providers[code]].number + 1 if providers[code] in newest else 1,
            on=on,
            amount_cents=one.amount_cents,
            basis=_basis(one),
            after_run=after_run,
            made_by=made_by,
        )
        for code, one in predicted.items()
    )


def _whole(year: YearAhead, on: datetime.date, anticipated: Sequence[Anticipated] | None) -> dict[str, int]:
    """What full completion of the year would earn, by provider code."""
    if anticipated is not None:
        return anticipated_cents(program=year.program, first_on=year.first_on, expected=anticipated)
    known = learned(program=year.program, first_on=year.first_on, last_on=year.last_on, on=on)
    return {provider: one.whole_cents for provider, one in known.items()}


def _basis(one: Predicted) -> dict[str, Any]:
    return {
        "prior_earned_cents": one.prior.earned_cents,
        "prior_whole_cents": one.prior.whole_cents,
        "share": str(one.share),
        "by_average": one.by_average,
        "whole_cents": one.whole_cents,
    }
