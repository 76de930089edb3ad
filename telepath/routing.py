"""Websocket addresses."""

from django.urls import path

from cases.consumers import LiveConsumer

websocket_urlpatterns = [path("ws/live/", LiveConsumer.as_asgi())]
