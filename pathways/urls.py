"""The paths of plans, credit and portfolios: the API's below /api/v1/, and the learning site's pages."""

from django.urls import path

from pathways.rest import credit, plan, portfolio
from pathways.views import credit as credit_pages
from pathways.views import (
    flow,
    inbox,
    judging,
    placement,
    plan_deeds,
    search,
    second_ratings,
    sharing,
    stalls,
    students,
    waivers,
    withdrawing,
)
from pathways.views import plan as plan_pages
from pathways.views.portfolio import portfolio as portfolio_page

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

PLAN, CELL = "students/<uuid:student>/plan", "students/<uuid:student>/plan/<uuid:competency>"
JUDGING = "inbox/<uuid:student>/<uuid:competency>"
pages = [
    path("inbox/", inbox.inbox, name="inbox"),
    path(f"{JUDGING}/", judging.judge_page, name="judge_page"),
    path(f"{JUDGING}/anchors/<uuid:anchor>/", judging.try_anchor, name="try_anchor"),
    path("classes/<uuid:section>/flow/", flow.class_flow_page, name="class_flow"),
    path("classes/<uuid:section>/flow/<slug:part>.csv", flow.class_flow_csv, name="class_flow_csv"),
    path("search/", search.search, name="search"),
    path(f"{CELL}/judgements/<int:number>/withdraw/", withdrawing.withdraw, name="withdraw_judgment"),
    path("stalled/", stalls.stalls, name="stalls"),
    path("second-ratings/", second_ratings.second_ratings, name="second_ratings"),
    path("second-ratings/<uuid:rating>/", second_ratings.second_rating, name="second_rating"),
    path("plan/", plan_pages.own_plan, name="own_plan"),
    path(f"{PLAN}/", plan_pages.plan, name="plan"),
    path(f"{PLAN}/summary/", plan_pages.plan_summary, name="plan_summary"),
    path(f"{PLAN}/sharing/", sharing.sharing, name="plan_sharing"),
    path(f"{PLAN}/sharing/<uuid:shared>/end/", sharing.end, name="plan_sharing_end"),
    path("students/<uuid:student>/portfolio/", portfolio_page, name="portfolio"),
    path("shared/<slug:token>/", sharing.shared_summary, name="shared_summary"),
    path(f"{PLAN}/credit/", plan_pages.plan_credit, name="plan_credit"),
    path(f"{PLAN}/goals/", plan_deeds.goal, name="plan_goal"),
    path(f"{PLAN}/goals/<uuid:goal>/end/", plan_deeds.goal_end, name="plan_goal_end"),
    path(f"{CELL}/", plan_pages.plan_competency, name="plan_competency"),
    path(f"{CELL}/evidence/", plan_deeds.hand_in, name="plan_hand_in"),
    path(f"{CELL}/ask/", plan_deeds.ask, name="plan_ask"),
    path(f"{CELL}/requests/<uuid:asked>/take-back/", plan_deeds.take_back, name="plan_take_back"),
    path(f"{CELL}/place/", plan_deeds.place, name="plan_place"),
    path("students/", students.students_page, name="students"),
    path("students/table/", students.students_table, name="students_table"),
    path("students/plans/", students.open_plans, name="open_plans"),
    path("schools/<uuid:school>/waivers/", waivers.waivers_page, name="waivers"),
    path("credit/due/", credit_pages.due_page, name="credit_due"),
    path("students/<uuid:student>/credit/", credit_pages.student_credit, name="student_credit"),
    path("students/<uuid:student>/credit/<uuid:award>/revoke/", credit_pages.revoke, name="revoke_award"),
    path("students/<uuid:student>/placement/", placement.placement_page, name="placement"),
    path("students/<uuid:student>/placement/bring/", placement.bring, name="placement_bring"),
    path("students/<uuid:student>/placement/decide/", placement.decide, name="placement_decide"),
]
