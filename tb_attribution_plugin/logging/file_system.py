"""What the operating system says of a path, and what helps when it refuses."""

from __future__ import annotations

import errno
import os

_FIXES = {
    errno.ENOSPC: "free space on that disk",
    errno.EDQUOT: "free space in that quota",
    errno.EFBIG: "raise the limit on file sizes (ulimit -f), or lower resolution= or the number of examples",
    errno.EACCES: "make the directory writable, or give a log_dir that this user may write to",
    errno.EPERM: "make the directory writable, or give a log_dir that this user may write to",
    errno.EROFS: "write to another log_dir",
    errno.EEXIST: "it must be a directory, not a file: move the file away",
    errno.ENOTDIR: "it must be a directory, not a file: move the file away",
    errno.ENAMETOOLONG: "give a shorter log_dir or name",
    errno.EMFILE: "close files that this process no longer needs, or raise the limit (ulimit -n)",
    errno.ENFILE: "close files that other processes no longer need",
}


def fix_for(error: OSError, otherwise: str = "check the disk behind log_dir") -> str:
    return _FIXES.get(error.errno or 0, otherwise)


def is_file(path: str, identity: tuple[int, int]) -> bool:
    """Whether the path still leads to the file of that device and inode; one that cannot be asked is taken to be."""
    try:
        stat = os.stat(path)
    except OSError as error:
        return error.errno not in (errno.ENOENT, errno.ENOTDIR, errno.ESTALE)
    return (stat.st_dev, stat.st_ino) == identity
