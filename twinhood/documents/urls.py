"""The check page under a language; what machines fetch of papers without one."""

from django.urls import path

from twinhood.documents.views import checking, machine

app_name = "documents"
urlpatterns = [
    path("v/", checking.check, name="check"),
    path("v/<str:code>/", checking.paper, name="paper"),
]
machine_urlpatterns = [
    path("ca/root.crt", machine.root, name="documents_root"),
    path("ca/revoked.crl", machine.revocation_list, name="documents_revocation_list"),
    path("v/<str:code>/<int:version>.pdf", checking.revision, name="documents_revision"),
    path("v/<str:code>/<int:version>/<int:page>.webp", checking.page, name="documents_page"),
    path("v/<str:code>/report.json", checking.report, name="documents_report"),
]
