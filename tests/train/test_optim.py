"""Learning rates at the knots of a schedule, Muon's step, and who is decayed."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")

from corpus_forge.train.config import ModelConfig, OptimConfig, ScheduleConfig
from corpus_forge.train.data import micro_rows
from corpus_forge.train.model import Transformer
from corpus_forge.train.optim import Muon, default_batch_tokens, default_lr, lr_share, make_optimizers, orthogonalised

WSD = ScheduleConfig(warmup_share=0.1, decay_share=0.2, final_share=0.0)
COSINE = ScheduleConfig("cosine", warmup_share=0.1, final_share=0.1)


@pytest.mark.parametrize(
    ("step", "share"), [(0, 0.1), (4, 0.5), (9, 1.0), (10, 1.0), (50, 1.0), (80, 1.0), (90, 0.5), (99, 0.05)]
)
def test_wsd_rises_stays_and_falls(step, share) -> None:
    assert lr_share(step / 100, 1 / 100, WSD) == pytest.approx(share)


@pytest.mark.parametrize(("step", "share"), [(0, 0.1), (10, 1.0), (55, 0.55), (100, 0.1)])
def test_cosine_falls_to_its_floor(step, share) -> None:
    assert lr_share(step / 100, 1 / 100, COSINE) == pytest.approx(share)


def test_schedules_without_warm_up_or_decay() -> None:
    flat = ScheduleConfig(warmup_share=0.0, decay_share=0.0)
    assert [lr_share(done, 0.1, flat) for done in (0.0, 0.5, 0.9)] == [1.0, 1.0, 1.0]
    assert lr_share(0.0, 0.5, ScheduleConfig(warmup_share=0.1)) == 1.0


def test_defaults_follow_the_ladder() -> None:
    assert default_lr(108_000_000) == pytest.approx(0.00235)
    assert default_lr(108_000_000 * 8) == pytest.approx(0.00235 / 2)
    assert default_lr(1000) == 0.005
    assert default_batch_tokens(108_000_000, 2048) == 2048 * 160
    assert default_batch_tokens(1, 2048) == 2048


@pytest.mark.parametrize("shape", [(16, 16), (8, 32), (32, 8)])
def test_an_orthogonalised_matrix_has_singular_values_near_one(shape) -> None:
    matrix = torch.randn(*shape, generator=torch.Generator().manual_seed(0))
    values = torch.linalg.svdvals(orthogonalised(matrix))
    assert values.min() > 0.3
    assert values.max() < 1.3
    left, _, right = torch.linalg.svd(matrix, full_matrices=False)
    assert (orthogonalised(matrix) * (left @ right)).sum() > 0.7 * min(shape)


def test_muon_with_momentum_zero_steps_along_the_orthogonalised_gradient() -> None:
    weight = torch.nn.Parameter(torch.ones(32, 8))
    weight.grad = torch.randn(32, 8, generator=torch.Generator().manual_seed(0))
    Muon([weight], lr=0.1, momentum=0.0, weight_decay=0.5).step()
    expected = torch.ones(32, 8) * (1 - 0.05) - 0.1 * 2 * orthogonalised(weight.grad)
    assert torch.allclose(weight, expected, atol=1e-6)


def test_norms_and_embeddings_are_not_decayed_and_muon_takes_the_matrices_of_the_blocks() -> None:
    net = Transformer(ModelConfig(preset="tiny", tied=False), 64, "decoder")
    names = {id(parameter): name for name, parameter in net.named_parameters()}
    (adamw,) = make_optimizers(net, OptimConfig())
    groups = {group["weight_decay"]: sorted(names[id(p)] for p in group["params"]) for group in adamw.param_groups}
    assert groups[0.0] == sorted(name for name in names.values() if "norm" in name or name == "embedding.weight")
    assert len(groups[0.1]) + len(groups[0.0]) == len(names)
    adamw, muon = make_optimizers(net, OptimConfig("muon"))
    assert sorted(names[id(p)] for p in muon.param_groups[0]["params"]) == sorted(set(groups[0.1]) - {"head.weight"})
    assert {names[id(p)] for group in adamw.param_groups for p in group["params"]} == {*groups[0.0], "head.weight"}


def test_microbatches_split_a_step_evenly() -> None:
    from corpus_forge.errors import RequestError

    assert micro_rows(65_536, 2048, 256, 1) == 32
    assert micro_rows(65_536, 2048, 250, 1) == 25
    assert micro_rows(100, 2048, 8, 4) == 1
    assert micro_rows(10**9, 2048, 8, 4) == 2
    with pytest.raises(RequestError, match=r"10 rows of 2048 tokens a step do not split over 4 ranks. Use a multiple of 8192"):
        micro_rows(65_536, 2048, 10, 4)
