"""What the office's pages say and do, and how many queries they ask."""

import csv
import datetime
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from funding.actions.run_night import run_night
from funding.models import DiscrepancyResolution, FiscalPeriod, PaymentBatch, RunShard
from tests import build
from tests.pages.office import EARNED_BY_P1, NIGHT, doubt, night, person, set_up
from tests.pages.test_office_access import AUDITOR, MATRIX, OFFICER, RELEASER, STAFF, url_of

pytestmark = [pytest.mark.django_db, pytest.mark.urls("config.urls_office")]
MOST_QUERIES = 20


@pytest.fixture
def office():
    return set_up()


def see(client, user, url):
    client.force_login(user)
    return client.get(url).content.decode()


def test_the_nights_page_tells_what_ran_what_it_found_and_what_it_posted(client, office):
    page = see(client, office.people[AUDITOR], "/")
    assert "740.16 USD" in page  # twice 370.08
    assert "2 after withdrawal" in page
    assert "1 unknown enrollment" in page
    assert office.run.digest[:12] in page
    assert "See the lines" in page


def test_a_running_night_shows_its_progress_and_asks_again(client, office):
    run = build_running_night(office)
    page = see(client, office.people[AUDITOR], "/")
    assert "0 of 3" in page
    assert 'hx-trigger="every 5s"' in page
    assert run.finished_at is None


def build_running_night(office):
    run = office.run.program.runs.create(business_date=build.day(40), previous=office.run, through_batch=1, through_policy_version=1)
    RunShard.objects.bulk_create([RunShard(run=run, number=number) for number in (1, 2, 3)])
    return run


def test_a_releaser_sees_total_and_lines_and_releases_once(client, office):
    client.force_login(office.people[RELEASER])
    page = client.get(reverse("batch", args=[office.batch.pk])).content.decode()
    assert "Release 740.16 USD" in page
    assert EARNED_BY_P1 in page
    first, second = (client.post(reverse("release", args=[office.batch.pk]), {"paid_on": "2026-02-03"}) for _ in range(2))
    assert first.status_code == 302
    assert second.status_code == 422
    assert "was released already" in second.content.decode()
    assert PaymentBatch.objects.get().released_by == office.people[RELEASER].pk


def test_a_release_with_an_impossible_day_is_refused_and_keeps_what_was_typed(client, office):
    client.force_login(office.people[RELEASER])
    answer = client.post(reverse("release", args=[office.batch.pk]), {"paid_on": "2026-02-31"})
    assert answer.status_code == 422
    assert 'value="2026-02-31"' in answer.content.decode()
    assert PaymentBatch.objects.get().released_at is None


def test_a_month_and_then_its_year_are_closed_from_their_pages(client, office):
    client.force_login(office.people[OFFICER])
    assert client.post(reverse("close_month", args=["trial", NIGHT.year, NIGHT.month])).status_code == 302
    assert FiscalPeriod.objects.get(starts_on=NIGHT.replace(day=1)).closed_by == office.people[OFFICER].pk
    again = client.post(reverse("close_month", args=["trial", NIGHT.year, NIGHT.month]))
    assert "was closed already" in again.content.decode()
    too_early = client.post(reverse("close_year", args=["trial", 2026]))
    assert (too_early.status_code, "No night has covered" in too_early.content.decode()) == (422, True)
    run_night(program_code="trial", business_date=datetime.date(2026, 6, 30))
    assert client.post(reverse("close_year", args=["trial", 2026])).status_code == 302
    assert FiscalPeriod.objects.exclude(closed_at=None).count() == 12


def test_a_statement_shows_the_figures_and_the_holds_of_its_provider(client, office):
    page = see(client, office.people[STAFF], reverse("statement", args=[office.own.uuid]))
    assert EARNED_BY_P1 in page
    assert "123.36 USD" in page  # held: 986.88 x 1/2 x 1/4
    assert f"#{doubt('after_withdrawal', office.own).pk}" in page


def test_a_statement_as_of_an_impossible_day_says_so_and_keeps_what_was_typed(client, office):
    client.force_login(office.people[STAFF])
    answer = client.get(reverse("statement", args=[office.own.uuid]) + "?as_of=2026-02-31")
    assert answer.status_code == 422
    assert 'value="2026-02-31"' in answer.content.decode()


