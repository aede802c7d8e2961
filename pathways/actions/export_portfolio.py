"""Export a student's portfolio as one bundle that they can carry away and that reads without a network."""

import datetime
from typing import IO

from database.areas import acting_as
from pathways.exchange.portfolio_bundle import FILES_BYTES, write_bundle
from pathways.exchange.portfolio_page import page_of
from pathways.queries.portfolio import contents_of, portfolio_of


def export_portfolio(*, student_id: int, into: IO[bytes], at: datetime.datetime) -> None:
    """Write the zip into `into`, which can seek. The same state gives the same bytes."""
    with acting_as("area_learning"):
        portfolio, files = portfolio_of(student_id, day=at.date(), files_bytes=FILES_BYTES)
        write_bundle(into, portfolio, page_of(portfolio), contents_of(files))
