"""Where the API has no such address, it says so as it says everything: in problem details."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from telepath.core.errors import NotThere


@extend_schema(exclude=True)
class NothingHere(APIView):
    """404 whatever the method; who is not signed in is asked to sign in first, as everywhere."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        raise NotThere("The API has no such address. Those that it has are listed at /api/.")