def test_a_statement_is_saved_as_csv_with_plain_decimals_and_no_formula(client, office):
    client.force_login(office.people[STAFF])
    course = build.offering("P1", code="=2+3")
    enrollment = build.enrollment(course)
    build.complete(enrollment, build.assignments(course)[0], build.day(33))
    night(build.day(34))
    text = client.get(reverse("statement_csv", args=[office.own.uuid])).content.decode()
    rows = {(row["item"], row["code"]): row["amount"] for row in csv.DictReader(io.StringIO(text))}
    assert rows["earned", ""] == "616.80"
    assert rows["offering", "'=2+3"] == "246.72"
    assert rows["payment", str(office.line.pk)] == "370.08"


def test_a_line_is_explained_with_its_arithmetic_citation_and_completions(client, office):
    page = see(client, office.people[AUDITOR], reverse("explanation", args=[office.line.pk]))
    assert "product: of [rate 986.88, credit 0.5, share 0.75]</td>" in page
    assert "The tests: invented" in page
    assert "Work 1.3" in page
    assert office.student.full_name not in page


def test_an_explanation_beyond_its_last_page_is_not_found(client, office):
    client.force_login(office.people[AUDITOR])
    assert client.get(reverse("explanation", args=[office.line.pk]) + "?page=2").status_code == 404


def test_the_work_list_is_filtered_by_kind_state_provider_and_program(client, office):
    held, unknown = doubt("after_withdrawal", office.own), doubt("unknown_enrolment", office.own)
    foreign = doubt("after_withdrawal", office.foreign)

    def shown(query):
        page = see(client, office.people[OFFICER], f"/discrepancies/?{query}")
        return {d.pk for d in (held, unknown, foreign) if f">#{d.pk}<" in page}

    assert shown("") == {held.pk, unknown.pk, foreign.pk}
    assert shown("kind=unknown_enrolment") == {unknown.pk}
    assert shown("provider=P2") == {foreign.pk}
    assert shown("program=trial&kind=no-such-kind") == {held.pk, unknown.pk, foreign.pk}
    assert shown("state=resolved") == set()


def test_several_are_resolved_at_once_and_wait_for_the_next_night(client, office):
    chosen = [doubt("after_withdrawal", office.own).pk, doubt("after_withdrawal", office.foreign).pk]
    client.force_login(office.people[OFFICER])
    page = client.get("/discrepancies/resolve/", {"id": chosen}).content.decode()
    assert "Resolve 2 discrepancies" in page
    client.post("/discrepancies/resolve/", {"id": chosen, "outcome": "accepted", "reason": "Confirmed by phone."})
    assert DiscrepancyResolution.objects.count() == 2
    page = client.get("/discrepancies/?state=resolved").content.decode()
    assert page.count("Takes effect in the next night") == 2
    assert "Confirmed by phone." in page


def test_a_resolution_without_outcome_keeps_the_reason_that_was_typed(client, office):
    client.force_login(office.people[OFFICER])
    one = doubt("after_withdrawal", office.own).pk
    answer = client.post("/discrepancies/resolve/", {"id": one, "reason": "Half a thought"})
    assert answer.status_code == 422
    assert "Half a thought" in answer.content.decode()
    assert not DiscrepancyResolution.objects.exists()


def test_accepting_is_not_offered_for_a_row_that_matched_nothing(client, office):
    page = see(client, office.people[OFFICER], f"/discrepancies/resolve/?id={doubt('unknown_enrolment', office.own).pk}")
    assert 'value="dismissed"' in page
    assert 'value="accepted"' not in page


@pytest.mark.parametrize("name", [name for name, (method, _) in MATRIX.items() if method == "get"])
def test_a_page_asks_at_most_twenty_queries_for_many_providers(client, name):
    office = set_up(more_providers=4)
    role = OFFICER if OFFICER in MATRIX[name][1] else AUDITOR
    client.force_login(office.people[role])
    with CaptureQueriesContext(connection) as asked:
        assert client.get(url_of(name, office)).status_code == 200
    assert len(asked) <= MOST_QUERIES


def test_an_empty_office_says_what_to_do(client):
    officer = person(OFFICER, build.provider())
    for path in ("/", "/statements/", "/discrepancies/", "/periods/"):
        assert "credence-empty" in see(client, officer, path)
