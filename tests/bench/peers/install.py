"""The engines that `make bench` measures beside ours, in an environment of their own."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
FOLDER = ROOT / ".venv" / "peers"
PEERS = (
    "common-expression-language",
    "duckdb",
    "numpy",
    "OpenFisca-Core",
    "orjson",
    "polars",
    "pyarrow",
    "zen-engine",
)


def peers_python() -> str:
    """The Python that has them; installed when first asked for."""
    python, stamp = FOLDER / "bin" / "python", FOLDER / "installed"
    if not stamp.exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(FOLDER)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "-q", *PEERS], check=True)
        stamp.touch()
    return str(python)
