"""corpus-forge: one declarative file from raw web archives to packed token shards. See README.md."""
