"""Settings: `table.py` declares them, `loading.py` reads them from the environment."""

from .loading import SettingsError, load_settings, misspelled
from .table import Settings

__all__ = ["Settings", "SettingsError", "load_settings", "misspelled"]
