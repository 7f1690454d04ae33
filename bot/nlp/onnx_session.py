"""Sessions of ONNX Runtime: the file of a model that a device can run, and never another device in its place."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.errors import ConfigError

os.environ.setdefault(
    "ORT_DISABLE_TELEMETRY", "1"
)  # the runtime tells its makers that it was started, unless told not to

FILE = "model.onnx"
FULL = "full.onnx"  # the same in fp32, for a GPU
CPU, CUDA = "CPUExecutionProvider", "CUDAExecutionProvider"
QUANTISED = b"QuantizeLinear"  # in the name of each operator that makes int8 of what a model reads
WITHOUT = "`reading.device: cpu` does without a GPU"


@dataclass(frozen=True, slots=True)
class Session:
    """`run` is ONNX Runtime's; `int8`: it takes its scales over a whole batch; `provider` is who runs it in truth."""

    run: Callable[..., Any]
    int8: bool
    provider: str


def open_session(folder: Path, device: str) -> Session:
    """On "cpu" or "cuda". Raises ConfigError where a GPU is asked for and is not to be had, else what ONNX Runtime raises."""
    import onnxruntime

    gpu = device == "cuda"
    data = (folder / FULL if gpu and (folder / FULL).exists() else folder / FILE).read_bytes()
    int8 = QUANTISED in data
    if gpu:
        refuse(folder, onnxruntime.get_available_providers(), int8=int8)
        onnxruntime.preload_dlls()  # CUDA as pip brings it
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.enable_cpu_mem_arena = False  # a long article would keep its peak for ever
    session = onnxruntime.InferenceSession(data, options, providers=[CUDA, CPU] if gpu else [CPU])
    return Session(session.run, int8, held(session.get_providers(), gpu=gpu))


def refuse(folder: Path, providers: Sequence[str], *, int8: bool) -> None:
    """Raises ConfigError with all that keeps this model from a GPU: `providers` are those that ONNX Runtime was built with."""
    lacks, todo = [], []
    if CUDA not in providers:
        lacks += ["this ONNX Runtime knows only the CPU"]
        todo += ["put onnxruntime-gpu in the place of onnxruntime (docs/model.md)"]
    if int8:
        lacks += [f"{folder / FILE} is int8, which is for a CPU"]
        todo += [f"make {FULL} beside it with `tariffwatch train --full`, or name a PyTorch model"]
    if lacks:
        raise ConfigError(f"reading.device is cuda, but {' and '.join(lacks)}", hint="; ".join([*todo, WITHOUT]))


def held(providers: Sequence[str], *, gpu: bool) -> str:
    """The provider that a session runs on, the first of its own. Where CUDA fails, ONNX Runtime takes the CPU; we do not."""
    if gpu and CUDA not in providers:
        hint = f"see that `nvidia-smi` shows a GPU, and what ONNX Runtime misses of CUDA or cuDNN, above; {WITHOUT}"
        raise ConfigError("reading.device is cuda, but ONNX Runtime could not start on a GPU", hint=hint)
    return providers[0]
