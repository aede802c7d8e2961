"""manage.py import_needs FILE.csv --catalogue CODE --attested-by USERNAME: categories of need from a file (docs/formats.md)."""

from enrollments.management.attested_import import AttestedImport


class Command(AttestedImport):
    help = "Import categories of need of enrollments on file, from a day on and until a day."
    fact = "needs"
