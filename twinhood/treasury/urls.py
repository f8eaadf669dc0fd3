"""Addresses of the treasury."""

from django.urls import path

from twinhood.treasury import views

app_name = "treasury"
urlpatterns = [
    path("desk/<slug:slug>/exchange/", views.exchange, name="exchange"),
]
