"""Addresses of aftercare: the holder's secret link, the public register, the desk."""

from django.urls import path

from twinhood.aftercare import views

app_name = "aftercare"
DESK = "desk/<slug:slug>/"
INCIDENT = f"{DESK}incidents/<int:number>/"
urlpatterns = [
    path("p/<slug:slug>/incidents/", views.public_incidents, name="public_incidents"),
    path(f"{DESK}follow-ups/", views.follow_ups, name="follow_ups"),
    path(f"{DESK}follow-ups/<int:pk>/link/", views.link, name="link"),
    path(f"{DESK}follow-ups/<int:pk>/photos/", views.photos, name="photos"),
    path(f"{DESK}questions/<int:pk>/", views.question, name="question"),
    path(f"{DESK}incidents/", views.register, name="incidents"),
    path(f"{DESK}incidents/new/", views.new, name="new_incident"),
    path(INCIDENT, views.incident, name="incident"),
    path(f"{INCIDENT}edit/", views.edit, name="edit_incident"),
    path(f"{INCIDENT}review/", views.review, name="review"),
    path(f"{INCIDENT}notes/", views.note, name="note"),
]
# The holder's own place has no partnership in its address: the secret is the key.
holder_urlpatterns = [path("f/<slug:secret>/", views.holder, name="follow_up")]
