"""Addresses of needs: the desk. The public page also shows orders, so the floor above draws it."""

from django.urls import path

from twinhood.needs import views, views_campaign, views_writing

app_name = "needs"
urlpatterns = [
    path("desk/<slug:slug>/needs/", views.needs, name="list"),
    path("desk/<slug:slug>/needs/new/", views_writing.new, name="new"),
    path("desk/<slug:slug>/needs/similar/", views_writing.similar, name="similar"),
    path("desk/<slug:slug>/needs/<int:number>/", views.desk_need, name="desk_need"),
    path("desk/<slug:slug>/needs/<int:number>/edit/", views_writing.edit, name="edit"),
    path("desk/<slug:slug>/needs/<int:number>/submission/", views.submission, name="submission"),
    path(
        "desk/<slug:slug>/needs/<int:number>/verification/", views.verification, name="verification"
    ),
    path("desk/<slug:slug>/needs/<int:number>/refusal/", views.refusal, name="refusal"),
    path("desk/<slug:slug>/needs/<int:number>/withdrawal/", views.withdrawal, name="withdrawal"),
    path("desk/<slug:slug>/needs/<int:number>/fund/", views.fund, name="fund"),
    path("desk/<slug:slug>/needs/<int:number>/quotes/", views.quotes, name="quotes"),
    path(
        "desk/<slug:slug>/needs/<int:number>/campaign-place/",
        views.campaign_place,
        name="campaign_place",
    ),
    path("desk/<slug:slug>/institutions/new/", views_writing.institution, name="institution"),
    path(
        "desk/<slug:slug>/institutions/<int:organisation>/",
        views_writing.edit_institution,
        name="edit_institution",
    ),
    path("desk/<slug:slug>/campaign/", views_campaign.campaign, name="campaign"),
    path("desk/<slug:slug>/campaign/adoption/", views_campaign.adoption, name="adoption"),
    path("desk/<slug:slug>/campaign/decision/", views_campaign.decision, name="board_decision"),
]
