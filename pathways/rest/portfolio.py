"""Portfolios out and in, and the placements that one proposes."""

import uuid
from tempfile import SpooledTemporaryFile

from django.http import FileResponse
from django.http.response import HttpResponseBase
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from api.problems import TooLarge
from pathways.actions.decide_placement import decide_placement
from pathways.actions.export_portfolio import export_portfolio
from pathways.actions.import_portfolio import import_portfolio
from pathways.exchange.portfolio_bundle import BUNDLE_BYTES
from pathways.queries.portfolio import placements_of
from pathways.rest import credit_answers as answers
from pathways.rest import credit_bodies as bodies
from pathways.rest.credit_shown import shown_placement
from pathways.rest.plan import OfStudent
from people.access import NotInReach

IN_MEMORY = 4 * 1024 * 1024
AROUND = 64 * 1024  # what a form adds to the file it carries


class PortfolioView(OfStudent):
    """A student's portfolio: one zip with a page that reads offline, JSON and the files of the evidence."""

    scopes = {"get": "record.read", "post": "record.evidence"}
    takes = {"post": bodies.Bundle}
    gives = {"post": answers.ArrivalOut}
    parser_classes = [MultiPartParser]

    def get(self, request: Request, student: uuid.UUID) -> HttpResponseBase:
        """The bundle as a download (application/zip)."""
        found = self.who("export_portfolio", student)
        into = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - the answer owns it from here on
        export_portfolio(student_id=found.id, into=into, at=self.at)
        into.seek(0)
        answer = FileResponse(into, as_attachment=True, filename="portfolio.zip", content_type="application/zip")
        answer["Cache-Control"] = "no-store"
        answer["X-Content-Type-Options"] = "nosniff"
        return answer

    def post(self, request: Request, student: uuid.UUID) -> Response:
        """Take in the bundle of another school: its evidence is recorded, and placements are proposed for a person to decide."""
        found = self.who("bring_portfolio", student)
        announced = str(request.META.get("CONTENT_LENGTH") or "")
        if announced.isdecimal() and int(announced) > BUNDLE_BYTES + AROUND:
            raise TooLarge
        bundle = self.taken()["bundle"].read(BUNDLE_BYTES + 1)
        arrived = import_portfolio(bundle=bundle, student_id=found.id, brought_by=self.person_id, at=self.at)
        said = {
            "uuid": arrived.arrival.uuid,
            "issuer": arrived.arrival.issuer,
            "new": arrived.new,
            "evidence": arrived.evidence,
            "placements": len(arrived.placements),
            "warnings": list(arrived.warnings),
        }
        return Response(said, status=201)


class PlacementsView(OfStudent):
    """What arrived portfolios propose for a student, with each decision."""

    scopes = {"get": "record.read"}
    gives = {"get": answers.PlacementOut(many=True)}
    paged = ("get",)

    def get(self, request: Request, student: uuid.UUID) -> Response:
        found = self.who("read_credit", student)
        return self.cursor().page_of(placements_of(found.id), ["id"], shown_placement)


class PlacementDecisionView(OfStudent):
    """Confirm a placement, as a judgement of kind transfer; or refuse it with a note."""

    scopes = {"post": "record.credit"}
    takes = {"post": bodies.Decision}
    gives = {"post": answers.PlacementOut}

    def post(self, request: Request, student: uuid.UUID, placement: uuid.UUID) -> Response:
        found = self.who("decide_placement", student)
        row = placements_of(found.id).filter(uuid=placement).first()
        if row is None:
            raise NotInReach("There is no such placement.")
        taken = self.taken()
        decide_placement(
            placement_id=row.pk,
            confirm=taken["confirm"],
            rank=taken.get("rank"),
            note=taken.get("note", ""),
            decided_by=self.person_id,
            at=self.at,
        )
        return Response(shown_placement(placements_of(found.id).get(pk=row.pk)), status=201)
