"""G4: the same night by the two usual ways: an ORM loop over enrollments, and data frames.

Both write into the product's own books, committed, with every guard on. The loop does a sample, scaled linearly.
"""

import hashlib
import io

from django.db import connection, transaction

from bench import data
from bench.answer import pulled, rate_cents
from bench.books import Books
from bench.report import Report, Sample, progress, seconds
from bench.shard import Shards
from database.areas import acting_as
from enrollments.models import Assignment, Completion, Enrollment
from funding.actions import work_shard
from funding.actions.measure_shard import FORGET
from funding.actions.open_run import open_run
from funding.calc.case_price import Case, price_case
from funding.calc.engine.document import Document, read_document
from funding.calc.engine.recorded import reads
from funding.models import Account, Claim, EarningState, PolicyVersion, PricedCase, Run, Transfer

REPEATS = 5
SAMPLE = 500


def bench_rivals(books: Books, report: Report, full: Sample) -> None:
    """`full`: the seconds of the product's full-year night on the same books."""
    loop = Sample([_time_loop(books, repeat) * SAMPLE for repeat in range(REPEATS)])
    million = f"{books.million}M"
    report.line("G4", f"full-year night by an ORM loop, {million}, against ours", loop, "s", full, loop.median / full.median, ">= 300",
                f"a sample of 1 in {SAMPLE} enrollments, scaled linearly")  # fmt: skip
    frames = Sample([_time_polars(books) for _ in range(REPEATS + 1)][1:])
    report.line("G4", f"full-year night by polars (pull, compute, push, post), {million}, against ours", frames, "s", full,
                frames.median / full.median, ">= 1.5")  # fmt: skip


def _opened(books: Books) -> Run:
    books.forget_nights()
    return open_run(program_code=data.PROGRAM, business_date=data.YEAR_ENDS)


def _time_loop(books: Books, repeat: int) -> float:
    run = _opened(books)
    version = PolicyVersion.objects.get()
    policy = read_document(version.content, "bench")
    ids = range(1 + repeat, books.size.enrollments + 1, SAMPLE)
    progress(f"{books.name}: ORM loop over {len(ids)} enrollments")

    def loop() -> None:
        for enrollment in Enrollment.objects.filter(pk__in=ids).select_related("offering__course"):
            with transaction.atomic():
                for module in enrollment.offering.course.modules.all():
                    _one_module(run, version, policy, enrollment, module)

    return seconds(loop) * books.size.enrollments / len(ids) / SAMPLE


def _one_module(run: Run, version: PolicyVersion, policy: Document, enrollment: Enrollment, module) -> None:
    offering = enrollment.offering
    required = Assignment.objects.filter(offering=offering, module=module, stakes="low", required=True).count()
    done = Completion.objects.filter(
        enrollment=enrollment, assignment__module=module, carried_over=False, completed_on__gte=enrollment.enrolled_on,
        completed_on__lte=min(run.business_date, enrollment.withdrawn_on or run.business_date),
    ).count()  # fmt: skip
    rate = policy.figures["rate"].in_force_on(max(enrollment.enrolled_on, offering.starts_on))
    case = Case(rate.from_on, done, 0, required, module.credit_numerator, module.credit_denominator, {})
    priced = price_case(case, policy, reads(policy), by_module=True)
    stored, _ = PricedCase.objects.get_or_create(
        policy_version=version, rate_from=case.rate_from, completed=done, held=0, required=required,
        credit_numerator=case.credit_numerator, credit_denominator=case.credit_denominator,
        circumstances={},
        defaults={"earned_cents": priced.earned_cents, "held_cents": 0, "parts": priced.parts, "results": priced.results},
    )  # fmt: skip
    state = EarningState.objects.filter(program=run.program, enrollment_id=enrollment.pk, module_id=module.pk).first()
    posted = state.posted_cents if state else 0
    claim = Claim.objects.create(
        run=run, provider_id=offering.provider_id, offering_id=offering.pk, enrollment_id=enrollment.pk, module_id=module.pk,
        number=(state.claims if state else 0) + 1, case=stored, earned_before_cents=posted, earned_cents=priced.earned_cents,
    )  # fmt: skip
    cost = Account.objects.get(program=run.program, kind="program-cost")
    payable = Account.objects.get(program=run.program, kind="payable", provider_id=offering.provider_id)
    effect = f"earning|{run.program_id}|{enrollment.pk}|{module.pk}|completion|state|1"
    Transfer.objects.create(
        effect_key=_effect_key(effect), program=run.program, kind="earn", debit_account=cost, credit_account=payable,
        amount_cents=priced.earned_cents - posted, business_date=run.business_date, provider_id=offering.provider_id, run=run,
        claim=claim, policy_version=version, row_sha256=b"\0" * 32,
    )  # fmt: skip
    EarningState.objects.create(
        program=run.program, enrollment_id=enrollment.pk, module_id=module.pk, provider_id=offering.provider_id,
        offering_id=offering.pk, case=stored, claims=1, earned_cents=priced.earned_cents, posted_cents=priced.earned_cents,
    )  # fmt: skip


