"""A shard of the night, measured and priced by the night's own statements; nothing of it is posted here."""

from typing import Any

from django.db.backends.utils import CursorWrapper

from funding.actions.measure_shard import measure_shard
from funding.actions.price_cases import price_cases
from funding.calc.engine.document import Document, read_document
from funding.calc.engine.recorded import Reads, reads
from funding.models import PolicyVersion, Run


class Shards:
    """The policies of a run, read once, over its shards."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._versions = list(PolicyVersion.objects.filter(program=run.program).order_by("in_force_from"))
        self._policies: dict[int, Document] = {v.pk: read_document(v.content, "bench") for v in self._versions}
        self._reads: dict[int, Reads] = {version: reads(policy) for version, policy in self._policies.items()}

    def values(self, number: int) -> dict[str, Any]:
        run = self._run
        return {
            "run": run.pk, "shard": number, "program": run.program_id, "on": run.business_date, "through_batch": run.through_batch,
        }  # fmt: skip

    def measure(self, cursor: CursorWrapper, number: int) -> None:
        measure_shard(cursor=cursor, values=self.values(number), program=self._run.program, versions=self._versions, reads=self._reads)

    def price(self, cursor: CursorWrapper) -> None:
        price_cases(cursor=cursor, program=self._run.program, policies=self._policies, reads=self._reads)
