"""manage.py import_milestones FILE.csv --catalogue CODE --attested-by USERNAME: attested milestones from a file (docs/formats.md)."""

from enrollments.management.attested_import import AttestedImport


class Command(AttestedImport):
    help = "Import attested milestones: outcomes that a program pays on by law."
    fact = "milestones"
