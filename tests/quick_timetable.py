"""The timetable with its minute made a second, for tests of a real beat."""

from config.celery import app

app.conf.beat_schedule["sweep-the-nights"]["schedule"] = 1.0
