"""What a model runs on: a GPU that is asked for is there, or the program does not start."""

from dataclasses import replace
from pathlib import Path

import onnxruntime
import pytest

from bot.app import MODEL, model_or_rules, shipped, vocabulary
from bot.checks import check_model
from bot.config import Config, load_config
from bot.errors import ConfigError
from bot.events import silent
from bot.nlp.onnx_session import CPU, CUDA, FULL, held, open_session, refuse

SHIPPED = shipped(MODEL)


@pytest.fixture
def config() -> Config:
    """On a GPU."""
    return replace(load_config(shipped("config.yaml"), {}), device="cuda")


def test_all_that_keeps_a_model_from_a_gpu_is_told_at_once_with_what_to_do() -> None:
    with pytest.raises(ConfigError) as told:
        refuse(SHIPPED, [CPU], int8=True)
    assert told.value.problem == (
        f"reading.device is cuda, but this ONNX Runtime knows only the CPU and {SHIPPED / 'model.onnx'} is int8, "
        "which is for a CPU"
    )
    for todo in (
        "put onnxruntime-gpu in the place",
        "tariffwatch train --full",
        "name a PyTorch",
        "reading.device: cpu",
    ):
        assert todo in told.value.hint


def test_a_runtime_with_cuda_still_refuses_int8_and_takes_what_is_not() -> None:
    with pytest.raises(ConfigError, match=r"but \S+ is int8, which is for a CPU — make full.onnx beside it"):
        refuse(SHIPPED, [CUDA, CPU], int8=True)
    refuse(SHIPPED, [CUDA, CPU], int8=False)


def test_a_session_that_fell_back_to_the_cpu_is_refused_where_a_gpu_was_asked_for() -> None:
    with pytest.raises(ConfigError, match="could not start on a GPU — see that `nvidia-smi` shows"):
        held([CPU], gpu=True)
    assert held([CUDA, CPU], gpu=True) == CUDA
    assert held([CPU], gpu=False) == CPU


needs_no_gpu = pytest.mark.skipif(CUDA in onnxruntime.get_available_providers(), reason="here ONNX Runtime knows CUDA")


@needs_no_gpu
def test_the_model_in_fp32_is_taken_for_a_gpu_and_only_the_runtime_is_missing(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"DynamicQuantizeLinear")
    (tmp_path / FULL).write_bytes(b"MatMul")
    with pytest.raises(ConfigError, match="but this ONNX Runtime knows only the CPU — put"):
        open_session(tmp_path, "cuda")


@needs_no_gpu
def test_rules_do_not_stand_in_for_a_device_that_was_asked_for(config: Config) -> None:
    with pytest.raises(ConfigError, match="reading.device is cuda"):
        model_or_rules(config, silent, vocabulary())


@needs_no_gpu
def test_the_check_fails_with_what_is_missing_and_promises_no_rules(config: Config) -> None:
    (finding,) = check_model(config)
    assert (finding.what, finding.ok) == ("model", False)
    assert "onnxruntime-gpu" in finding.words
    assert "rules" not in finding.words
