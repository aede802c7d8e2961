"""`make pictures`: every page of the learning site over the demonstration's school year, as small pictures and a page of docs.

Each role goes from its first page along every link; of the addresses that one route answers the fullest is pictured, once, by
the first role that comes to it. Needs `make demo SERVE=0` before, and a Chromium on the path.
"""

import base64
import datetime
import os
import re
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import django

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.update(DJANGO_SETTINGS_MODULE="config.settings", DJANGO_ALLOW_ASYNC_UNSAFE="true")
django.setup()

from django.conf import settings  # noqa: E402 - settings are read only now
from django.core.management import call_command  # noqa: E402
from django.urls import Resolver404, resolve  # noqa: E402
from playwright.sync_api import Page, sync_playwright  # noqa: E402

from database import local_servers  # noqa: E402
from demonstration.people_to_sign_in import PASSWORD  # noqa: E402
from pathways.actions.share_summary import share_summary  # noqa: E402
from people.models import Guardianship, User  # noqa: E402
from tests.pages.every_page import PARTS, TABLE  # noqa: E402
from tests.pages.walking import Reading  # noqa: E402

PORT = 8766
SITE = f"http://127.0.0.1:{PORT}"
PICTURES, PAGE = ROOT / "docs" / "pictures", ROOT / "docs" / "pages.md"
# {role: (username in the demonstration, heading)}; "nobody" is not signed in, the student is the guardian's ward.
ROLES = {
    "nobody": ("", "Signing in"),
    "teacher": ("teacher", "Teacher"),
    "student": ("", "Student"),
    "guardian": ("guardian", "Guardian"),
    "counsellor": ("counsellor", "Counsellor"),
    "school_administrator": ("school-admin", "School administrator"),
    "district_administrator": ("district-admin", "District administrator"),
    "provider_staff": ("staff-p01", "A provider's staff"),
}
# (width, height at most, scale): a page's top, and what a reader would scroll to.
SHAPES = ((1280, 1500, 0.6), (390, 1700, 0.75))
SCHEMES = ("light", "dark")
QUALITY = 55
INTRODUCTION = """Each page over the demonstration's school year, at a desk's width (1280 px) and a phone's (390 px), light and
dark; long pages are cut. `make pictures` takes them anew. A page that several roles open stands with the first."""
CANDIDATES, MOST = 5, 160


@dataclass
class Shown:
    """A page as one role sees it; `bytes` of its HTML."""

    role: str
    route: str
    path: str
    title: str
    bytes: int

    @property
    def name(self) -> str:
        words = re.sub(r"<\w+:(\w+)>", r"\1", self.route).replace("/", " ").split()
        return "-".join([self.role, *words]) or self.role


def person(role: str) -> User | None:
    if role == "nobody":
        return None
    if role == "student":
        return Guardianship.objects.get(guardian__username="guardian").student
    if role == "provider_staff":
        return User.objects.filter(roles__kind=role).order_by("pk")[0]
    return User.objects.get(username=ROLES[role][0])


def sign_in(page: Page, user: User) -> None:
    page.goto(f"{SITE}/sign-in/")
    page.fill("main input[type=text]", user.username)
    page.fill("main input[type=password]", PASSWORD)
    page.press("main input[type=password]", "Enter")
    page.wait_for_url(f"{SITE}/")


def serve() -> subprocess.Popen:
    call_command("collectstatic", interactive=False, verbosity=0)
    command = [sys.executable, "-m", "gunicorn", "config.wsgi", "--bind", f"127.0.0.1:{PORT}", "--workers", "2",
               "--no-control-socket", "--log-level", "error"]  # fmt: skip
    server = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "CREDENCE_PROCESS": "learning"}, stderr=subprocess.DEVNULL)
    until = time.monotonic() + 60
    while True:
        try:
            urllib.request.urlopen(f"{SITE}/sign-in/", timeout=5).close()
        except OSError:
            if time.monotonic() > until:
                server.terminate()
                raise
            time.sleep(0.2)
        else:
            return server


def route_of(path: str) -> str | None:
    try:
        return resolve(path, "config.urls_learning").route
    except Resolver404:
        return None


def shared() -> str:
    """The address of a summary that the guardian shares; no page says it a second time."""
    ward = Guardianship.objects.get(guardian__username="guardian")
    now = datetime.datetime.now(datetime.UTC)
    _, token = share_summary(
        student_id=ward.student_id, made_by=ward.guardian_id, shown_name="Sam", days=30, at=now, form_key=f"pictures {now.date()}"
    )
    return f"/shared/{token}/"


