"""Documents, bytes and tokens by source and language, and who encoded them: for index.json and the report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

KEYS = ("documents", "bytes", "tokens")


def token_statistics(sources: Sequence[str], manifests: Sequence[Mapping[str, Any] | None]) -> dict[str, Any]:
    """Sums over the manifests of encoded shards; `sources` has the source of each. Tokens do not count EOS.

    {"sources": {NAME: {documents, bytes, tokens, "languages": {CODE: {documents, bytes, tokens}}, "lengths": {"512": n}}},
    "languages": {CODE: …}, "encoders": {NAME: shards}, "fallbacks": {REASON: shards}, "forced_cuts": n}
    """
    found = [(source, manifest) for source, manifest in zip(sources, manifests, strict=True) if manifest]
    by_source = {name: _summed([manifest for source, manifest in found if source == name]) for name in sorted(set(sources))}
    encoders = [manifest["encoder"] for _, manifest in found]
    return {
        "sources": by_source,
        "languages": _summed([manifest for _, manifest in found])["languages"],
        "encoders": _counted(encoder["name"] for encoder in encoders),
        "fallbacks": fallbacks(manifests),
        "forced_cuts": sum(encoder["cuts"] for encoder in encoders),
    }


def fallbacks(manifests: Sequence[Mapping[str, Any] | None]) -> dict[str, int]:
    """Why not the fast encoder, and for how many shards."""
    return _counted(manifest["encoder"]["reason"] for manifest in manifests if manifest and manifest["encoder"]["reason"])


def _summed(manifests: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    languages: dict[str, dict[str, int]] = {}
    lengths: Counter[str] = Counter()
    for manifest in manifests:
        lengths.update(manifest["lengths"])
        for name, counts in manifest["languages"].items():
            so_far = languages.setdefault(name, dict.fromkeys(KEYS, 0))
            for key in KEYS:
                so_far[key] += counts[key]
    totals = {key: sum(counts[key] for counts in languages.values()) for key in KEYS}
    by_size = sorted(languages, key=lambda name: (-languages[name]["tokens"], name))
    return {
        **totals,
        "languages": {name: languages[name] for name in by_size},
        "lengths": {power: lengths[power] for power in sorted(lengths, key=int)},
    }


def _counted(names: Any) -> dict[str, int]:
    counts = Counter(names)
    return {name: counts[name] for name in sorted(counts)}
