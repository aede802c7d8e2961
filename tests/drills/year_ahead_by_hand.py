"""A year paid ahead as somebody would reckon it with a list of what happened and a pencil: shares no code with the project.

Cents are whole, fractions are pairs of whole numbers. Everything is worked out anew from the list, every time.
"""

from calendar import monthrange
from collections import Counter
from datetime import date, timedelta


def half_up(numerator, denominator):
    """The nearest whole number to a fraction of at least 0; a half goes up."""
    return (2 * numerator + denominator) // (2 * denominator)


def end_of_month(day, months_later):
    month = day.year * 12 + day.month - 1 + months_later
    year, month = month // 12, month % 12 + 1
    return date(year, month, monthrange(year, month)[1])


def a_month_ends_within(after, on):
    return any((after + timedelta(days=n) + timedelta(days=1)).day == 1 for n in range(1, (on - after).days + 1))


class Learner:
    """An enrollment: where, from when to when, and what was done, module by module, work by work."""

    def __init__(self, provider, modules, works, starts_on, enrolled_on):
        self.provider, self.modules, self.works, self.offering_starts = provider, modules, works, starts_on
        self.enrolled_on, self.withdrawn_on = enrolled_on, None
        self.done = {}

    @property
    def start(self):
        return max(self.enrolled_on, self.offering_starts)

    def count(self, module, by):
        return sum(
            1 for (its_module, _), on in self.done.items()
            if its_module == module and on is not None and on <= by and on >= self.enrolled_on
            and (self.withdrawn_on is None or on <= self.withdrawn_on)
        )  # fmt: skip


class Pencil:
    """The books of one program by hand. `rates` are (first start of learning, cents a credit), in order."""

    def __init__(self, rates):
        self.rates, self.learners = list(rates), []
        self.year = None
        self.predictions, self.advanced, self.passed = {}, {}, 0
        self.waiting, self.true_ups = None, []
        self.trued_up = Counter()
        self.in_payment, self.carried, self.settled = Counter(), Counter(), Counter()
        self.last_night = None

    # --- what learning is worth ---

    def rate(self, start):
        return [cents for first, cents in self.rates if first <= start][-1]

    def earned(self, learner, by, whole=False):
        total = 0
        for module in range(learner.modules):
            done = learner.works if whole else min(learner.count(module, by), learner.works)
            total += half_up(self.rate(learner.start) * done, learner.modules * learner.works)
        return total

    def in_year(self, learner):
        return self.year is not None and self.year[0] <= learner.start <= self.year[1]

    # --- the year ---

    def open(self, first, last, before_first, before_last, schedule, on):
        """`schedule`: (day, numerator, denominator)."""
        self.year, self.before, self.schedule = (first, last), (before_first, before_last), schedule
        self.predict(on)

    def predict(self, on):
        prior, whole, new = Counter(), Counter(), Counter()
        for learner in self.learners:
            if self.before[0] <= learner.start <= self.before[1]:
                prior[learner.provider] += self.earned(learner, on)
                whole[learner.provider] += self.earned(learner, on, whole=True)
            if self.in_year(learner):
                new[learner.provider] += self.earned(learner, on, whole=True)
        for provider in set(new) | set(self.predictions):
            top, bottom = (prior[provider], whole[provider]) if whole[provider] else (sum(prior.values()), sum(whole.values()))
            self.predictions[provider] = half_up(top * new[provider], bottom)
            self.advanced.setdefault(provider, [0] * self.passed)

    def planned(self, total):
        parts, left = [], total
        for _, numerator, denominator in self.schedule[:-1]:
            parts.append(min(left, half_up(total * numerator, denominator)))
            left -= parts[-1]
        return [*parts, left]

    def true_up(self, parts):
        self.waiting = self.waiting or parts

    # --- a night ---

    def night(self, on):
        if self.year:
            self._advance(on)
            self._true_up(on)
        payable = Counter()
        for learner in self.learners:
            if not self.in_year(learner):
                payable[learner.provider] += self.earned(learner, on)
        for provider, amounts in self.advanced.items():
            payable[provider] += sum(amounts)
        payable.update(self.trued_up)
        self.payable = payable
        lines = {}
        first = self.last_night is None
        if (first and (on + timedelta(days=1)).day == 1) or (not first and a_month_ends_within(self.last_night, on)):
            for provider in sorted(set(payable) | set(self.carried)):
                new, carried = payable[provider] - self.settled[provider], self.carried[provider]
                if new or carried:
                    lines[provider] = (new, carried, max(new + carried, 0))
                    self.in_payment[provider] += max(new + carried, 0)
                self.carried[provider], self.settled[provider] = min(new + carried, 0), payable[provider]
        self.last_night = on
        self.on_account = {
            provider: sum(amounts) + self.trued_up[provider]
            - sum(self.earned(one, on) for one in self.learners if one.provider == provider and self.in_year(one))
            for provider, amounts in self.advanced_or_earned(on).items()
        }  # fmt: skip
        return lines

    def advanced_or_earned(self, on):
        everybody = {one.provider for one in self.learners if self.in_year(one)} | set(self.advanced)
        return {provider: self.advanced.get(provider, []) for provider in everybody} if self.year else {}

    def _advance(self, on):
        due = sum(day <= on for day, _, _ in self.schedule)
        for provider, total in self.predictions.items():
            plan, paid = self.planned(total), self.advanced[provider]
            for number in range(self.passed, due):
                paid.append(max(sum(plan[: number + 1]) - sum(paid), 0))
        self.passed = max(due, self.passed)

    def _true_up(self, on):
        if self.waiting:
            amounts = {}
            for provider, advanced in self.advanced_or_earned(on).items():
                actual = sum(self.earned(one, on) for one in self.learners if one.provider == provider and self.in_year(one))
                before = sum(found.get(provider, 0) for _, _, found in self.true_ups)
                amounts[provider] = actual - sum(advanced) - before
            self.true_ups.append((on, self.waiting, amounts))
            self.waiting = None
        self.trued_up = Counter()
        for asked_on, parts, amounts in self.true_ups:
            for provider, amount in amounts.items():
                if amount >= 0:
                    self.trued_up[provider] += amount
                    continue
                each = -amount // parts
                months = sum(end_of_month(asked_on, later) <= on for later in range(1, parts)) + 1
                self.trued_up[provider] -= -amount if months == parts else each * months
