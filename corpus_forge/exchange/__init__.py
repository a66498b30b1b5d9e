"""Tokens and texts in the formats of other trainers, out (export.py) and in (imports.py). docs/exports.md.

Every layout is written here from its owner's documentation: each is a few lines over numpy, and their libraries would bring
dozens of packages. benchmarks/parity/exchange.py reads what was written back with the owners' own libraries.
"""
