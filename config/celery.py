"""The Celery application and its whole timetable.

Redis only rings the bell. What is due stands in PostgreSQL, and `sweep` finds it there, so an empty or lost
broker delays a night by one tick and loses nothing. A worker that loses its broker at a bad moment can end over it
(kombu 5.7): whatever starts the workers has to start them again.
"""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("credence")
app.conf.update(
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    task_ignore_result=True,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    task_time_limit=3000,
    task_serializer="json",
    accept_content=["json"],
    timezone="UTC",
    # A queue a login: a worker only ever holds the rights of its own area.
    task_routes={"funding.*": {"queue": "funding"}, "accountability.*": {"queue": "accountability"}},
    task_default_queue="funding",
    # Beat keeps nothing between two lives: the sweep asks the tables what is due, so there is nothing to remember,
    # and no file to be cut short, left behind or owned by another.
    beat_scheduler="celery.beat:Scheduler",
    beat_schedule={
        "sweep-the-nights": {"task": "funding.sweep", "schedule": 60.0, "options": {"expires": 55}},
    },
)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["funding"])
