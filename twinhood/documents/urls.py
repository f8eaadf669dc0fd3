"""The check page under a language; what machines fetch of papers without one."""

from django.urls import path

from twinhood.documents.views import checking, chunks, files, machine

app_name = "documents"
urlpatterns = [
    path("desk/<slug:slug>/files/", chunks.begin, name="begin_file"),
    path("desk/<slug:slug>/files/<str:code>/", chunks.add, name="add_chunk"),
    path("v/", checking.check, name="check"),
    path("v/<str:code>/", checking.paper, name="paper"),
]
machine_urlpatterns = [
    path("files/<str:code>/<int:page>-<int:width>.webp", files.picture, name="documents_picture"),
    path("files/<str:code>/original", files.original, name="documents_original"),
    path("ca/root.crt", machine.root, name="documents_root"),
    path("ca/revoked.crl", machine.revocation_list, name="documents_revocation_list"),
    path("v/<str:code>/<int:version>.pdf", checking.revision, name="documents_revision"),
    path("v/<str:code>/<int:version>/<int:page>.webp", checking.page, name="documents_page"),
    path("v/<str:code>/<int:version>/proof.json", checking.proof, name="documents_proof"),
    path("v/<str:code>/report.json", checking.report, name="documents_report"),
]
