import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()

# What is loaded now lives as long as the process: the collector of cycles need not look through it in every request.
gc.collect()
gc.freeze()
