"""What is shipped, as a CycloneDX bill of materials (JSON, 1.6): every locked package with its hashes, models and scripts.

    python requirements/sbom.py > sbom.json

The same tree gives the same bytes: no time, no random number, no network.
"""

import hashlib
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
LOCK = ROOT / "requirements" / "runtime.txt"
PACKAGE = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)(?: *; *([^\\\n]+?))?(?: *\\)?$", re.MULTILINE)
PUBLISHED = {"htmx.min.js": ("htmx.org", "2.0.11")}  # docs/decisions/0042-pages.md
MODELS = ("*.onnx", "*.npz", "tokenizer.json", "config.json")


def packages(lock: str) -> Iterator[dict[str, object]]:
    """Each requirement of a lock file: a line with name, version and perhaps a marker, then its hashes."""
    found = list(PACKAGE.finditer(lock))
    for one, following in zip(found, [*found[1:], None], strict=True):
        name, version, marker = one.groups()
        purl = f"pkg:pypi/{re.sub(r'[-_.]+', '-', name).lower()}@{version}"
        hashes = re.findall(r"--hash=sha256:([0-9a-f]{64})", lock[one.end() : following.start() if following else None])
        component: dict[str, object] = {
            "type": "library",
            "bom-ref": purl,
            "name": name,
            "version": version,
            "purl": purl,
        }
        component["hashes"] = [{"alg": "SHA-256", "content": digest} for digest in sorted(set(hashes))]
        yield component | ({"properties": [{"name": "marker", "value": marker}]} if marker else {})


def models(root: Path) -> Iterator[dict[str, object]]:
    for path in sorted(path for name in MODELS for path in root.rglob(name)):
        name, digest = path.relative_to(root.parent).as_posix(), hashlib.sha256(path.read_bytes()).hexdigest()
        kind = "machine-learning-model" if path.suffix in (".onnx", ".npz") else "file"
        yield {"type": kind, "bom-ref": name, "name": name, "hashes": [{"alg": "SHA-256", "content": digest}]}


def scripts(root: Path) -> Iterator[dict[str, object]]:
    """What the pages have of others, as the decision record says that it was published."""
    for path in sorted(root.glob("*.min.js")):
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        name, version = PUBLISHED[path.name]
        component: dict[str, object] = {"type": "library", "bom-ref": path.name, "name": name, "version": version}
        hashes = [{"alg": "SHA-256", "content": digest}]
        yield component | {"purl": f"pkg:npm/{name}@{version}", "hashes": hashes}


def bill() -> dict[str, object]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    name, version = project["name"], project["version"]
    ours = {"type": "application", "bom-ref": name, "name": name, "version": version}
    ours["licenses"] = [{"license": {"id": project["license"]}}]
    parts = [*packages(LOCK.read_text("utf-8")), *models(ROOT / "models"), *scripts(ROOT / "bot" / "web" / "static")]
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": ours},
        "components": parts,
        "dependencies": [{"ref": name, "dependsOn": [part["bom-ref"] for part in parts]}],
    }


if __name__ == "__main__":
    print(json.dumps(bill(), indent=1))
