"""The log's page under a language, and its files without one."""

from django.urls import path

from twinhood.translog import views

app_name = "translog"
urlpatterns = [path("log/", views.log, name="log")]
machine_urlpatterns = [
    path("log/checkpoint", views.checkpoint, name="translog_checkpoint"),
    path("log/checkpoints/<str:size>", views.older_checkpoint, name="translog_older"),
    path("log/keys.json", views.keys, name="translog_keys"),
    path("log/cosignatures", views.cosignatures, name="translog_cosignatures"),
    path("log/tile/<path:tile>", views.tile, name="translog_tile"),
]
