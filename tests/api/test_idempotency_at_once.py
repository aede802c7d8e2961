"""The same write from six at once, with real commits."""

import threading

import pytest
from django.db import connection
from django.test import Client

from people.models import Organization, User
from tests.api.test_record_view import bearer, post

pytestmark = pytest.mark.urls("tests.api.test_record_view")


def test_the_same_crossing_requests_have_one_effect_and_one_answer(committed_db):
    token = bearer(User.objects.create_user("person"), "roster.write")
    answers = []

    def send():
        try:
            answers.append(post(Client(), {"code": "A"}, **token, **{"Idempotency-Key": "one"}).json())
        finally:
            connection.close()

    senders = [threading.Thread(target=send) for _ in range(6)]
    for one in senders:
        one.start()
    for one in senders:
        one.join()
    assert "id" in answers[0]
    assert answers == [answers[0]] * 6
    assert Organization.objects.count() == 1
