"""What tests and sessions share: the variants, rendering, releases, servers, the report."""
