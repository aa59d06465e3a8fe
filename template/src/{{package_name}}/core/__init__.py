"""What the template brings: read it when curious, update it with the template."""
