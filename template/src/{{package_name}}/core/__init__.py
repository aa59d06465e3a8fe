"""The template's own code: read it if you are curious; template updates change it."""
