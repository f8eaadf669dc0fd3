"""Machine addresses: no language in them."""

from django.urls import path

from twinhood.opendata import views

app_name = "opendata"
urlpatterns = [
    path("p/<slug:slug>/journal.jsonl", views.journal, name="journal"),
]
