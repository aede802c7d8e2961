"""A demonstration state, grown from a fixed seed: districts, providers, students, a school year of completions.

Everything enters by the actions that real rosters and feeds use. All of it is invented.
"""

import datetime
import random
from dataclasses import dataclass, field
from fractions import Fraction

from django.db import transaction

from enrollments.actions.enroll import NewEnrollment, enroll
from enrollments.actions.open_feed import open_feed
from enrollments.actions.publish_offering import Work, publish_offering
from enrollments.actions.record_completions import record_completions
from enrollments.actions.record_course_results import record_course_results
from enrollments.calc.completion_rows import CompletionRow
from enrollments.models import SourceSystem
from enrollments.queries.catalogue import enrollments_of, listed_offerings
from people.actions.add_missing import add_missing_organizations, add_missing_students
from people.actions.appoint import appoint
from people.actions.decide_provider_status import decide_provider_status
from people.models import Organization, User

SEED = 20260701
CATALOGUE = "state"
YEAR_STARTS = datetime.date(2025, 9, 1)
MONTH_ENDS = tuple(
    (datetime.date(2025 + (month > 12), (month - 1) % 12 + 1, 28) + datetime.timedelta(days=4)).replace(day=1)
    - datetime.timedelta(days=1)
    for month in range(9, 19)
)
LAST_OF_THE_SUSPENDED = datetime.date(2025, 11, 30)
DISTRICTS = {"D-NORTH": "North River District", "D-LAKES": "Lakes District", "D-HILLS": "Hill Country District",
             "D-HARBOR": "Harbor District"}  # fmt: skip
# code: (name, standing, share of the enrollments)
PROVIDERS = {
    "ALDER": ("Alder Online School", "approved", 34),
    "BIRCH": ("Birch Learning Cooperative", "approved", 26),
    "CEDAR": ("Cedar Career Academy", "approved", 20),
    "DOGWOOD": ("Dogwood Studio", "trial", 10),
    "ELDER": ("Elder Makers' Workshop", "trial", 6),
    "FIR": ("Fir Valley Institute", "suspended", 4),
}
COURSES = {
    "ALG1": "Algebra I",
    "BIO": "Biology",
    "ENG9": "English 9",
    "CIV": "Civics",
    "CS": "Computing",
    "ART": "Art and Design",
}
MODULES = {"M1": Fraction(1, 4), "M2": Fraction(1, 4), "M3": Fraction(1, 4), "M4": Fraction(1, 4)}
WORK_A_MODULE = 6


@dataclass
class State:
    """What was grown: the feed and, month by month, the rows that it will report."""

    feed: SourceSystem
    students: int
    rows_by_month: dict[datetime.date, list[CompletionRow]] = field(default_factory=dict)

    def report_month(self, month_end: datetime.date) -> None:
        """Let the feed report the month, as it would on the month's last evening."""
        record_completions(
            rows=(row._replace(row=number) for number, row in enumerate(self.rows_by_month[month_end], start=1)),
            source_system=self.feed,
            kind="demonstration",
            today=month_end,
            on_outcome=lambda outcome: None,
        )


