"""Pages of the registry and of an agreement."""

from django.urls import path

from twinhood.twinnings import views

app_name = "twinnings"
urlpatterns = [
    path("registry/", views.registry, name="registry"),
    path("registry/suggest/", views.suggest, name="suggest"),
    path("registry/atlas.svg", views.atlas, name="atlas"),
    path("registry/<int:geoname_id>/", views.city, name="city"),
    path("p/<slug:slug>/agreement/", views.agreement, name="agreement"),
]
