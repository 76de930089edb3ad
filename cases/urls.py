"""Addresses of pages, pictures and live events of cases."""

from django.urls import path

from cases.views import (
    actions,
    cases,
    clinic_page,
    evidence,
    home,
    live,
    media,
    patients,
    queue,
    reports,
    review_page,
    signing,
    steps,
)

app_name = "cases"

_CASE = "cases/<uuid:pk>/"
_REPORT = "cases/<uuid:pk>/reports/<int:number>/"

urlpatterns = [
    path("", home.home, name="home"),
    path("still-here/", home.still_here, name="still_here"),
    path("signed-in/", home.back_again, name="back_again"),
    path("patients/", patients.patient_list, name="patient_list"),
    path("patients/new/", patients.patient_new, name="patient_new"),
    path("patients/<uuid:pk>/", patients.patient_detail, name="patient_detail"),
    path("patients/<uuid:pk>/edit/", patients.patient_edit, name="patient_edit"),
    path("patients/<uuid:pk>/case-rows/", patients.patient_cases, name="patient_cases"),
    path("patients/<uuid:pk>/cases/new/", cases.case_new, name="case_new"),
    path("cases/", cases.case_list, name="case_list"),
    path("cases/rows/", cases.case_rows, name="case_rows"),
    path(_CASE, cases.case_detail, name="case_detail"),
    path(f"{_CASE}edit/", cases.case_edit, name="case_edit"),
    path(f"{_CASE}state/", clinic_page.case_state, name="case_state"),
    path(f"{_CASE}images/", clinic_page.case_images, name="case_images"),
    path(f"{_CASE}aside/", clinic_page.case_aside, name="case_aside"),
    path(f"{_CASE}steps/", steps.reading_steps, name="reading_steps"),
    path(f"{_CASE}cells/shown/", review_page.case_cells, name="case_cells"),
    path(f"{_CASE}submit/", actions.case_submit, name="case_submit"),
    path(f"{_CASE}cancel/", actions.case_cancel, name="case_cancel"),
    path(f"{_CASE}assign/", actions.case_assign, name="case_assign"),
    path(f"{_CASE}return/", actions.case_return, name="case_return"),
    path(f"{_CASE}claim/", actions.case_claim, name="case_claim"),
    path(f"{_CASE}release/", actions.case_release, name="case_release"),
    path(f"{_CASE}recall/", actions.case_recall, name="case_recall"),
    path(f"{_CASE}reopen/", actions.case_reopen, name="case_reopen"),
    path(f"{_CASE}abandon/", actions.case_abandon, name="case_abandon"),
    path(f"{_CASE}retry/", actions.case_retry, name="case_retry"),
    path(f"{_CASE}sign/", signing.case_sign, name="case_sign"),
    path(f"{_CASE}amend/", signing.case_amend, name="case_amend"),
    path("queue/", queue.queue, name="queue"),
    path("queue/rows/", queue.queue_rows, name="queue_rows"),
    path(_REPORT, reports.report_detail, name="report_detail"),
    path(f"{_REPORT}report.pdf", reports.report_pdf, name="report_pdf"),
    path(f"{_REPORT}report.json", reports.report_json, name="report_json"),
    path("images/<uuid:pk>/remove/", actions.image_remove, name="image_remove"),
    path("images/<uuid:pk>/display", media.image_display, name="image_display"),
    path("images/<uuid:pk>/thumbnail", media.image_thumbnail, name="image_thumbnail"),
    path("images/<uuid:pk>/original", media.image_original, name="image_original"),
    path("images/<uuid:pk>/image.dzi", media.image_dzi, name="image_dzi"),
    path(
        "images/<uuid:pk>/tiles/<int:level>/<int:column>_<int:row>.jpg",
        media.image_tile,
        name="image_tile",
    ),
    path("images/<uuid:pk>/cells.json", media.image_cells, name="image_cells"),
    path("cells/<uuid:pk>/crop.jpg", media.cell_crop, name="cell_crop"),
    path("cells/<uuid:pk>/why/", evidence.cell_evidence, name="cell_evidence"),
    path("live/since/", live.live_since, name="live_since"),
]
