"""Machine addresses without a language, and the public file's page under one."""

from django.urls import path

from twinhood.opendata import views

app_name = "opendata"
urlpatterns = [
    path("p/<slug:slug>/journal.jsonl", views.journal, name="journal"),
    path("p/<slug:slug>/public-file.zip", views.public_file, name="public_file"),
    path("p/<slug:slug>/public-file-<int:size>.zip", views.public_file, name="public_file_of"),
]
page_urlpatterns = [
    path("p/<slug:slug>/public-file/", views.public_file_page, name="page"),
    path("p/<slug:slug>/public-file/state/", views.public_file_state, name="state"),
]
