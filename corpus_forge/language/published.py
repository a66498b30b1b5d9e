"""Where published model files come from, so that a missing one names its home. Nothing here downloads anything.

Models are known by the name of their file as published. Their licences are those of their pages: look before you use one.
"""

from __future__ import annotations

_DOLMA = "https://dolma-artifacts.org/fasttext_models/jigsaw_fasttext_bigrams_20230515/"
_HUB = "https://huggingface.co/"

PUBLISHED = {
    "lid.176.bin": "https://dl.fbaipublicfiles.com/fasttext/supervised-models/lid.176.bin",
    "lid.176.ftz": "https://dl.fbaipublicfiles.com/fasttext/supervised-models/lid.176.ftz",
    "openhermes_reddit_eli5_vs_rw_v2_bigram_200k_train.bin": _HUB + "mlfoundations/fasttext-oh-eli5",
    "jigsaw_fasttext_bigrams_nsfw_final.bin": _DOLMA + "jigsaw_fasttext_bigrams_nsfw_final.bin",
    "jigsaw_fasttext_bigrams_hatespeech_final.bin": _DOLMA + "jigsaw_fasttext_bigrams_hatespeech_final.bin",
    "math_score.bin": _HUB + "open-web-math/filtering-models",
}
"""By file name: fastText models that published corpora were made with."""

CCNET = "https://dl.fbaipublicfiles.com/cc_net/lm/"
"""CCNet's language models (Wenzek et al. 2020, https://arxiv.org/abs/1911.00359): LANGUAGE.arpa.bin and LANGUAGE.sp.model."""


def where_to_get(name: str) -> str:
    """A sentence that says where the file of this name was published; empty for an unknown one."""
    if name in PUBLISHED:
        return f"It is published at {PUBLISHED[name]}: fetch it, look at its licence, and give its path."
    if name.endswith((".arpa.bin", ".sp.model")):
        return f"CCNet's is published at {CCNET}{name}: fetch it, look at its licence, and give its path."
    return ""
