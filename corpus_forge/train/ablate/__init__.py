"""Which corpus makes the better model: small models on candidate tokens, one held-out suite, a verdict where it holds."""
