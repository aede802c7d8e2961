"""The office's pages. tests/pages/test_office_access.py holds a row for each of them."""

from django.urls import path

from funding import views

urlpatterns = [
    path("", views.home, name="home"),
    path("programs/<slug:program>/nights/", views.nights, name="nights"),
    path("payments/<int:batch>/", views.batch, name="batch"),
    path("payments/<int:batch>/release/", views.release, name="release"),
    path("periods/", views.periods, name="periods"),
    path("periods/<slug:program>/months/<int:year>/<int:month>/close/", views.close_month, name="close_month"),
    path("periods/<slug:program>/years/<int:year>/close/", views.close_year, name="close_year"),
    path("statements/", views.providers, name="providers"),
    path("statements/<uuid:provider>/", views.statement, name="statement"),
    path("statements/<uuid:provider>/csv/", views.statement_csv, name="statement_csv"),
    path("lines/<int:line>/", views.explanation, name="explanation"),
    path("lines/<int:line>/students/", views.look_up_student, name="look_up_student"),
    path("discrepancies/", views.discrepancy_list, name="discrepancies"),
    path("discrepancies/resolve/", views.resolve, name="resolve"),
]
