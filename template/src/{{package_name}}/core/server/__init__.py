"""The production server: gunicorn, with its own worker class and settings."""
