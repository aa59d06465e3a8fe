"""The tools that the rendered services' OpenAPI documents are tested with."""
