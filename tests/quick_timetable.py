"""The timetable with its minute made a tenth of a second, for tests of a real beat."""

from config.celery import app

app.conf.beat_schedule["sweep-the-nights"]["schedule"] = 0.1
