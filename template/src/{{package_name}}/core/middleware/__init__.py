"""What each request passes before a view, in the order that `create_app` gives."""
