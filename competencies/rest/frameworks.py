"""Frameworks: the list, one framework's tree, one competency with all that is stated about it; and bringing them."""

import uuid
from collections.abc import Mapping
from typing import IO, Any

from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework import serializers
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response

from api.problems import NotFound
from api.views import RecordView
from competencies.access import require_role
from competencies.actions.add_sample_work import add_sample_work
from competencies.actions.import_framework import import_package
from competencies.actions.import_prerequisites import import_prerequisites
from competencies.exchange.bounded_json import LARGEST_BYTES
from competencies.exchange.case_writer import write_package
from competencies.exchange.prerequisites_csv import PrerequisiteRow
from competencies.models import Framework, RubricCriterion
from competencies.queries.framework_package import package_of
from competencies.queries.frameworks import (
    Node,
    Tie,
    associations_of,
    competencies_by_uuid,
    earlier_wordings,
    framework_by_uuid,
    framework_tree,
    frameworks,
    rubric_lines_of,
)


class _FileBody(BaseParser):
    """The body as the file that it is, at most one byte more than is taken."""

    def parse(self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        return SimpleUploadedFile("framework", stream.read(LARGEST_BYTES + 1))


class PackageBody(_FileBody):
    media_type = "application/json"


class TableBody(_FileBody):
    media_type = "text/csv"


class GzipBody(_FileBody):
    media_type = "application/gzip"


class FrameworkOut(serializers.Serializer[Any]):
    """A framework and how many competencies it has."""

    uuid = serializers.UUIDField()
    title = serializers.CharField()
    creator = serializers.CharField()
    version = serializers.CharField()
    adoption_status = serializers.CharField()
    licence = serializers.CharField()
    scale = serializers.CharField(help_text="the code of its mastery scale")
    in_use = serializers.IntegerField()
    retired = serializers.IntegerField()


class CompetencyOut(serializers.Serializer[Any]):
    """A competency. Grades: -1 is pre-kindergarten, 0 kindergarten, 1 to 12; null where its publisher names none."""

    uuid = serializers.UUIDField()
    code = serializers.CharField()
    statement = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    item_type = serializers.CharField()
    kind = serializers.CharField()
    lowest_grade = serializers.IntegerField(allow_null=True)
    highest_grade = serializers.IntegerField(allow_null=True)
    retired = serializers.BooleanField()


class TreeItemOut(CompetencyOut):
    """A competency at its place, from top to bottom; `depth` 0 and no parents: right under the framework."""

    depth = serializers.IntegerField()
    parents = serializers.ListField(child=serializers.UUIDField())


class TreeOut(serializers.Serializer[Any]):
    """A framework with its competencies in the order of its tree."""

    uuid = serializers.UUIDField()
    title = serializers.CharField()
    creator = serializers.CharField()
    version = serializers.CharField()
    adoption_status = serializers.CharField()
    licence = serializers.CharField()
    scale = serializers.CharField()
    competencies = TreeItemOut(many=True)


class TreeQuery(serializers.Serializer[Any]):
    with_retired = serializers.BooleanField(default=False, help_text="retired competencies too")


class BringQuery(serializers.Serializer[Any]):
    dry_run = serializers.BooleanField(default=False, help_text="only tell what would change")
    kind = serializers.ChoiceField(("academic", "lifelong"), default="academic", help_text="of a framework that is new here")
    title = serializers.CharField(default="", max_length=300, help_text="a table's framework: its title")
    framework = serializers.UUIDField(default=None, allow_null=True, help_text="a table's framework: its identifier")


class PairIn(serializers.Serializer[Any]):
    prerequisite = serializers.CharField(max_length=200, help_text="code or identifier")
    competency = serializers.CharField(max_length=200, help_text="code or identifier")


class PairsIn(serializers.Serializer[Any]):
    pairs = serializers.ListField(child=PairIn(), max_length=20_000)
    replace = serializers.BooleanField(default=False, help_text="the list is whole: uploaded pairs that it does not name are retired")
    dry_run = serializers.BooleanField(default=False)


class SampleIn(serializers.Serializer[Any]):
    title = serializers.CharField(max_length=200)
    address = serializers.URLField(max_length=500, default="", allow_blank=True)
    text = serializers.CharField(max_length=50_000, default="", allow_blank=True)


class FrameworksView(RecordView):
    """Every framework on file, by title."""

    scopes = {"get": "frameworks.read", "post": "frameworks.write"}
    asks = {"post": BringQuery}
    gives = {"get": FrameworkOut(many=True)}
    paged = ("get",)
    parser_classes = [PackageBody, TableBody, GzipBody]

    def get(self, request: Request) -> Response:
        require_role("read_frameworks", self.held)
        return self.cursor().page(sorted(frameworks(), key=_place), key=_place, show=_framework_row)

    def post(self, request: Request) -> Response:
        """Bring a framework: a CASE package as application/json, a table as text/csv, either as application/gzip.

        Answers what was added, changed, retired and refused; with `dry_run`, what would be.
        """
        require_role("bring_frameworks", self.held)
        asked = self.asked()
        content = request.data.read() if isinstance(request.data, SimpleUploadedFile) else b""
        changes = import_package(
            content=content,
            brought_by=self.person_id,
            at=self.at,
            apply=not asked["dry_run"],
            kind=asked["kind"],
            title=asked["title"],
            framework=asked["framework"],
        )
        return Response(changes.as_json(), status=201 if changes.applied else 200)


class _OfFramework(RecordView):
    """An endpoint below one framework."""

    def framework(self, identifier: uuid.UUID) -> Framework:
        found = framework_by_uuid(identifier)
        if found is None:
            raise NotFound
        return found


class FrameworkView(_OfFramework):
    """A framework with its competencies in the order of its tree."""

    scopes = {"get": "frameworks.read"}
    asks = {"get": TreeQuery}
    gives = {"get": TreeOut}

    def get(self, request: Request, framework: uuid.UUID) -> Response:
        require_role("read_frameworks", self.held)
        found = self.framework(framework)
        tree = framework_tree(found, with_retired=self.asked()["with_retired"])
        items = [_competency(one.node) | {"depth": one.node.depth, "parents": one.parents} for one in tree]
        return Response(_about(found) | {"competencies": items})


class FrameworkPackageView(_OfFramework):
    """A framework as a CASE package, as it was last stated; its licence says what may be done with it."""

    scopes = {"get": "frameworks.read"}

    def get(self, request: Request, framework: uuid.UUID) -> Response:
        require_role("read_frameworks", self.held)
        package, stamped = package_of(self.framework(framework))
        return Response(write_package(package, stamped=stamped))


class PrerequisitesView(_OfFramework):
    """Which competency of a framework comes before which, where its publisher does not say."""

    scopes = {"post": "frameworks.write"}
    takes = {"post": PairsIn}

    def post(self, request: Request, framework: uuid.UUID) -> Response:
        require_role("bring_frameworks", self.held)
        found, fields = self.framework(framework), self.taken()
        rows = [PrerequisiteRow(f"/pairs/{number}", **pair) for number, pair in enumerate(fields["pairs"])]
        done = import_prerequisites(
            framework=found.uuid, rows=rows, at=self.at, apply=not fields["dry_run"], replace=fields["replace"]
        )
        told = {name: getattr(done, name) for name in ("added", "returned", "unchanged", "retired")}
        refused = [{"pointer": one.where, "detail": one.detail} for one in done.refused]
        return Response(told | {"refused": refused}, status=200 if fields["dry_run"] else 201)


class CompetencyView(RecordView):
    """A competency with what is stated about it, its rubric with sample work, and what it said before."""

    scopes = {"get": "frameworks.read"}
    gives = {"get": CompetencyOut}

    def get(self, request: Request, competency: uuid.UUID) -> Response:
        require_role("read_frameworks", self.held)
        node = competencies_by_uuid([competency]).get(competency)
        if node is None:
            raise NotFound
        return Response(
            _competency(node)
            | {
                "associations": [_tie(one) for one in associations_of(node.uuid)],
                "rubric": [_line(one) for one in rubric_lines_of(node.id)],
                "earlier": [
                    {"code": one["code"], "statement": one["statement"], "until": one["arrival__recorded_at"].date()}
                    for one in earlier_wordings(node.id)
                ],
            }
        )


class SamplesView(RecordView):
    """Sample work of a rubric's level."""

    scopes = {"post": "frameworks.write"}
    takes = {"post": SampleIn}

    def post(self, request: Request, level: uuid.UUID) -> Response:
        """Add a sample, at an address or as text. Name no student in it: everybody may read it."""
        require_role("bring_frameworks", self.held)
        sample = add_sample_work(level=level, **self.taken())
        return Response({"title": sample.title, "address": sample.address, "text": sample.text}, status=201)


def _place(row: dict[str, Any]) -> tuple[str, str]:
    return row["title"], str(row["uuid"])


def _framework_row(row: dict[str, Any]) -> dict[str, Any]:
    return {**{name: value for name, value in row.items() if name != "scale_code"}, "scale": row["scale_code"]}


def _about(framework: Framework) -> dict[str, Any]:
    named = ("uuid", "title", "creator", "version", "adoption_status", "licence")
    return {name: getattr(framework, name) for name in named} | {"scale": framework.scale.code}


def _competency(node: Node) -> dict[str, Any]:
    named = ("uuid", "code", "statement", "label", "item_type", "kind", "retired")
    lowest, highest = node.grades
    return {name: getattr(node, name) for name in named} | {"lowest_grade": lowest, "highest_grade": highest}


def _tie(tie: Tie) -> dict[str, Any]:
    """`direction`: "to" where the competency is the origin ("it KIND other"), "from" where it is the destination."""
    return {
        "kind": tie.kind,
        "direction": "to" if tie.outward else "from",
        "other": tie.other,
        "title": tie.title,
        "local": tie.local,
        "competency": _competency(tie.node) if tie.node else None,
    }


def _line(line: RubricCriterion) -> dict[str, Any]:
    levels = [
        {
            "uuid": level.uuid,
            "level": level.rank,
            "quality": level.quality,
            "description": level.description,
            "samples": [{"title": one.title, "address": one.address, "text": one.text} for one in level.samples.all()],
        }
        for level in line.levels.all()
    ]
    return {"rubric": line.rubric.title, "criterion": line.description, "levels": levels}
