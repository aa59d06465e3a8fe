"""The production server: gunicorn, its worker and its settings."""
