"""ASGI entry point: pages over HTTP, live events over websockets."""

from __future__ import annotations

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "telepath.settings")
django_application = get_asgi_application()

from channels.auth import AuthMiddlewareStack  # noqa: E402  (needs the app registry)
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from channels.security.websocket import AllowedHostsOriginValidator  # noqa: E402
from django.conf import settings  # noqa: E402

from telepath.core.access import AccessLog  # noqa: E402
from telepath.core.body_limit import BodyLimit  # noqa: E402
from telepath.core.charset import Utf8Only  # noqa: E402
from telepath.core.cut_bodies import KeepWhatArrived  # noqa: E402
from telepath.routing import websocket_urlpatterns  # noqa: E402

application = AccessLog(
    ProtocolTypeRouter(
        {
            "http": Utf8Only(
                KeepWhatArrived(BodyLimit(django_application, limit=settings.REQUEST_MAX_BYTES))
            ),
            "websocket": AllowedHostsOriginValidator(
                AuthMiddlewareStack(URLRouter(websocket_urlpatterns))
            ),
        }
    )
)
