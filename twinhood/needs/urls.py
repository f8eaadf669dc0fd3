"""Addresses of needs: the desk. The public page also shows orders, so the floor above draws it."""

from django.urls import path

from twinhood.needs.views import campaign, desk, keeping, writing

app_name = "needs"
urlpatterns = [
    path("desk/<slug:slug>/needs/", desk.needs, name="list"),
    path("desk/<slug:slug>/needs/new/", writing.new, name="new"),
    path("desk/<slug:slug>/needs/similar/", writing.similar, name="similar"),
    path("desk/<slug:slug>/needs/<int:number>/", desk.desk_need, name="desk_need"),
    path("desk/<slug:slug>/needs/<int:number>/edit/", writing.edit, name="edit"),
    path("desk/<slug:slug>/needs/<int:number>/submission/", desk.submission, name="submission"),
    path(
        "desk/<slug:slug>/needs/<int:number>/verification/", desk.verification, name="verification"
    ),
    path("desk/<slug:slug>/needs/<int:number>/refusal/", desk.refusal, name="refusal"),
    path("desk/<slug:slug>/needs/<int:number>/withdrawal/", desk.withdrawal, name="withdrawal"),
    path("desk/<slug:slug>/needs/<int:number>/fund/", desk.fund, name="fund"),
    path("desk/<slug:slug>/needs/<int:number>/quotes/", desk.quotes, name="quotes"),
    path(
        "desk/<slug:slug>/needs/<int:number>/campaign-place/",
        desk.campaign_place,
        name="campaign_place",
    ),
    path(
        "desk/<slug:slug>/needs/<int:number>/evidence/",
        keeping.evidence_said,
        name="evidence",
    ),
    path(
        "desk/<slug:slug>/needs/<int:number>/confirmation/",
        keeping.confirmation,
        name="confirmation",
    ),
    path("desk/<slug:slug>/needs/<int:number>/changes/", keeping.changes, name="changes"),
    path(
        "desk/<slug:slug>/needs/<int:number>/changes/decision/",
        keeping.change_decided,
        name="change_decided",
    ),
    path(
        "desk/<slug:slug>/needs/<int:number>/renaming/",
        keeping.renaming_decided,
        name="renaming_decided",
    ),
    path("desk/<slug:slug>/institutions/new/", writing.institution, name="institution"),
    path(
        "desk/<slug:slug>/institutions/<int:organisation>/",
        writing.edit_institution,
        name="edit_institution",
    ),
    path("desk/<slug:slug>/campaign/", campaign.campaign, name="campaign"),
    path("desk/<slug:slug>/campaign/adoption/", campaign.adoption, name="adoption"),
    path("desk/<slug:slug>/campaign/decision/", campaign.decision, name="board_decision"),
    path("desk/<slug:slug>/campaign/waypoints/", campaign.waypoints, name="waypoints"),
    path(
        "desk/<slug:slug>/campaign/waypoints/<int:waypoint>/removal/",
        campaign.waypoint_gone,
        name="waypoint_gone",
    ),
]
