"""Addresses of the treasury."""

from django.urls import path

from twinhood.treasury import views, views_months

app_name = "treasury"
urlpatterns = [
    path("desk/<slug:slug>/exchange/", views.exchange, name="exchange"),
    path("desk/<slug:slug>/moves/", views.moves, name="moves"),
    path("desk/<slug:slug>/advances/", views.advances, name="advances"),
    path("desk/<slug:slug>/months/", views_months.months, name="months"),
]
