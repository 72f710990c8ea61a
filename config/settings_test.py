"""The same settings with what makes tests quick. Data goes to a temporary folder, never to DATA_DIR.

The first process that loads this (pytest itself) names the folder; its workers inherit the name. The database
that DATABASE_URL points to is started by tests/conftest.py.
"""

import os
import tempfile

if "FILLBOOK_TEST_DIR" not in os.environ:
    os.environ["FILLBOOK_TEST_DIR"] = tempfile.mkdtemp(prefix="fillbook-test-")
    os.environ["DATA_DIR"] = os.environ["FILLBOOK_TEST_DIR"]
    for name in ("HOST", "PORT", "BASE_URL", "CELERY_BROKER_URL", "DATABASE_URL"):
        os.environ.pop(name, None)

from config.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
CELERY_BROKER_URL = "memory://"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
STORAGES["staticfiles"] = {  # noqa: F405
    "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
}
# Each worker has a database of its own, with the same numbers for its workspaces.
MEDIA_ROOT = LAYOUT.files / os.environ.get("PYTEST_XDIST_WORKER", "alone")  # noqa: F405
WHITENOISE_AUTOREFRESH = True
ACCOUNT_RATE_LIMITS = False
LOGGING = {"version": 1, "disable_existing_loggers": False}
