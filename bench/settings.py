"""The project's settings on the bench's own cluster; CREDENCE_BENCH_DATABASE picks the database."""

import os

from bench import cluster
from config.settings import *  # noqa: F403
from config.settings import PROCESS, SEARCH_PATH

DATABASES = {"default": cluster.database_settings(f"credence_{PROCESS}", os.environ.get("CREDENCE_BENCH_DATABASE", "credence"))}
DATABASES["default"]["OPTIONS"]["options"] = f"-c search_path={SEARCH_PATH} -c timezone=UTC -c jit=off"
