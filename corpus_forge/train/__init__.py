"""A reference trainer on packed token shards: one readable Transformer, several objectives, exact resume.

Importable with torch, numpy, pyarrow, safetensors and PyYAML alone, so that a GPU machine needs no more; nothing but the
command line imports it. It does not compete on parallelism: models above some 8B belong into Megatron or torchtitan.
"""
