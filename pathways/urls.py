"""The API's paths of plans, credit and portfolios. All below /api/v1/."""

from django.urls import path

from pathways.rest import plan

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
]
