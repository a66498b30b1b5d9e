"""From text to packed rows of tokens, and back: tokenizers, packing, the shard format, the reader.

Reading (schema, shard, index, dataset, positions) needs numpy and pyarrow alone, so that a trainer on another machine can use
it without the rest of the package. docs/token-shards.md describes the format.
"""
