"""The page of a simulation, which stands alone as a file: accessible and in bounds at every width, light and dark."""

from pathlib import Path

from django.core.management import call_command

PACKS = Path(__file__).parents[2] / "funding" / "packs"
ROWS = """provider,district,count,start_of_learning,credit,assigned,completed,low_income,special_education,passed
P1,D1,12345,2025-09-01,1/4,6,3,true,,true
P1,a-district-whose-code-is-as-long-as-codes-are-allowed-to-be-in-a-file,9999,2025-09-01,1/4,6,6,,,
P2,,2,2025-09-01,1/4,6,6,true,true,true
"""


def test_the_page_is_accessible_and_stays_in_bounds_light_and_dark(browser, axe, tmp_path, capsys):
    facts, file = tmp_path / "learning.csv", tmp_path / "report.html"
    facts.write_text(ROWS)
    base, *against = (str(PACKS / f"{name}.yaml") for name in ("completion", "milestone", "need-weighted"))
    call_command("simulate", policy=base, against=against, facts=str(facts), html=str(file))
    for scheme in ("light", "dark"):
        context = browser.new_context(color_scheme=scheme)
        page = context.new_page()
        page.goto(file.as_uri())
        for width in (1280, 390, 320):
            page.set_viewport_size({"width": width, "height": 900})
            assert axe(page) == [], (scheme, width)
            assert not page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"), (scheme, width)
        context.close()
