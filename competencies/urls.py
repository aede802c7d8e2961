"""Paths of the learning record's API, below /api/v1/, and of the learning site's pages of frameworks."""

from django.urls import path

from competencies.rest import frameworks
from competencies.rest.evidence import EvidenceFileView, EvidenceListView, EvidenceVersionsView, FileToRateView
from competencies.rest.judging import CriterionEndView, IndividualCriteriaView, JudgmentsView, WithdrawalView
from competencies.rest.ratings import (
    AnchorRatingsView,
    AnchorsView,
    AskSecondRatingView,
    RaterFiguresView,
    SecondRatingsView,
    SecondRatingView,
)
from competencies.rest.record import ExplanationView, LevelsView, StudentLevelsView, StudentsView
from competencies.rest.scales import ScalePreviewView, ScalesView, ScaleVersionsView, ScaleView
from competencies.views.bring import bring_page
from competencies.views.frameworks import framework_page, frameworks_page

STUDENT = "students/<uuid:student>"

urlpatterns = [
    path("frameworks", frameworks.FrameworksView.as_view(), name="api_frameworks"),
    path("frameworks/<uuid:framework>", frameworks.FrameworkView.as_view(), name="api_framework"),
    path("frameworks/<uuid:framework>/package", frameworks.FrameworkPackageView.as_view(), name="api_framework_package"),
    path("frameworks/<uuid:framework>/prerequisites", frameworks.PrerequisitesView.as_view(), name="api_prerequisites"),
    path("competencies/<uuid:competency>", frameworks.CompetencyView.as_view(), name="api_competency"),
    path("rubric-levels/<uuid:level>/samples", frameworks.SamplesView.as_view(), name="api_samples"),
    path("students", StudentsView.as_view(), name="api_students"),
    path("levels", LevelsView.as_view(), name="api_levels"),
    path(f"{STUDENT}/levels", StudentLevelsView.as_view(), name="api_student_levels"),
    path(f"{STUDENT}/levels/<uuid:competency>", ExplanationView.as_view(), name="api_explanation"),
    path("judgments", JudgmentsView.as_view(), name="api_judgments"),
    path(f"{STUDENT}/judgments/<int:number>/withdrawal", WithdrawalView.as_view(), name="api_withdrawal"),
    path(f"{STUDENT}/judgments/<int:number>/second-ratings", AskSecondRatingView.as_view(), name="api_ask_second_rating"),
    path(f"{STUDENT}/individual-criteria", IndividualCriteriaView.as_view(), name="api_individual_criteria"),
    path(f"{STUDENT}/individual-criteria/end", CriterionEndView.as_view(), name="api_individual_criterion_end"),
    path(f"{STUDENT}/evidence", EvidenceListView.as_view(), name="api_evidence"),
    path(f"{STUDENT}/evidence/<uuid:evidence>/versions", EvidenceVersionsView.as_view(), name="api_evidence_versions"),
    path(f"{STUDENT}/evidence/<uuid:evidence>/versions/<int:number>/file", EvidenceFileView.as_view(), name="api_evidence_file"),
    path("scales", ScalesView.as_view(), name="api_scales"),
    path("scales/<uuid:scale>", ScaleView.as_view(), name="api_scale"),
    path("scales/<uuid:scale>/preview", ScalePreviewView.as_view(), name="api_scale_preview"),
    path("scales/<uuid:scale>/versions", ScaleVersionsView.as_view(), name="api_scale_versions"),
    path("second-ratings", SecondRatingsView.as_view(), name="api_second_ratings"),
    path("second-ratings/<uuid:rating>", SecondRatingView.as_view(), name="api_second_rating"),
    path(
        "second-ratings/<uuid:rating>/evidence/<uuid:evidence>/versions/<int:number>/file",
        FileToRateView.as_view(),
        name="api_file_to_rate",
    ),
    path("anchors", AnchorsView.as_view(), name="api_anchors"),
    path("anchors/<uuid:anchor>/ratings", AnchorRatingsView.as_view(), name="api_anchor_ratings"),
    path("rater-figures", RaterFiguresView.as_view(), name="api_rater_figures"),
]
pages = [
    path("frameworks/", frameworks_page, name="frameworks"),
    path("frameworks/bring/", bring_page, name="bring_framework"),
    path("frameworks/<uuid:framework>/", framework_page, name="framework"),
]
