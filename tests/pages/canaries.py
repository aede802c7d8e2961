"""Amounts that are found wherever they come out: every amount of the funding area becomes a number that begins like no other.

A canary is 7,070,7xx,xxx cents: `plant()` writes one into each amount of each row, `canaries_in(text)` finds them as cents, as
units, and with the separators of any language.
"""

import re

from django.db import connection

BEGINS = "70707"
FIRST = 7_070_700_001
# Between the digits of one number: thousands and decimals as English, Spanish, Swiss, Indian and typographers write them.
SEPARATORS = re.compile("(?<=\\d)[.,'’_ \u00a0\u2009\u202f·](?=\\d)")
CANARY = re.compile(rf"{BEGINS}\d{{3,}}")
IDS = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{32,}", re.IGNORECASE)

_COLUMNS = """
SELECT c.table_name, c.column_name, c.data_type
FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
WHERE c.table_schema = 'funding' AND t.table_type = 'BASE TABLE'
ORDER BY 1, 2
"""
_CHECKS = """
SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE contype = 'c' AND connamespace = 'funding'::regnamespace
"""
# {an amount in a text or in JSON, 370.08 or a member called ..._cents: what stands in its place}
_IN_WORDS = {r"\d+\.\d\d(?!\d)": "70707999.99", r'("\w*cents": )-?\d+': rf"\1{FIRST}"}


def columns_of_money():
    """[(table, column, type)] of whatever holds amounts: every column of cents, and every text or JSON, which may tell one."""
    with connection.cursor() as cursor:
        cursor.execute(_COLUMNS)
        found = cursor.fetchall()
    return [one for one in found if one[1].endswith("_cents") or one[2] in ("text", "jsonb")]


def plant():
    """A canary into every amount of every row of the funding area; {column of cents: how many were planted}.

    The area's guards and checks stand aside: the numbers need not add up, only be found.
    """
    planted = {}
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(_CHECKS)
        for table, name in cursor.fetchall():
            cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
        cursor.execute(f"CREATE TEMPORARY SEQUENCE canary START {FIRST}")
        for table, column, kind in columns_of_money():
            if column.endswith("_cents"):
                cursor.execute(f'UPDATE funding."{table}" SET "{column}" = nextval(\'canary\')')
                planted[f"{table}.{column}"] = cursor.rowcount
            else:
                _plant_in_words(cursor, table, column, kind)
        cursor.execute("DROP SEQUENCE canary")
        cursor.execute("SET LOCAL session_replication_role = origin")
    return planted


def _plant_in_words(cursor, table, column, kind):
    for pattern, canary in _IN_WORDS.items():
        told = f"regexp_replace(\"{column}\"::text, %s, %s, 'g')::{kind}"
        cursor.execute(f'UPDATE funding."{table}" SET "{column}" = {told} WHERE "{column}" IS NOT NULL', [pattern, canary])


def canaries_in(text):
    """The canaries in a text, in whatever form they are printed."""
    told = SEPARATORS.sub("", IDS.sub(" ", text))
    return sorted(set(CANARY.findall(told)))


def printed(number=FIRST + 33):
    """The forms in which one amount might be printed, by whoever prints it."""
    units, cents = divmod(number, 100)
    forms = {str(number), f"{units}.{cents:02}", f"{units},{cents:02}", f"{units:,}", f"{number:,}"}
    for thousands, decimal in ((",", "."), (".", ","), (" ", ","), ("\u00a0", ","), ("\u202f", ","), ("’", "."), ("'", ".")):
        forms.add(f"{units:,}".replace(",", thousands) + f"{decimal}{cents:02}")
    return forms
