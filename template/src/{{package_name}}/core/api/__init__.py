"""Requests and responses: JSON bodies, fields, the document, ETags, pages."""
