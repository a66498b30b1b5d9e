"""The engine `forge`: main content by a learned model over the bytes of a page, without building a tree of objects.

A page goes through tables of numbers, each made by one file, all in linear time: tokens (tokenizer.py) → elements and blocks of
text (elements.py, blocks.py, text.py) → features of each block (features.py) → a score (trees.py) → the blocks that are the
text (select.py) → bytes (render.py). docs/extraction.md says what it reaches and how that was measured.
"""
