"""Addresses of receipts: the donor's own, and the treasurer's book of them."""

from django.urls import path

from twinhood.giving.views import receipts

DESK = "desk/<slug:slug>/receipts/"
receipt_urlpatterns = [
    path("t/<str:secret>/receipt/", receipts.receipt, name="receipt"),
    path("t/<str:secret>/receipt.pdf", receipts.receipt_file, name="receipt_file"),
    path(DESK, receipts.receipt_list, name="receipts"),
    path(f"{DESK}statements/", receipts.receipt_statements, name="receipt_statements"),
    path(f"{DESK}files/", receipts.receipt_files, name="receipt_files"),
    path(f"{DESK}files/<int:pk>/", receipts.receipt_zip, name="receipt_zip"),
    path(f"{DESK}<slug:receipt>/", receipts.receipt_at_desk, name="receipt_at_desk"),
    path(f"{DESK}<slug:receipt>/again/", receipts.receipt_again, name="receipt_again"),
    path(
        f"{DESK}<slug:receipt>/receipt.pdf",
        receipts.receipt_file_at_desk,
        name="receipt_file_at_desk",
    ),
]
