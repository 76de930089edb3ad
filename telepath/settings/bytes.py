"""Where bytes lie, and how many are accepted."""

from __future__ import annotations

from boto3.s3.transfer import TransferConfig
from botocore.config import Config

from telepath.settings.environment import PRODUCTION, VAR, env, one_of, required

STORAGE = one_of("STORAGE", ("folder", "s3"), default="folder")
MEDIA_ROOT = env.str("MEDIA_ROOT", default=str(VAR / "media"))


def _s3_options() -> dict[str, object]:
    why = "STORAGE=s3 needs it."
    return {
        "bucket_name": required("S3_BUCKET", why=why),
        "endpoint_url": env.str("S3_ENDPOINT_URL", default=None),
        "access_key": required("S3_ACCESS_KEY", why=why),
        "secret_key": required("S3_SECRET_KEY", why=why),
        "region_name": env.str("S3_REGION", default="us-east-1"),
        "file_overwrite": True,
        "default_acl": None,
        "querystring_auth": True,
        "max_memory_size": 8 << 20,
        # Left alone it asks five times more for a download than its client is configured to.
        "transfer_config": TransferConfig(num_download_attempts=1),
        # A store that is away is said within seconds, and tried again by the row that waits.
        "client_config": Config(
            connect_timeout=3,
            read_timeout=5,
            retries={"total_max_attempts": 2},
            tcp_keepalive=True,
            signature_version="s3v4",
        ),
    }


_DEFAULT = (
    {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": _s3_options()}
    if STORAGE == "s3"
    else {
        "BACKEND": "telepath.core.folder.FolderStorage",
        "OPTIONS": {"location": MEDIA_ROOT, "allow_overwrite": True},
    }
)
_STATIC = (
    "whitenoise.storage.CompressedManifestStaticFilesStorage"
    if PRODUCTION
    else "django.contrib.staticfiles.storage.StaticFilesStorage"
)
STORAGES = {"default": _DEFAULT, "staticfiles": {"BACKEND": _STATIC}}
WHITENOISE_USE_FINDERS = not PRODUCTION
WHITENOISE_AUTOREFRESH = not PRODUCTION

UPLOAD_MAX_BYTES = env.int("UPLOAD_MAX_BYTES", default=2 << 30)
UPLOAD_PART_BYTES = env.int("UPLOAD_PART_BYTES", default=1 << 20)
REQUEST_MAX_BYTES = 16 * UPLOAD_PART_BYTES
UPLOAD_KEEP_HOURS = env.int("UPLOAD_KEEP_HOURS", default=72)
IMAGES_PER_CASE = env.int("IMAGES_PER_CASE", default=500)
DATA_UPLOAD_MAX_MEMORY_SIZE = 8 << 20
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 << 20