def grow(*, students: int) -> State:
    """The state with `students` students; grown before, it is the same again and nothing is added."""
    chance = random.Random(SEED)  # noqa: S311 - a repeatable demonstration, not a secret
    feed = open_feed(code="state-feed", catalogue=CATALOGUE)
    if not enrollments_of(catalogue=CATALOGUE):
        with transaction.atomic():
            _found(feed)
            _enroll(feed, chance, students)
            _end_the_year(feed, chance)
    # Everyone is enrolled twice.
    return State(feed, len(enrollments_of(catalogue=CATALOGUE)) // 2, _rows_by_month(chance))


def _found(feed: SourceSystem) -> None:
    add_missing_organizations(kind="district", names=DISTRICTS)
    add_missing_organizations(kind="provider", names={code: name for code, (name, _, _) in PROVIDERS.items()})
    officer = appoint(username="vetting", full_name="Vetting officer", kind="finance_officer", starts_on=YEAR_STARTS)
    for code, (_, status, _) in PROVIDERS.items():
        provider = Organization.objects.get(kind="provider", code=code)
        decide_provider_status(
            provider=provider,
            status=status,
            from_on=YEAR_STARTS,
            reason="Standing at the demonstration's start.",
            decided_by=officer.pk,
        )
        for course, title in COURSES.items():
            publish_offering(
                source_system=feed,
                provider=provider,
                course_code=course,
                course_title=title,
                modules=MODULES,
                code=f"{course} 2025-26",
                starts_on=YEAR_STARTS,
                length_days=290,
                entry="open",
                work=[
                    Work(module, f"{module}-{number}", f"{title} {module}, work {number}", 70 * index + 10 * number)
                    for index, module in enumerate(MODULES)
                    for number in range(1, WORK_A_MODULE + 1)
                ],
            )


def _enroll(feed: SourceSystem, chance: random.Random, students: int) -> None:
    usernames = [f"student-{number:06d}" for number in range(1, students + 1)]
    add_missing_students(usernames=usernames, names={name: f"Demonstration {name.replace('-', ' ')}" for name in usernames})
    ids = dict(User.objects.filter(username__in=usernames).values_list("username", "id"))
    districts = list(Organization.objects.filter(kind="district", code__in=DISTRICTS).order_by("code").values_list("id", flat=True))
    offerings: dict[str, list[int]] = {}
    for provider, offering in listed_offerings(catalogue=CATALOGUE):
        offerings.setdefault(provider, []).append(offering)
    shares = [share for _, _, share in PROVIDERS.values()]
    new = []
    for username in usernames:
        district, needs = chance.choice(districts), _needs(chance)
        for place, provider in enumerate(chance.choices(list(PROVIDERS), shares, k=2), start=1):
            starts = YEAR_STARTS + datetime.timedelta(days=chance.choice((0, 0, 0, 7, 14, 40, 120)))
            leaves = starts + datetime.timedelta(days=chance.randrange(5, 200)) if chance.random() < 0.08 else None
            new.append(
                NewEnrollment(
                    code=f"S-{username[8:]}-{place}",
                    student_id=ids[username],
                    offering_id=offerings[provider][(place - 1) * 3 + chance.randrange(3)],
                    enrolled_on=starts,
                    withdrawn_on=leaves,
                    district_id=district,
                    needs=needs,
                )
            )
    enroll(source_system=feed, enrollments=new)


def _end_the_year(feed: SourceSystem, chance: random.Random) -> None:
    """How the courses ended. Whoever left did not succeed; what else decides it, money never hears of."""
    outcomes = {
        code: "withdrawn" if withdrawn_on else chance.choices(("pass", "distinction", "fail"), (70, 12, 18))[0]
        for code, _, withdrawn_on, _ in enrollments_of(catalogue=CATALOGUE)
    }
    record_course_results(source_system=feed, outcomes=outcomes)


def _needs(chance: random.Random) -> tuple[str, ...]:
    return tuple(
        need for need, share in (("low_income", 0.35), ("special_education", 0.14), ("language", 0.09)) if chance.random() < share
    )


def _rows_by_month(chance: random.Random) -> dict[datetime.date, list[CompletionRow]]:
    """Each enrollment at its own pace, from its own start; some stop early, some hand in after they left, one in 200
    completions is withdrawn a month later, and the feed errs now and then. The suspended provider takes back its last
    month whole, so that a month of its books is negative."""
    chance.seed(SEED + 1)
    months: dict[datetime.date, list[CompletionRow]] = {month: [] for month in MONTH_ENDS}
    codes = [f"{module}-{number}" for module in MODULES for number in range(1, WORK_A_MODULE + 1)]
    for code, enrolled_on, withdrawn_on, provider in enrollments_of(catalogue=CATALOGUE):
        assert enrolled_on is not None
        suspended = PROVIDERS[provider][1] == "suspended"
        pace, stop = chance.uniform(5, 14), chance.choice((24, 24, 24, 24, 20, 16, 12, 6, 0))
        on = enrolled_on
        for number, assignment in enumerate(codes[:stop], start=1):
            on += datetime.timedelta(days=max(1, round(chance.gauss(pace, 3))))
            late = withdrawn_on is not None and on > withdrawn_on
            if on > MONTH_ENDS[-1] or (late and chance.random() > 0.05) or (suspended and on > LAST_OF_THE_SUSPENDED):
                break
            row = CompletionRow(0, f"{code}-{number}", code, assignment, on, chance.random() < 0.005)
            _report(months, row, taken_back=chance.random() < 0.005 or (suspended and on.month == LAST_OF_THE_SUSPENDED.month))
    for month in MONTH_ENDS[2:]:
        months[month].append(CompletionRow(0, f"lost-{month}", f"S-LOST-{month:%m}", codes[0], month, False))
    return months


def _report(months: dict[datetime.date, list[CompletionRow]], row: CompletionRow, *, taken_back: bool) -> None:
    assert row.completed_on is not None
    month = next(end for end in MONTH_ENDS if row.completed_on <= end)
    months[month].append(row)
    following = MONTH_ENDS.index(month) + 1
    if taken_back and following < len(MONTH_ENDS):
        months[MONTH_ENDS[following]].append(row._replace(void=True, enrollment=None, assignment=None, completed_on=None))
