"""The driver of all borders: `python -m tests.fuzz BORDER MINUTES`.

Atheris drives where it is installed (`make fuzz` installs it), guided by what code the bytes reach; mutations of our own do
otherwise. What breaks a promise is written to `tests/fuzz/failures/`, and belongs into a test before it is mended. What reached
something new lies in `tests/fuzz/found/` until the run is over, and then in the corpus, as far as that stays small enough to be
replayed by the tests.
"""

import multiprocessing
import random
import shutil
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

LONGEST = 20_000  # bytes of an input: what takes long at this size takes for ever at 15 MB
SLOW = 3.0  # seconds of processor time
MOST_KEPT, MOST_BYTES = 150, 500_000  # of a corpus


@dataclass(frozen=True, slots=True)
class Border:
    """Where foreign bytes come in. `check` says in a word what came of them, a word that tells one path from another, and raises
    when a promise is broken."""

    name: str
    seeds: Callable[[], list[bytes]]
    tokens: tuple[bytes, ...]
    check: Callable[[bytes], str]
    longest: int = LONGEST
    home: Path = Path(__file__).parent

    @property
    def corpus(self) -> Path:
        return self.home / "corpus" / self.name

    @property
    def found(self) -> Path:
        return self.home / "found" / self.name

    @property
    def failures(self) -> Path:
        return self.home / "failures" / self.name


def text_of(data: bytes) -> str:
    """Any bytes as a text: what is no UTF-8 becomes half a surrogate pair."""
    return data.decode("utf-8", "surrogateescape")


def bytes_of(texts: Iterable[str]) -> tuple[bytes, ...]:
    return tuple(text.encode("utf-8", "surrogateescape") for text in texts)


def checked(border: Border, data: bytes) -> str:
    """What `check` says within SLOW. An input that breaks a promise is written down, and its error raised."""
    started = time.process_time()
    try:
        found = border.check(data)
        spent = time.process_time() - started
        assert spent < SLOW, f"{len(data)} bytes took {spent:.1f} s"
    except Exception:
        written(border.failures, data)
        raise
    return found


def mutated(chance: random.Random, whole: bytes, others: list[bytes], border: Border) -> bytes:
    data = bytearray(whole)
    for _ in range(chance.randint(1, 6)):
        at, to = sorted(chance.randint(0, len(data)) for _ in range(2))
        match chance.randint(0, 5):
            case 0:
                del data[at : min(to, at + 200)]
            case 1:
                data[at:at] = chance.choice(border.tokens) * chance.choice((1, 1, 1, 40))
            case 2:
                data[at:at] = data[at : min(to, at + 400)]
            case 3:
                other = chance.choice(others)
                data[at:to] = other[(start := chance.randint(0, len(other))) : start + chance.randint(0, 600)]
            case 4 if data:
                data[at % len(data)] = chance.randint(0, 255)
            case _:
                del data[at:]
    return bytes(data[: border.longest])


def wander(border: Border, until: float, chance: random.Random) -> Iterator[bytes]:
    """Every input that reached something new."""
    corpus = border.seeds()
    known = {checked(border, data) for data in corpus}
    while time.monotonic() < until:
        data = mutated(chance, chance.choice(corpus), corpus, border)
        found = checked(border, data)
        if found not in known and len(corpus) < MOST_KEPT:
            known.add(found)
            corpus.append(data)
            yield data


def written(folder: Path, data: bytes) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / sha256(data).hexdigest()[:16]).write_bytes(data)


def keep(border: Border) -> None:
    """Puts what was found into the corpus, as far as there is room: the smallest input of each path first, then the smallest."""
    known = {
        path.read_bytes() for folder in (border.corpus, border.found) if folder.exists() for path in folder.iterdir()
    }
    paths: dict[str, list[bytes]] = {}
    for data in sorted(known, key=lambda data: (len(data), data)):
        paths.setdefault(border.check(data), []).append(data)
    ranked = sorted((rank, len(data), data) for same in paths.values() for rank, data in enumerate(same))
    shutil.rmtree(border.corpus, ignore_errors=True)
    room = MOST_BYTES
    for _, size, data in ranked[:MOST_KEPT]:
        room -= size
        if size <= LONGEST and room >= 0:
            written(border.corpus, data)
    shutil.rmtree(border.found, ignore_errors=True)


def run(border: Border, minutes: float, *, guided: bool) -> int:
    """The exit code: 0 when no promise was broken."""
    for data in border.seeds():
        written(border.found, data)
    # libFuzzer ends its process; a fork has the code under test as it was instrumented.
    fork = multiprocessing.get_context("fork")
    process = fork.Process(target=_guided if guided else _by_chance, args=(border, minutes))
    process.start()
    process.join()
    if not process.exitcode:
        keep(border)
    return process.exitcode or 0


def _by_chance(border: Border, minutes: float) -> None:
    for data in wander(border, time.monotonic() + 60 * minutes, random.Random()):
        written(border.found, data)


def _guided(border: Border, minutes: float) -> None:
    import atheris

    for folder in (border.corpus, border.failures):
        folder.mkdir(parents=True, exist_ok=True)
    words = border.failures.with_suffix(".words")
    words.write_text("".join(f'"{_escaped(token)}"\n' for token in border.tokens), "ascii")
    limits = (
        f"-max_total_time={minutes * 60:.0f}",
        f"-max_len={border.longest}",
        "-timeout=30",
        "-rss_limit_mb=1500",
        "-reduce_inputs=1",
        "-print_final_stats=1",
    )
    places = (f"-artifact_prefix={border.failures}/", f"-dict={words}", str(border.found), str(border.corpus))
    others = border.seeds()

    def changed(data: bytes, most: int, seed: int) -> bytes:
        """Half of the mutations are ours: they bring a token forty times, where libFuzzer changes a byte."""
        chance = random.Random(seed)
        ours = chance.random() < 0.5
        return mutated(chance, data, others, border)[:most] if ours else bytes(atheris.Mutate(data, most))

    atheris.Setup([sys.argv[0], *limits, *places], lambda data: void(checked(border, data)), custom_mutator=changed)
    atheris.Fuzz()


def _escaped(token: bytes) -> str:
    return "".join(f"\\x{byte:02x}" for byte in token)


def void(found: str) -> None:
    """libFuzzer takes no answers."""
