"""Assemble the playground: our own files, Python for the browser, bncalc and what it needs.

python playground/assemble.py OUT [WHEEL]

All that is not ours comes from the package registries, by exact version: npm's by
package-lock.json, Python's by requirements.txt. bncalc is WHEEL, or is built from this tree.
"""

import json
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

HERE = Path(__file__).parent
OURS = ("index.html", "style.css", "worker.js", "run.py")
PYODIDE = (
    "pyodide.mjs",
    "pyodide.asm.mjs",
    "pyodide.asm.wasm",
    "python_stdlib.zip",
    "pyodide-lock.json",
)
EPOCH = (1980, 1, 1, 0, 0, 0)
"""The time of every file in the archive: the same packages give the same bytes."""


def assemble(out: Path, wheel: Path | None) -> None:
    """Write the playground into a folder."""
    out.mkdir(parents=True, exist_ok=True)
    modules = HERE / "node_modules"
    if not (modules / ".package-lock.json").exists():
        _run("npm", "ci", "--silent", "--no-audit", "--no-fund", cwd=HERE)
    for name in OURS:
        shutil.copy(HERE / name, out)
    for name in PYODIDE:
        shutil.copy(modules / "pyodide" / name, out)
    with tempfile.TemporaryDirectory() as folder:
        packages = Path(folder)
        pip = (sys.executable, "-m", "pip", "install", "--quiet", "--no-compile", "--no-deps")
        wanted = ("-r", str(HERE / "requirements.txt"), str(wheel or HERE.parent))
        _run(*pip, "--target", str(packages), *wanted)
        words = (sys.executable, "-c", (HERE / "vocabulary.py").read_text(encoding="utf-8"))
        vocabulary = _run(*words, cwd=packages)
        _archive(packages, out / "packages.zip")
    examples = {path.stem: path.read_text("utf-8") for path in sorted(HERE.glob("examples/*.yaml"))}
    built = HERE / "node_modules" / ".built.json"
    built.write_text(
        json.dumps({"examples": examples, "vocabulary": json.loads(vocabulary)}), encoding="utf-8"
    )
    esbuild = modules / ".bin" / "esbuild"
    _run(str(esbuild), str(HERE / "main.js"), "--bundle", "--minify", "--format=esm",
         "--log-level=warning", f"--outfile={out / 'main.js'}")  # fmt: skip


def _archive(packages: Path, archive: Path) -> None:
    """Zip pure Python packages: no compiled part, no program, nothing of another machine."""
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for path in sorted(packages.rglob("*")):
            name = path.relative_to(packages)
            if path.is_file() and path.suffix not in (".so", ".pyc") and name.parts[0] != "bin":
                entry = zipfile.ZipInfo(name.as_posix(), EPOCH)
                packed.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED)


def _run(*command: str, cwd: Path | None = None) -> str:
    return subprocess.run(
        command, cwd=cwd, check=True, stdout=subprocess.PIPE, encoding="utf-8"
    ).stdout


if __name__ == "__main__":
    assemble(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
