"""Make .venv and install what is pinned, only when that has changed. Standard library only: nothing is there yet.

Every Python from 3.6 on can read this file, so that one that is too old is told so and does not stumble over a line.

python3 moondev/up/install.py requirements.txt [requirements-dev.txt]
"""

import hashlib
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
OLDEST = (3, 11)
# A third of all code: the packages' own tests, and a hundred exchanges, which are compiled when one is asked for.
SELDOM_LOADED = r"site-packages/(.*/tests/|ccxt/)"


def main(lists: "list[str]") -> str:
    """Install the lists. Returns one line about what went wrong, or nothing."""
    if sys.version_info < OLDEST:
        found = sys.version.split()[0]
        return f"this is Python {found}: install 3.11 or newer, or name one with `make PYTHON=python3.12`."
    stamp = VENV / f"installed-{'-'.join(Path(name).stem for name in lists)}"
    state = hashlib.sha256(b"".join((ROOT / name).read_bytes() for name in lists)).hexdigest()
    try:
        if stamp.exists() and stamp.read_text() == state:
            return ""
        return _install(lists) or _keep(stamp, state)
    except OSError as error:
        return f"{error.filename or ROOT} cannot be written ({error.strerror}): work in a folder of your own with room."


def _install(lists: "list[str]") -> str:
    _say("Installing into .venv (once, about a minute) …")
    if not (VENV / "bin" / "python").exists():
        # A folder that cannot be written is told apart from a Python without venv.
        VENV.mkdir(exist_ok=True)
        made = _run(sys.executable, "-m", "venv", str(VENV))
        if made:
            return f"cannot make .venv ({made}): install Python's venv module (Debian: apt-get install python3-venv)."
    wanted = [part for name in lists for part in ("-r", str(ROOT / name))]
    pip = (str(VENV / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "--quiet")
    failed = _run(*pip, "install", "--no-compile", "--only-binary", ":all:", *wanted)
    if failed:
        return f"cannot install the requirements ({failed}): check the network, the disk and PIP_INDEX_URL."
    _compile()
    return ""


def _compile() -> None:
    """On every core, where pip would take one. As with pip, a file that is no Python of ours is left as it is."""
    _run(str(VENV / "bin" / "python"), "-m", "compileall", "-q", "-j", "0", "-x", SELDOM_LOADED, str(VENV / "lib"))


def _run(*command: str) -> str:
    """Run quietly; returns the last line of a failure, or nothing."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    lines = [line.strip() for line in done.stdout.splitlines() if line.strip()]
    return (lines[-1] if lines else "no reason given") if done.returncode else ""


def _keep(stamp: Path, state: str) -> str:
    stamp.write_text(state)
    return ""


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")


if __name__ == "__main__":
    trouble = main(sys.argv[1:])
    if trouble:
        _say(f"make: {trouble}")
    sys.exit(1 if trouble else 0)
