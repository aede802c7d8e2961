"""The API's paths of plans, credit and portfolios. All below /api/v1/."""

from django.urls import path

from pathways.rest import credit, plan, portfolio

urlpatterns = [
    path("students/<uuid:student>/plan", plan.PlanView.as_view(), name="api_plan"),
    path("students/<uuid:student>/plan/choices", plan.ChoicesView.as_view(), name="api_plan_choices"),
    path("students/<uuid:student>/plan/goals", plan.GoalsView.as_view(), name="api_plan_goals"),
    path("students/<uuid:student>/plan/goals/<uuid:goal>/end", plan.GoalEndView.as_view(), name="api_plan_goal_end"),
    path("students/<uuid:student>/diagnostics", plan.DiagnosticView.as_view(), name="api_diagnostics"),
    path("students/<uuid:student>/assessment-requests", plan.AssessmentRequestsView.as_view(), name="api_assessment_requests"),
    path("students/<uuid:student>/assessment-requests/<uuid:asked>/answer", plan.AnswerView.as_view(), name="api_assessment_answer"),
    path(
        "students/<uuid:student>/assessment-requests/<uuid:asked>/take-back",
        plan.TakeBackView.as_view(),
        name="api_assessment_take_back",
    ),
    path("classes/<uuid:section>/assessment-requests", plan.ClassRequestsView.as_view(), name="api_class_assessment_requests"),
    path("classes/<uuid:section>/stalled", plan.ClassStalledView.as_view(), name="api_class_stalled"),
    path("classes/<uuid:section>/pace", plan.ClassPaceView.as_view(), name="api_class_pace"),
    path("criteria", credit.CriteriaView.as_view(), name="api_criteria"),
    path("assessments", credit.AssessmentsView.as_view(), name="api_assessments"),
    path("requirements", credit.RequirementsView.as_view(), name="api_requirements"),
    path("schools/<uuid:school>/waivers", credit.WaiversView.as_view(), name="api_waivers"),
    path("credit/due", credit.DueView.as_view(), name="api_credit_due"),
    path("students/<uuid:student>/credit", credit.CreditView.as_view(), name="api_credit"),
    path("students/<uuid:student>/credit/<uuid:award>/revoke", credit.RevocationView.as_view(), name="api_credit_revoke"),
    path("students/<uuid:student>/requirements", credit.ProgressView.as_view(), name="api_requirements_progress"),
    path("students/<uuid:student>/attestations", credit.AttestationsView.as_view(), name="api_attestations"),
    path(
        "students/<uuid:student>/attestations/<uuid:attestation>/withdraw",
        credit.AttestationWithdrawalView.as_view(),
        name="api_attestation_withdraw",
    ),
    path("students/<uuid:student>/portfolio", portfolio.PortfolioView.as_view(), name="api_portfolio"),
    path("students/<uuid:student>/placements", portfolio.PlacementsView.as_view(), name="api_placements"),
    path(
        "students/<uuid:student>/placements/<uuid:placement>/decide",
        portfolio.PlacementDecisionView.as_view(),
        name="api_placement_decide",
    ),
]
