"""A trained decoder as a Hugging Face directory: config.json, model.safetensors, the tokenizer.

With qk_norm the layout is Qwen3's, without it Llama's: both name the same parts as ours and turn the same pairs, so weights are
renamed and nothing is computed. Encoders and encoder-decoders have no layout there that has our blocks (Bert and T5 differ in
norms, positions and biases), and are refused.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

from corpus_forge.errors import InputError, RequestError
from corpus_forge.train.config import ModelConfig
from corpus_forge.train.generate import Loaded, load_model

_BLOCK = {
    "attention_norm.weight": "input_layernorm.weight",
    "attention.q.weight": "self_attn.q_proj.weight",
    "attention.k.weight": "self_attn.k_proj.weight",
    "attention.v.weight": "self_attn.v_proj.weight",
    "attention.out.weight": "self_attn.o_proj.weight",
    "attention.q_norm.weight": "self_attn.q_norm.weight",
    "attention.k_norm.weight": "self_attn.k_norm.weight",
    "ffn_norm.weight": "post_attention_layernorm.weight",
    "gate.weight": "mlp.gate_proj.weight",
    "up.weight": "mlp.up_proj.weight",
    "down.weight": "mlp.down_proj.weight",
}
_OUTER = {"embedding.weight": "model.embed_tokens.weight", "norm.weight": "model.norm.weight", "head.weight": "lm_head.weight"}


def export_hf(model: str | Path, output: str | Path) -> Path:
    """Write the newest checkpoint of a model folder to `output`, a folder that must not exist; RequestError otherwise."""
    target, source = Path(output), Path(model)
    loaded = load_model(source)
    if loaded.model.form != "decoder":
        raise RequestError(f"{model}: an {loaded.model.form}; only decoders (causal, prefix) have a Hugging Face layout.")
    if target.exists():
        raise RequestError(f"{output}: exists. Name a folder that does not.")
    part = target.with_name(f".{target.name}.tmp")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    save_file(_weights(loaded), part / "model.safetensors", {"format": "pt"})
    (part / "config.json").write_text(json.dumps(_config(loaded), indent=2) + "\n", "utf-8")
    _tokenizer(source, part, loaded)
    part.rename(target)
    return target


def _weights(loaded: Loaded) -> dict[str, torch.Tensor]:
    """Weights by their names there, without the rows that pad the embedding."""
    size, made = loaded.model.vocab_size, {}
    for name, value in loaded.model.state_dict().items():
        if name in ("embedding.weight", "head.weight"):
            value = value[:size]  # noqa: PLW2901 - the same tensor, cut
        made[_renamed(name)] = value.contiguous().clone()
    return made


def _renamed(name: str) -> str:
    if name in _OUTER:
        return _OUTER[name]
    _, number, rest = name.split(".", 2)
    return f"model.layers.{number}.{_BLOCK[rest]}"


def _config(loaded: Loaded) -> dict[str, Any]:
    config: ModelConfig = loaded.model.config
    assert config.dim
    assert config.heads
    kind = "qwen3" if config.qk_norm else "llama"
    return {
        "architectures": ["Qwen3ForCausalLM" if config.qk_norm else "LlamaForCausalLM"],
        "model_type": kind,
        "vocab_size": loaded.model.vocab_size,
        "hidden_size": config.dim,
        "intermediate_size": config.ffn,
        "num_hidden_layers": config.layers,
        "num_attention_heads": config.heads,
        "num_key_value_heads": config.kv_heads,
        "head_dim": config.dim // config.heads,
        "hidden_act": "silu",
        "max_position_embeddings": int(loaded.checkpoint.state["seq_len"]),
        "rms_norm_eps": config.norm_eps,
        "rope_theta": config.rope_theta,
        "rope_parameters": {"rope_type": "default", "rope_theta": config.rope_theta},
        "attention_bias": False,
        "tie_word_embeddings": config.tied,
        "bos_token_id": None,
        "eos_token_id": loaded.eos_id,
        "torch_dtype": "float32",
    }


def _tokenizer(source: Path, part: Path, loaded: Loaded) -> None:
    file = source / "tokenizer.json"
    if not file.is_file():
        return
    shutil.copyfile(file, part / "tokenizer.json")
    try:
        added = json.loads(file.read_bytes()).get("added_tokens") or []
        names = {int(each["id"]): str(each["content"]) for each in added}
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{file}: damaged tokenizer: {type(error).__name__}: {error}") from error
    settings = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "eos_token": names.get(loaded.eos_id if loaded.eos_id is not None else -1),
    }
    (part / "tokenizer_config.json").write_text(json.dumps(settings, indent=2) + "\n", "utf-8")
