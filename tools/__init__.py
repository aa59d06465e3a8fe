"""Code shared by tests and nox sessions: variants, rendering, releases, servers, the report."""
