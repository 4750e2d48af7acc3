"""Starts the adapter. What it needs is installed on first use, into a folder of its own in keyspec's cache.

Standard library only: this file runs on the system's Python, `port/` on that of the installed environment.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
REQUIREMENTS = HERE / "requirements.txt"
OLDEST = (3, 10)


def cache():
    """keyspec's cache: what keyspec says, else where it would be."""
    named = os.environ.get("KEYSPEC_CACHE")
    if named:
        return Path(named).absolute()
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "keyspec"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "keyspec"


def environment():
    """The folder of the environment. What is in it depends on the requirements and on the Python, so both name it."""
    made_of = REQUIREMENTS.read_bytes() + sys.version.encode() + sys.executable.encode()
    return cache() / "adapters" / f"better-auth-server-py-{hashlib.sha256(made_of).hexdigest()[:12]}"


def make(folder):
    """Makes the environment, unless another adapter that starts at the same time has done so meanwhile."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with open(folder.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if ready(folder):
            return
        # What is there was broken off.
        shutil.rmtree(folder, ignore_errors=True)
        say(f"installing better-auth-server (once, into {folder})")
        run("the module `venv`", [sys.executable, "-m", "venv", folder])
        run(
            "packages from PyPI",
            [python(folder), "-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check"]
            + ["--require-hashes", "--requirement", REQUIREMENTS],
        )
        (folder / "ready").touch()


def ready(folder):
    return (folder / "ready").exists()


def python(folder):
    return folder / "bin" / "python"


def run(needed, command):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=sys.stderr, stderr=sys.stderr)
    if done.returncode != 0:
        leave(
            f"`{' '.join(map(str, command[:4]))} ...` failed: the adapter needs {needed} to set itself up once. "
            "Debian and Ubuntu have venv in the package python3-venv."
        )


def say(text):
    print(f"adapters/python: {text}", file=sys.stderr, flush=True)


def leave(reason):
    say(reason)
    sys.exit(1)


def main():
    if sys.version_info < OLDEST:
        leave(f"better-auth-server needs Python 3.10 or newer, this is {sys.version.split()[0]}")
    folder = environment()
    if not ready(folder):
        try:
            make(folder)
        except OSError as error:
            leave(f"cannot make {folder}: {error}; KEYSPEC_CACHE names another cache")
    if "--prepare" in sys.argv:
        return
    # The adapter takes this process over, so that whoever ends it ends the adapter.
    os.chdir(HERE)
    os.execv(python(folder), [python(folder), "-X", "utf8", "-B", "-m", "port"])


if __name__ == "__main__":
    main()
