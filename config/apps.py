"""The project as an app: its admin site and its system checks."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig

from config import checks  # noqa: F401  (importing registers them)


class ParleyAdminConfig(AdminConfig):
    default_site = "config.admin.ParleyAdminSite"


class ParleyConfig(AppConfig):
    name = "config"
    verbose_name = "Parley"
