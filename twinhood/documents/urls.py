"""What everybody may fetch of papers: the root's certificate, and the list of what is revoked."""

from django.urls import path

from twinhood.documents.views import machine

machine_urlpatterns = [
    path("ca/root.crt", machine.root, name="documents_root"),
    path("ca/revoked.crl", machine.revocation_list, name="documents_revocation_list"),
]
