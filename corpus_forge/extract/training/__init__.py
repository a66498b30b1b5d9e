"""Making models for the engine `forge` from pages with gold text: `python -m corpus_forge.extract.training --help`.

Needs the extra `extractor`. What is learned, in this order: which words of each page are its text (labels.py), how much single
words and class words say (weights.py), and trees over the features of blocks (fit.py), always tried on pages of domains that
were not learned from (folds.py, evaluate.py). Deterministic: the same pages and versions give the same file.
"""
