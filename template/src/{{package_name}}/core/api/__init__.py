"""Building blocks of the API: JSON bodies, fields, the OpenAPI document, ETags, pagination."""
