"""Models that score texts: fastText classifiers, n-gram language models, importance weights. docs/models.md."""
