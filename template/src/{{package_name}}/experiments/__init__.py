"""The example resource: experiments with a language model. Copy it, then delete it."""
