"""The settings of the application, with the bare view beside it."""

from config.settings import *  # noqa: F403

ROOT_URLCONF = "benchmarks.urls"
# The rate of one token is not what is measured.
REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"]["capture"] = "100000000/minute"  # noqa: F405
