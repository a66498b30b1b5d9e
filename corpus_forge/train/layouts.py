"""What a model of ours is called by Hugging Face: its config.json, and its weights by their names there.

| ours | theirs |
|---|---|
| decoder with qk_norm | Qwen3 |
| decoder without | Llama |
| encoder without qk_norm | EuroBERT: a BERT with RMSNorm, rotary positions and SwiGLU, which is what ours is |
| ELECTRA's discriminator without qk_norm | EuroBERT without a head |
| encoder and decoder with positions: t5, without qk_norm | T5 1.1 with `gated-silu` |

Each names the same parts and computes the same, so weights are renamed and nothing is trained anew; T5 does not divide by the
root of the head's width, so its queries are multiplied by it here. BERT's own layout (post-norm, learned positions, biases,
GELU) is no renaming of ours, and is not offered.
"""

from __future__ import annotations

from typing import Any

import torch

from corpus_forge.errors import RequestError
from corpus_forge.train.config import ModelConfig
from corpus_forge.train.generate import Loaded
from corpus_forge.train.replaced import ReplacedTokens

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
_T5_ATTENTION = {"q": "q", "k": "k", "v": "v", "out": "o"}
_T5_FFN = {"gate.weight": "wi_0.weight", "up.weight": "wi_1.weight", "down.weight": "wo.weight"}
_T5_OUTER = {
    "embedding.weight": "shared.weight",
    "head.weight": "lm_head.weight",
    "encoder_norm.weight": "encoder.final_layer_norm.weight",
    "norm.weight": "decoder.final_layer_norm.weight",
    "relative_encoder.weight": "encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight",
    "relative.weight": "decoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight",
}


def layout(loaded: Loaded) -> tuple[dict[str, Any], dict[str, torch.Tensor]]:
    """(config.json, weights) of a model; RequestError when nothing there computes the same."""
    model, config = loaded.model, loaded.model.config
    if model.form == "encoder_decoder":
        if config.positions != "t5" or config.qk_norm or config.kv_heads != config.heads:
            raise RequestError(
                "an encoder with a decoder is exported as T5, which has relative positions, no qk_norm, and a key head for each"
                " head: train it with model: {positions: t5, qk_norm: false}."
            )
        return _t5_config(loaded), _named(loaded, _t5_name)
    if model.form != "decoder" and config.qk_norm:
        raise RequestError("an encoder is exported as EuroBERT, which has no qk_norm: train it with model: {qk_norm: false}.")
    if isinstance(model, ReplacedTokens):
        discriminator = Loaded(model.discriminator, loaded.checkpoint)
        named = _named(discriminator, lambda name: _llama_name(name).removeprefix("model."))
        return _llama_config(loaded, "eurobert", "EuroBertModel"), named
    if model.form == "encoder":
        return _llama_config(loaded, "eurobert", "EuroBertForMaskedLM"), _named(loaded, _llama_name)
    kind, name = ("qwen3", "Qwen3ForCausalLM") if config.qk_norm else ("llama", "LlamaForCausalLM")
    return _llama_config(loaded, kind, name), _named(loaded, _llama_name)


def _named(loaded: Loaded, name_of: Any) -> dict[str, torch.Tensor]:
    """Weights by their names there, without the rows that pad the embedding."""
    size, made = loaded.model.vocab_size, {}
    for name, value in loaded.model.state_dict().items():
        kept = value[:size] if name in ("embedding.weight", "head.weight") else value
        if loaded.model.form == "encoder_decoder" and name.endswith(".q.weight"):
            kept = kept * _head_dim(loaded.model.config) ** -0.5
        made[name_of(name)] = kept.contiguous().clone()
    return made


def _head_dim(config: ModelConfig) -> int:
    assert config.dim
    assert config.heads
    return config.dim // config.heads


def _llama_name(name: str) -> str:
    if name in _OUTER:
        return _OUTER[name]
    _, number, rest = name.split(".", 2)
    return f"model.layers.{number}.{_BLOCK[rest]}"


def _t5_name(name: str) -> str:
    if name in _T5_OUTER:
        return _T5_OUTER[name]
    side, number, rest = name.split(".", 2)
    decoder = side == "blocks"
    start, last = f"{'decoder' if decoder else 'encoder'}.block.{number}.layer", 2 if decoder else 1
    norms = {"attention_norm.weight": 0, "cross_norm.weight": 1, "ffn_norm.weight": last}
    if rest in norms:
        return f"{start}.{norms[rest]}.layer_norm.weight"
    if rest in _T5_FFN:
        return f"{start}.{last}.DenseReluDense.{_T5_FFN[rest]}"
    kind, part, _ = rest.split(".")
    where = "0.SelfAttention" if kind == "attention" else "1.EncDecAttention"
    return f"{start}.{where}.{_T5_ATTENTION[part]}.weight"


def _llama_config(loaded: Loaded, kind: str, architecture: str) -> dict[str, Any]:
    config: ModelConfig = loaded.model.config
    return {
        "architectures": [architecture],
        "model_type": kind,
        "vocab_size": loaded.model.vocab_size,
        "hidden_size": config.dim,
        "intermediate_size": config.ffn,
        "num_hidden_layers": config.layers,
        "num_attention_heads": config.heads,
        "num_key_value_heads": config.kv_heads,
        "head_dim": _head_dim(config),
        "hidden_act": "silu",
        "max_position_embeddings": int(loaded.checkpoint.state["seq_len"]),
        "rms_norm_eps": config.norm_eps,
        "rope_theta": config.rope_theta,
        "rope_parameters": {"rope_type": "default", "rope_theta": config.rope_theta},
        "attention_bias": False,
        "tie_word_embeddings": config.tied,
        "bos_token_id": None,
        "pad_token_id": None,
        "eos_token_id": loaded.eos_id,
        "dtype": "float32",
    }


def _t5_config(loaded: Loaded) -> dict[str, Any]:
    config: ModelConfig = loaded.model.config
    return {
        "architectures": ["T5ForConditionalGeneration"],
        "model_type": "t5",
        "vocab_size": loaded.model.vocab_size,
        "d_model": config.dim,
        "d_kv": _head_dim(config),
        "d_ff": config.ffn,
        "num_layers": config.layers,
        "num_decoder_layers": config.layers,
        "num_heads": config.heads,
        "feed_forward_proj": "gated-silu",
        "layer_norm_epsilon": config.norm_eps,
        "dropout_rate": 0.0,
        "tie_word_embeddings": config.tied,
        "scale_decoder_outputs": False,
        "is_encoder_decoder": True,
        "eos_token_id": loaded.eos_id,
        "pad_token_id": loaded.checkpoint.state["filler"],
        "decoder_start_token_id": loaded.checkpoint.state["filler"],
        "dtype": "float32",
    }
