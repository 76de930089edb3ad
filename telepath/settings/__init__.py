"""All settings, from the environment. An unknown value or a missing secret stops the start."""

from telepath.settings.base import *  # noqa: F403
from telepath.settings.bytes import *  # noqa: F403
from telepath.settings.database import *  # noqa: F403
from telepath.settings.people import *  # noqa: F403
from telepath.settings.work import *  # noqa: F403