def pages_of(page: Page, role: str, wanted: set[str]) -> dict[str, Shown]:
    """{route: the fullest page of it} that the role comes to, of the wanted routes."""
    starts = ["/", *([shared()] if role == "nobody" else []), *(f"/{route}" for route in sorted(wanted) if "<" not in route and route)]
    waiting, seen, visits, found = list(starts), set(starts), 0, {}
    met: dict[str, int] = {}
    while waiting and visits < MOST:
        path = waiting.pop(0)
        route = route_of(urlsplit(path).path)
        if route is None or route not in TABLE or met.get(route, 0) >= CANDIDATES or "get" not in TABLE[route]:
            continue
        answer = page.request.get(SITE + path, max_redirects=0)
        visits += 1
        text = answer.text() if answer.status == 200 and "html" in answer.headers.get("content-type", "") else ""
        if "<main" not in text:
            continue
        met[route] = met.get(route, 0) + 1
        if route in wanted and (route not in found or len(text) > found[route].bytes):
            heading = re.search(r"<h1[^>]*>(.*?)</h1>", text, re.DOTALL)
            title = re.sub(r"<[^>]+>|\s+", " ", heading.group(1)).strip() if heading else path
            found[route] = Shown(role, route, path, title, len(text.encode()))
        for link in sorted(Reading(text).links):
            to = urlsplit(urljoin(path, link))
            if not to.netloc and (address := to.path + (f"?{to.query}" if to.query else "")) not in seen:
                seen.add(address)
                waiting.append(address)
    return found


def take(page: Page, shown: Shown) -> None:
    """The page's pictures, in each shape and scheme."""
    devtools = page.context.new_cdp_session(page)
    for width, tallest, scale in SHAPES:
        for scheme in SCHEMES:
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            page.goto(SITE + shown.path, wait_until="load")
            height = min(tallest, page.evaluate("document.documentElement.scrollHeight"))
            # What sticks to the window's edge stands where the picture ends, not across it.
            page.set_viewport_size({"width": width, "height": height})
            clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": scale}
            wanted = {"format": "webp", "quality": QUALITY, "clip": clip, "captureBeyondViewport": True}
            picture = base64.b64decode(devtools.send("Page.captureScreenshot", wanted)["data"])
            (PICTURES / f"{shown.name}-{width}-{scheme}.webp").write_bytes(picture)
    devtools.detach()


def written(shown: list[Shown], missing: list[str]) -> str:
    """docs/pages.md."""
    lines = ["# The pages of the learning site", "", INTRODUCTION, ""]
    for role, (_, heading) in ROLES.items():
        mine = [one for one in shown if one.role == role]
        if mine:
            lines += [f"## {heading}", ""]
        for one in mine:
            lines += [f"### {one.title}", "", f"`/{one.route}`, {one.bytes / 1000:.0f} KB of HTML", "", "<p>"]
            for width, _, _ in SHAPES:
                for scheme in SCHEMES:
                    lines.append(
                        f'<a href="pictures/{one.name}-{width}-{scheme}.webp"><img src="pictures/{one.name}-{width}-{scheme}.webp" '
                        f'alt="{one.title}, {width} px, {scheme}" width="{320 if width > 1000 else 120}"></a>'
                    )
            lines += ["</p>", ""]
    if missing:
        lines += [
            "## Not pictured",
            "",
            "Pages that no link of the demonstration leads to:",
            "",
            *(f"- `/{one}`" for one in missing),
            "",
        ]
    return "\n".join(lines)


def main() -> None:
    local_servers.ensure_running(settings.BASE_DIR)
    wanted = {route for route, methods in TABLE.items() if methods.get("get")} - PARTS
    shown: list[Shown] = []
    PICTURES.mkdir(exist_ok=True)
    for old in PICTURES.glob("*.webp"):
        old.unlink()
    server = serve()
    try:
        with sync_playwright() as driver:
            from tests.pages.conftest import CHROMIUM, FLAGS, shutil

            executable = next(filter(None, map(shutil.which, CHROMIUM)))
            flags = [*FLAGS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
            browser = driver.chromium.launch(executable_path=executable, args=flags)
            for role in ROLES:
                who = person(role)
                context = browser.new_context()
                page = context.new_page()
                if who:
                    sign_in(page, who)
                found = pages_of(page, role, (wanted | {""}) - {one.route for one in shown if one.route})
                for one in sorted(found.values(), key=lambda one: (one.route != "", one.route)):
                    take(page, one)
                    shown.append(one)
                    print(f"{role}: {one.path}")
                context.close()
            browser.close()
    finally:
        server.terminate()
        server.wait()
    missing = sorted(wanted - {one.route for one in shown})
    PAGE.write_text(written(shown, missing))
    print(f"{len(shown)} pages, {sum(one.stat().st_size for one in PICTURES.glob('*.webp')) / 10**6:.1f} MB; not come to: {missing}")


if __name__ == "__main__":
    main()
