"""Pages of claims and pairings."""

from django.urls import path

from twinhood.joining import views

_CLAIM = "join/claims/<int:claim>/"

app_name = "joining"
urlpatterns = [
    path("join/", views.apply, name="apply"),
    path("join/<int:geoname_id>/", views.apply, name="apply_for"),
    path("join/mail/<str:token>/", views.mail, name="mail"),
    path("join/claims/", views.claims, name="claims"),
    path(_CLAIM, views.claim, name="claim"),
    path(f"{_CLAIM}letter/", views.letter, name="letter"),
    path(f"{_CLAIM}withdrawal/", views.withdrawal, name="withdrawal"),
    path(f"{_CLAIM}call/", views.call, name="call"),
    path(f"{_CLAIM}confirmation/", views.confirmation, name="confirmation"),
    path(f"{_CLAIM}refusal/", views.refusal, name="refusal"),
    path(f"{_CLAIM}suggestions/", views.suggestions, name="suggestions"),
    path(f"{_CLAIM}with/<int:other>/", views.pair, name="pair"),
    path(f"{_CLAIM}pairings/<int:pair>/answer/", views.answer, name="answer"),
]
