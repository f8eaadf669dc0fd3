"""Addresses of the treasury."""

from django.urls import path

from twinhood.treasury import (
    views,
    views_bank,
    views_exports,
    views_files,
    views_inbox,
    views_lines,
    views_months,
    views_sample,
    views_trail,
    views_withdrawn,
)

app_name = "treasury"
urlpatterns = [
    path("desk/<slug:slug>/bank/", views_bank.bank, name="bank"),
    path("desk/<slug:slug>/bank/files/<int:file>/", views_files.bank_file, name="bank_file"),
    path("desk/<slug:slug>/bank/lines/<int:line>/", views_lines.bank_line, name="bank_line"),
    path(
        "desk/<slug:slug>/bank/accounts/<int:account>/",
        views_bank.bank_account,
        name="bank_account",
    ),
    path("desk/<slug:slug>/exchange/", views.exchange, name="exchange"),
    path("desk/<slug:slug>/moves/", views.moves, name="moves"),
    path("desk/<slug:slug>/advances/", views.advances, name="advances"),
    path("desk/<slug:slug>/inbox/", views_inbox.inbox, name="inbox"),
    path("desk/<slug:slug>/months/", views_months.months, name="months"),
    path("desk/<slug:slug>/trail/", views_trail.trail, name="trail"),
    path("desk/<slug:slug>/sample/", views_sample.sample, name="sample"),
    path("desk/<slug:slug>/exports/", views_exports.exports_page, name="exports"),
    path("desk/<slug:slug>/exports/file/", views_exports.export_file, name="export_file"),
    path("desk/<slug:slug>/withdrawn/", views_withdrawn.reallocations, name="withdrawn"),
    path(
        "desk/<slug:slug>/needs/<int:number>/money/",
        views_withdrawn.reallocation,
        name="reallocation",
    ),
]
