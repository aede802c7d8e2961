"""What a person does on the pages, one request at a time, as a browser sends it; each answer is timed."""

import http.client
import json
import random
import re
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from bench.crowded_class import STUDENTS, TODAY, Visitor

CSRF = "c" * 32
PATIENCE = 60
ROWS, SAVED_AT_ONCE, LEVELS = 50, 30, 4
_ROW = re.compile(r'<tr data-student="([0-9a-f-]{36})".*?</tr>', re.DOTALL)
_CELL = re.compile(r"<td([^>]*)>")
_MARK = re.compile(r'data-mark="([^"]*)"')
_ACCOUNT = re.compile(r'data-account="([^"]*)"')
_COLUMN = re.compile(r'<th scope="col"[^>]* data-competency="([0-9a-f-]{36})"')


@dataclass(frozen=True)
class Answer:
    kind: str
    status: int
    seconds: float
    bytes: int
    said: str


@dataclass(frozen=True)
class Edit:
    """A level that was answered as saved."""

    by: int
    student: str
    competency: str
    level: int


class Browser:
    """Asks the site as whoever holds the session; keeps no connection, since gunicorn's workers keep none."""

    def __init__(self, port: int, session: str) -> None:
        self.port = port
        self.headers = {
            "Host": "127.0.0.1",
            "Cookie": f"learning_session={session}; learning_csrf={CSRF}",
            "X-CSRFToken": CSRF,
            "Accept-Language": "en",
        }

    def ask(self, kind: str, path: str, sent: object = None) -> Answer:
        begun = time.perf_counter()
        try:
            asked = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
            if sent is None:
                asked.request("GET", path, headers=self.headers)
            else:
                asked.request("POST", path, json.dumps(sent), {**self.headers, "Content-Type": "application/json"})
            answer = asked.getresponse()
            content = answer.read()
            asked.close()
            status = answer.status
        except OSError as fault:
            status, content = 0, str(fault).encode()
        return Answer(kind, status, time.perf_counter() - begun, len(content), content.decode(errors="replace"))

    def wait_until_served(self) -> None:
        """Until the site answers at all; it has a minute."""
        until = time.monotonic() + 60
        while self.ask("start", "/sign-in/").status != 200:
            if time.monotonic() > until:
                raise TimeoutError("The site has not come up.")
            time.sleep(0.2)


class Visit:
    """One person's rounds; `edited` are the edits that were answered as saved. Without `edits` nothing is saved."""

    def __init__(self, browser: Browser, visitor: Visitor, section: uuid.UUID, chance: random.Random, *, edits: bool) -> None:
        self.browser, self.visitor, self.section, self.chance, self.edits = browser, visitor, section, chance, edits
        self.edited: list[Edit] = []
        pages = STUDENTS // ROWS
        # Each page of each own column once, so that each edit is of a cell of its own.
        self.left = [(column, page) for column in visitor.columns for page in range(1, pages + 1)]
        chance.shuffle(self.left)

    def round(self) -> Iterator[Answer]:
        rounds = {"teacher": self._teach, "student": self._learn, "guardian": self._guard, "counsellor": self._counsel}
        yield from rounds[self.visitor.role]()

    def _student(self) -> uuid.UUID:
        return self.chance.choice(self.visitor.students)

    def _teach(self) -> Iterator[Answer]:
        yield self.browser.ask("teacher's home", "/")
        for _ in range(3):
            column, page = self.left.pop() if self.edits and self.left else (self.visitor.columns[0], self.chance.randint(1, 10))
            grid = self.browser.ask("class grid, 50 of 500 x 60", f"/classes/{self.section}/?page={page}")
            yield grid
            if self.edits and grid.status == 200:
                yield self._save(grid.said, column)
            cell = f"/classes/{self.section}/cells/{self._student()}/{column}/"
            yield self.browser.ask("cell opened", cell)
        yield self.browser.ask("inbox", "/inbox/")
        yield self.browser.ask("plan", f"/students/{self._student()}/plan/")

    def _save(self, page: str, column: uuid.UUID) -> Answer:
        """The first thirty cells of a column, as the grid's script sends them."""
        place = _COLUMN.findall(page).index(str(column))
        account = _ACCOUNT.search(page)
        cells = []
        for row in list(_ROW.finditer(page))[:SAVED_AT_ONCE]:
            mark = _MARK.search(_CELL.findall(row.group(0))[place])
            cells.append({
                "student": row.group(1), "competency": str(column), "level": self.chance.randint(1, LEVELS),
                "worked_on": TODAY.date().isoformat(), "seen": mark.group(1) if mark else "", "key": str(uuid.uuid4()),
            })  # fmt: skip
        sent = {"account": account.group(1) if account else "", "cells": cells}
        answer = self.browser.ask("30 cells saved", f"/classes/{self.section}/judgements/", sent)
        if answer.status == 200:
            for cell, told in zip(cells, json.loads(answer.said)["cells"], strict=True):
                if not told["saved"]:
                    return Answer(answer.kind, 409, answer.seconds, answer.bytes, f"not saved: {told}")
                self.edited.append(Edit(self.visitor.user_id, cell["student"], str(column), cell["level"]))
        return answer

    def _learn(self) -> Iterator[Answer]:
        yield self.browser.ask("student's home", "/")
        yield self.browser.ask("plan", "/plan/")
        own = self.visitor.students[0]
        for _ in range(2):
            yield self.browser.ask("competency of a plan", f"/students/{own}/plan/{self.chance.choice(self.visitor.columns)}/")
        yield self.browser.ask("credit", f"/students/{own}/plan/credit/")

    def _guard(self) -> Iterator[Answer]:
        yield self.browser.ask("guardian's home", "/")
        yield self.browser.ask("summary to print", f"/students/{self.visitor.students[0]}/plan/summary/")

    def _counsel(self) -> Iterator[Answer]:
        yield self.browser.ask("counsellor's home", "/")
        yield self.browser.ask("plan", f"/students/{self._student()}/plan/")
