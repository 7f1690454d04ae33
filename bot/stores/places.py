"""Where a database file lies: which kinds of file system it had better not, from the system's own list of mounts."""

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

MOUNTS = Path("/proc/self/mounts")
SHARED = (
    "nfs",
    "cifs",
    "smb",
    "9p",
    "afs",
    "ceph",
    "gluster",
    "lustre",
    "fuse.sshfs",
    "fuse.rclone",
    "fuse.s3fs",
    "ncpfs",
)
FLEETING = ("tmpfs", "ramfs")


def place_of(path: Path) -> str:
    """What is wrong with the place of `path`, "" where nothing is or the system does not say."""
    try:
        return doubt(path.absolute().resolve().as_posix(), MOUNTS.read_text("utf-8", "replace"))
    except OSError:
        return ""


def doubt(path: str, mounts: str) -> str:
    """`mounts` has a line for each mount: what, where, which kind, and more."""
    where, kind = max(_over(PurePosixPath(path), mounts), key=lambda mount: len(mount[0]), default=("", ""))
    if kind.startswith(SHARED):
        return f"{path} lies on {kind} ({where}), whose locks SQLite cannot trust — keep the store on a disk of this machine"
    if kind in FLEETING:
        return f"{path} lies in memory ({kind} at {where}) and is gone with the next start — keep the store on a disk"
    return ""


def _over(path: PurePosixPath, mounts: str) -> Iterator[tuple[str, str]]:
    for line in mounts.splitlines():
        parts = line.split(" ")
        if len(parts) > 2 and path.is_relative_to(where := parts[1].replace("\\040", " ")):
            yield where, parts[2]
