"""Middleware that every request passes before its view; `create_app` sets the order."""
