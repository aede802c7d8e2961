"""Price facts under a policy file, without a database, with every step."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from funding.calc.engine.evaluate import NotPriced, Priced, price
from funding.calc.engine.facts import FactRefused, read_facts
from funding.calc.engine.words import plain, shown
from funding.management.commands.policy import policy_from


def facts_from(path: str) -> Any:
    """The JSON of a file; numbers with a point are refused before a float could round them. Raises CommandError."""

    def refuse(text: str) -> Any:
        raise CommandError(f'{path}: {text} is a float; write it as text, "{text}", so that nothing rounds it')

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if twice := next((key for place, (key, _) in enumerate(pairs) if key in dict(pairs[:place])), None):
            raise CommandError(f"{path}: {twice!r} is given twice; keep one")
        return dict(pairs)

    try:
        text = Path(path).read_text(encoding="utf-8")
        return json.loads(text, parse_float=refuse, parse_constant=refuse, object_pairs_hook=once)
    except OSError as problem:
        raise CommandError(f"{path} cannot be read: {problem.strerror}") from None
    except (json.JSONDecodeError, UnicodeDecodeError) as problem:
        raise CommandError(f"{path} is no JSON: {problem}") from None


class Command(BaseCommand):
    help = "Price facts under a policy: what is paid to whom, and how each figure came about. Reads no database."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--policy", required=True, metavar="FILE.yaml")
        parser.add_argument("--facts", required=True, metavar="FILE.json")
        parser.add_argument("--json", action="store_true", help="print all of it as JSON")

    def handle(self, *, policy: str, facts: str, json: bool, **options: Any) -> None:
        document = policy_from(policy)
        try:
            priced = price(document, read_facts(document.facts, facts_from(facts)))
        except FactRefused as problem:
            raise CommandError(f"{facts}: {problem}") from None
        except NotPriced as problem:
            raise CommandError(str(problem)) from None
        if json:
            self._print_json(document.sha256, document.currency, priced)
        else:
            self._print(document.currency, priced)

    def _print_json(self, sha256: str, currency: str, priced: Priced) -> None:
        flows = {
            name: [{"line": one.flow.line, "to": one.flow.to, "from": one.flow.source, "amount": shown(one.amount)} for one in money]
            for name, money in (("pays", priced.paid), ("charges", priced.charged))
        }
        answer = {
            "policy_sha256": sha256, "currency": currency, **flows, "total": shown(priced.total), "rounding_rest": shown(priced.rest),
            "lines": {name: plain(value) for name, value in priced.values.items()},
            "trace": [step.as_json() for step in priced.trace],
        }  # fmt: skip
        self.stdout.write(json.dumps(answer))

    def _print(self, currency: str, priced: Priced) -> None:
        for step in priced.trace:
            self.stdout.write(f"- {step.words}\n    {step.arithmetic} = {step.result}")
            if step.citation:
                self.stdout.write(f"    by {step.citation.in_words}")
        for word, money in (("pays", priced.paid), ("charges", priced.charged)):
            for one in money:
                self.stdout.write(f"{word} {shown(one.amount)} {currency} ({one.flow.line}) to {one.flow.to} from {one.flow.source}")
        self.stdout.write(f"total {shown(priced.total)} {currency}")
