"""The web server's door."""

import os

from django.core.wsgi import get_wsgi_application

from twinhood.kit.bodies import in_whole

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "twinhood.settings")
os.environ.setdefault("TWINHOOD_PROCESS", "web")
application = in_whole(get_wsgi_application())
