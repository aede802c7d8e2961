"""The OpenAPI description: open to all, complete, and each operation in words."""

import pytest

from tests.api.test_who_may import ROUTES

pytestmark = pytest.mark.urls("config.urls_learning")


@pytest.fixture(scope="module")
def described():
    from drf_spectacular.drainage import GENERATOR_STATS
    from drf_spectacular.generators import SchemaGenerator

    GENERATOR_STATS.reset()
    paths = SchemaGenerator(urlconf="config.urls_learning").get_schema(public=True)["paths"]
    assert not GENERATOR_STATS, "two components with one name, or a view that could not be read: see manage.py spectacular"
    return paths


def operations(described):
    return [(path, method, said) for path, methods in described.items() for method, said in methods.items()]


def test_every_address_is_in_the_description(described):
    plain = {route.replace("<uuid:", "{").replace("<int:", "{").replace(">", "}") for route in ROUTES}
    undescribed = {"schema", "<path:rest}"}
    assert {path.removeprefix("/api/v1/") for path in described} == plain - undescribed


def test_every_operation_says_in_words_what_it_does_and_asks_for_a_scope(described):
    silent = [
        (path, method)
        for path, method, said in operations(described)
        if len(said["description"].split()) < 3 or ("Scope:" not in said["description"] and path != "/api/v1/completions")
    ]
    assert silent == []


def test_every_operation_tells_its_problems_and_a_write_takes_a_key(described):
    for path, method, said in operations(described):
        assert {"400", "401", "403", "404", "409", "422"} <= set(said["responses"]), path
        headers = {one["name"] for one in said.get("parameters", []) if one["in"] == "header"}
        assert ("Idempotency-Key" in headers) == (method != "get" and path != "/api/v1/completions"), path


def test_the_intake_takes_lines_and_a_document_from_a_provider(described):
    intake = described["/api/v1/completions"]["post"]
    assert set(intake["requestBody"]["content"]) == {"application/json", "application/x-ndjson"}
    assert intake["security"] == [{"providerToken": []}]
