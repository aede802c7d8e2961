"""Serving the two sites: two processes of one image, each with its own login and pages."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from django.conf import settings

from demonstration.begun import noted

PORTS = {"learning": 8000, "office": 8001}


def serve(announce: Callable[[dict[str, str]], None]) -> None:
    """Serve both until interrupted. `announce` is called with {site: address} once both are being started."""
    addresses, processes = {}, []
    for site, port in PORTS.items():
        free = _free_port(port)
        addresses[site] = f"http://127.0.0.1:{free}/"
        if free != port:
            addresses[site] += f" (port {port} is taken)"
        command = [sys.executable, "-m", "gunicorn", "config.wsgi", "--bind", f"127.0.0.1:{free}", "--workers", "2",
                   "--no-control-socket", "--log-level", "warning"]  # fmt: skip
        processes.append(subprocess.Popen(command, cwd=settings.BASE_DIR, env={**os.environ, "CREDENCE_PROCESS": site}))
    with ExitStack() as begun:
        for process in processes:
            begun.enter_context(noted(Path(settings.BASE_DIR), process.pid))
        announce(addresses)
        try:
            for process in processes:
                process.wait()
        except KeyboardInterrupt:
            pass
        finally:
            for process in processes:
                process.terminate()
            for process in processes:
                process.wait()


def _free_port(preferred: int) -> int:
    for port in (preferred, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError("No free port on the loopback interface.")
