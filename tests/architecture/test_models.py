"""Models: who may point at whom, what is an amount, where a table lives, and that each says what it is."""

import pytest
from django.apps import apps
from django.db import connection, models

from database.firewall import GRANTS, SCHEMA_OF_APP, SCHEMA_OF_TABLE, SIGN_IN_TABLES

OURS = [model for model in apps.get_models(include_auto_created=True) if model.__module__.split(".")[0] in SCHEMA_OF_APP]
# An app points at itself and at those below it; the two at the top never at each other, nor at learning.
MAY_POINT_AT = {
    "people": {"people"},
    "competencies": {"competencies", "people"},
    "enrollments": {"enrollments", "people"},
    "pathways": {"pathways", "enrollments", "competencies", "people"},
    "funding": {"funding"},
    "accountability": {"accountability"},
}
# Tables that no role is granted: written by functions of the owner alone.
GRANTED_TO_NONE = {"people_studentlook", "enrollments_measureuse"}


def relations_of(model):
    return [(field, field.related_model) for field in model._meta.get_fields() if field.is_relation and field.concrete]


def pointing_where_they_may_not(every_model):
    return [
        f"{model._meta.label}.{field.name} -> {target._meta.label}"
        for model in every_model
        for field, target in relations_of(model)
        if target._meta.app_label not in MAY_POINT_AT[model._meta.app_label]
    ]


def test_relations_follow_the_layers_and_none_crosses_the_firewall():
    assert pointing_where_they_may_not(OURS) == []


def test_a_relation_that_crosses_the_firewall_would_be_seen():
    class Planted(models.Model):
        enrollment = models.ForeignKey("enrollments.Enrollment", models.PROTECT)

        class Meta:
            app_label = "funding"

    try:
        assert pointing_where_they_may_not([Planted]) == ["funding.Planted.enrollment -> enrollments.Enrollment"]
    finally:
        del apps.all_models["funding"]["planted"]
        apps.clear_cache()


@pytest.mark.django_db
def test_no_foreign_key_of_the_database_crosses_the_firewall():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.nspname, b.nspname FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid "
            "JOIN pg_class d ON d.oid = k.confrelid JOIN pg_namespace a ON a.oid = c.relnamespace "
            "JOIN pg_namespace b ON b.oid = d.relnamespace WHERE k.contype = 'f'"
        )
        assert {(one, other) for one, other in cursor.fetchall() if one != other} == set()


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_a_model_says_what_it_is(model):
    generated = f"{model.__name__}({', '.join(field.name for field in model._meta.fields)})"
    assert model.__doc__, "no docstring"
    assert model.__doc__ != generated, "only the docstring that Django makes up"
    assert len(model.__doc__.split()) >= 8, "a docstring without substance"


def test_amounts_are_whole_cents_and_nothing_is_a_float():
    for model in OURS:
        for field in model._meta.concrete_fields:
            where = f"{model._meta.label}.{field.name}"
            assert not isinstance(field, models.FloatField | models.DecimalField), where
            if field.name.endswith("_cents"):
                assert isinstance(field, models.BigIntegerField), where
            assert not field.name.startswith(("amount", "cents")) or field.name.endswith("_cents"), where


def test_only_funding_holds_amounts():
    with_amounts = {
        model._meta.app_label for model in OURS if any(field.name.endswith("_cents") for field in model._meta.concrete_fields)
    }
    assert with_amounts == {"funding"}


@pytest.mark.django_db
def test_every_table_lies_in_its_areas_schema_and_no_area_has_another():
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename, schemaname FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')")
        schema_of = dict(cursor.fetchall())
    expected = {
        model._meta.db_table: SCHEMA_OF_TABLE.get(model._meta.db_table, SCHEMA_OF_APP[model._meta.app_label]) for model in OURS
    } | dict.fromkeys(SIGN_IN_TABLES, "learning")
    assert {table: schema for table, schema in schema_of.items() if schema != "public"} == expected
    assert not any(table.startswith(tuple(SCHEMA_OF_APP)) for table, schema in schema_of.items() if schema == "public")


def test_every_table_is_granted_to_someone_or_to_none_on_purpose():
    granted = {relation.split(".")[1] for relations in GRANTS.values() for relation in relations}
    assert {model._meta.db_table for model in OURS} - granted == GRANTED_TO_NONE


@pytest.mark.django_db
def test_money_in_the_database_is_a_bigint_of_cents():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname || '.' || a.attname, format_type(a.atttypid, a.atttypmod) FROM pg_attribute a "
            "JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE n.nspname IN ('learning', 'funding', 'accountability', 'audit') AND c.relkind IN ('r', 'v') AND a.attnum > 0 "
            "AND (a.attname LIKE '%cents%' OR a.atttypid IN ('float4'::regtype, 'float8'::regtype, 'numeric'::regtype))"
        )
        types = dict(cursor.fetchall())
    assert types
    assert set(types.values()) == {"bigint"}