def _effect_key(effect: str) -> str:
    return hashlib.sha256(effect.encode()).hexdigest()[:32]


_MEASURED = """
CREATE TEMPORARY TABLE measured (
    enrollment_id bigint, module_id bigint, provider_id bigint, offering_id bigint, policy_version bigint, rate_from date,
    circumstances jsonb, completed integer, held integer, required integer, credit_numerator bigint, credit_denominator bigint,
    case_before bigint,
    claims integer, earned_before bigint, posted bigint
) ON COMMIT DROP
"""


def _time_polars(books: Books) -> float:
    """Pull the facts, count in data frames, push the figures, then price and post as the product does, in one commit."""
    run = _opened(books)
    version = PolicyVersion.objects.get()
    progress(f"{books.name}: polars")

    def night() -> None:
        figures = _counted_by_polars(run, version.pk)
        with acting_as("area_funding"), connection.cursor() as cursor:
            cursor.execute("SET LOCAL work_mem = '256MB'")
            cursor.execute(FORGET)
            cursor.execute(_MEASURED)
            with cursor.copy("COPY measured FROM STDIN (FORMAT csv)") as copy:
                while block := figures.read(1 << 18):
                    copy.write(block)
            cursor.execute("ANALYZE measured")
            Shards(run).price(cursor)
            work_shard._post(cursor, {"run": run.pk, "program": run.program_id, "on": run.business_date})

    return seconds(night)


def _counted_by_polars(run: Run, version: int) -> io.BytesIO:
    import polars as pl

    on = pl.lit(run.business_date)
    done = pl.read_csv(
        pulled("SELECT enrollment_id, assignment_id, sequence, completed_on, carried_over::int FROM learning.enrollments_completion"),
        try_parse_dates=True,
    )
    enrollment = pl.read_csv(
        pulled(
            "SELECT id AS enrollment_id, provider_id, offering_id, learning_starts_on, "
            "coalesce(enrolled_on, '0001-01-01') AS first, coalesce(withdrawn_on, '9999-12-31') AS last FROM learning.enrollment_facts"
        ),
        try_parse_dates=True,
    )
    work = pl.read_csv(pulled("SELECT id AS assignment_id, module_id, offering_id FROM learning.assignment_facts"))
    module = pl.read_csv(pulled("SELECT id AS module_id, credit_numerator, credit_denominator FROM learning.module_facts"))
    rates = pl.DataFrame({"rate_from": [day for day, _ in rate_cents()]})
    inside = pl.col("completed_on").is_between(pl.col("first"), pl.col("last"))
    sign = 1 - 2 * (pl.col("sequence") % 2)
    counted = (
        done.lazy()
        .filter((pl.col("carried_over") == 0) & (pl.col("completed_on") <= on))
        .join(enrollment.lazy(), on="enrollment_id")
        .join(work.lazy().drop("offering_id"), on="assignment_id")
        .group_by("enrollment_id", "module_id", "provider_id", "offering_id", "learning_starts_on")
        .agg(completed=sign.filter(inside).sum(), held=sign.filter(~inside).sum())
        .join(work.lazy().group_by("offering_id", "module_id").agg(required=pl.len()), on=["offering_id", "module_id"])
        .join(module.lazy(), on="module_id")
        .sort("learning_starts_on")
        .join_asof(rates.lazy().sort("rate_from"), left_on="learning_starts_on", right_on="rate_from")
        .select(
            "enrollment_id", "module_id", "provider_id", "offering_id", pl.lit(version).alias("policy_version"), "rate_from",
            pl.lit("{}").alias("circumstances"),
            "completed", "held", "required", "credit_numerator", "credit_denominator", pl.lit(None, pl.Int64).alias("case_before"),
            *(pl.lit(0).alias(name) for name in ("claims", "earned_before", "posted")),
        )
        .collect()
    )  # fmt: skip
    buffer = io.BytesIO()
    counted.write_csv(buffer, include_header=False)
    buffer.seek(0)
    return buffer
