#!/usr/bin/env python3
"""The command-line door. Starts the local servers where the environment names no others."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.conf import settings
    from django.core.management import execute_from_command_line

    from database import local_servers

    if len(sys.argv) > 1 and not {"help", "--help", "-h", "version", "--version"} & set(sys.argv[1:]):
        local_servers.ensure_running(settings.BASE_DIR, postgres=settings.EMBEDDED_POSTGRES, redis=settings.EMBEDDED_REDIS)
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
