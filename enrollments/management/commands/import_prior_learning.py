"""manage.py import_prior_learning FILE.csv --catalogue CODE --attested-by USERNAME: what was attested at entry."""

from enrollments.management.attested_import import AttestedImport


class Command(AttestedImport):
    help = "Import what was attested at entry of what a student brought along or has ahead."
    fact = "prior_learning"
