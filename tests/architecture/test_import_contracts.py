"""The import contracts hold, and each of them fails when an import that it forbids is planted in a copy of the source."""

import configparser
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINT_IMPORTS = Path(sys.executable).with_name("lint-imports")

# {contract: imports that break it, as (module, what it imports)}
BREAKS = {
    "layers": [
        ("people.roles", "enrollments.models"),
        ("enrollments.queries.own_work", "funding.calc.money"),
        ("funding.queries.rows", "accountability.queries"),
        ("accountability.queries", "funding.calc.money"),
        ("database.locks", "people.roles"),
        ("rulebook.load", "database.areas"),
        ("funding.tasks", "config.celery"),
        ("competencies.models", "pathways.models"),
        ("enrollments.access", "pathways.models"),
        ("api", "competencies.models"),
        ("pathways.models", "accountability.queries"),
    ],
    "calculation-is-pure": [
        ("funding.calc.money", "django.conf"),
        ("enrollments.calc.oulad", "django.db"),
        ("rulebook.dated", "psycopg"),
        ("funding.calc.case_price", "celery"),
        ("funding.calc.releasable", "funding.models"),
        ("competencies.calc.planted", "django.db"),
        ("pathways.calc.planted", "competencies.models"),
    ],
    "funding-tables-are-private": [("config.celery", "funding.models")],
    "accountability-tables-are-private": [("config.celery", "accountability.models")],
    "enrollment-tables-are-private": [("config.celery", "enrollments.models")],
    "competency-tables-are-private": [("config.celery", "competencies.models")],
    "pathway-tables-are-private": [("config.celery", "pathways.models")],
    "people-tables-are-shared-within-learning": [("funding.access", "people.models")],
    "judgement-reaches-no-completion": [
        ("competencies.models", "enrollments.models"),
        ("competencies.calc.planted", "pathways.models"),
    ],
    "money-sees-facts-through-views-only": [
        ("funding.queries.rows", "enrollments.models"),
        ("accountability.queries", "enrollments.actions.draw_batch"),
        ("funding.access", "enrollments.access"),
        ("funding.access", "competencies.models"),
        ("accountability.queries", "pathways.models"),
    ],
    "inside-an-app": [
        ("funding.models", "funding.actions.open_run"),
        ("funding.actions.open_run", "funding.views"),
        ("funding.queries.rows", "funding.actions.open_run"),
        ("enrollments.models", "enrollments.access"),
        ("people.actions.appoint", "people.views"),
        ("accountability.models", "accountability.queries"),
        ("funding.something_else", "funding.models"),
    ],
}


def lint(folder, contract=None):
    only = ["--contract", contract] if contract else []
    return subprocess.run([LINT_IMPORTS, "--no-cache", *only], cwd=folder, capture_output=True, text=True)


def contracts():
    settings = configparser.ConfigParser()
    settings.read(ROOT / ".importlinter")
    return settings


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """A copy of the Python source to plant imports in."""
    copy = tmp_path_factory.mktemp("source")
    shutil.copy(ROOT / ".importlinter", copy)
    for package in contracts()["importlinter"]["root_packages"].split():
        shutil.copytree(ROOT / package, copy / package, ignore=lambda folder, names: [
            name for name in names if Path(folder, name).is_file() and not name.endswith(".py")
        ])  # fmt: skip
    return copy


def test_every_contract_holds():
    result = lint(ROOT)
    assert result.returncode == 0, result.stdout


def test_every_contract_has_an_import_that_breaks_it_here():
    assert {name.rpartition(":")[2] for name in contracts() if ":contract:" in name} == set(BREAKS)


@pytest.mark.parametrize(
    ("contract", "module", "imported"), [(contract, *planted) for contract, breaks in BREAKS.items() for planted in breaks]
)
def test_a_contract_fails_when_broken(source, contract, module, imported):
    path = source / f"{module.replace('.', '/')}.py"
    before = path.read_text() if path.exists() else None
    path.write_text((before or "") + f"\nimport {imported}  # planted\n")
    try:
        result = lint(source, contract)
    finally:
        if before is None:
            path.unlink()
        else:
            path.write_text(before)
    assert result.returncode == 1, result.stdout
    assert module in result.stdout
