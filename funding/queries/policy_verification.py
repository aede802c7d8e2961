"""Released policies held against what was drafted and approved, by plain questions and not by the guards that let them in."""

from collections.abc import Iterator

from funding.models import Program
from funding.queries.finding import Finding
from funding.queries.rows import rows

# A draft begins after the last revision that was released before.
_VERSIONS = """
    WITH released AS (
        SELECT v.id, r.id AS revision, r.number, r.content_sha256,
               (v.content, v.content_sha256, v.in_force_from) = (r.content, r.content_sha256, r.in_force_from)
               AND r.program_code = p.code AND v.content_sha256 = encode(sha256(convert_to(v.content, 'UTF8')), 'hex') AS alike,
               lag(r.number, 1, 0) OVER (ORDER BY r.number) AS since
        FROM funding_policyversion v JOIN funding_program p ON p.id = v.program_id
        LEFT JOIN funding_policyrevision r ON r.id = v.revision_id WHERE v.program_id = %(program)s)
    SELECT v.id, v.alike IS TRUE AS alike,
           (SELECT count(DISTINCT a.approved_by) FROM funding_policyapproval a
            WHERE a.revision_id = v.revision AND a.content_sha256 = v.content_sha256
              AND a.approved_by NOT IN (SELECT w.written_by FROM funding_policyrevision w
                                        WHERE w.program_code = %(code)s AND w.number > v.since AND w.number <= v.number)) AS approvals
    FROM released v ORDER BY v.id
"""


def policy_findings(*, program: Program) -> Iterator[Finding]:
    """Every released version that is not what was drafted, or that two people who wrote none of it have not approved."""
    for row in rows(_VERSIONS, {"program": program.pk, "code": program.code}):
        if not row["alike"]:
            yield Finding("policy", f"policy version {row['id']}", "its text is not the one that was approved")
        elif row["approvals"] < 2:
            problem = f"{row['approvals']} people approved it who wrote none of its draft, and two have to"
            yield Finding("policy", f"policy version {row['id']}", problem)
