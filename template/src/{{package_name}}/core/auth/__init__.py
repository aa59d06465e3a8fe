"""Authentication: credentials, and the owner that they identify."""
