"""The progress bar of the imports: bytes read, on the terminal's error stream; silent where there is no terminal."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn


@contextmanager
def reading(sizes: Mapping[str, int]) -> Iterator[Callable[[str, int], None]]:
    """Gives `advance(file, bytes read)`; the bar's end is the sum of `sizes`, {file: bytes}."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task("Reading", total=sum(sizes.values()))
        at: dict[str, int] = {}

        def advance(file: str, position: int) -> None:
            at[file] = position
            progress.update(task, completed=sum(at.values()), description=f"Reading {file}")

        yield advance
