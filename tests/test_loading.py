"""Patterns of other people's modules, compiled on use."""

import re
import subprocess
import sys
from threading import Thread

import pytest

from bncalc.loading import patterns_on_use


def test_a_pattern_is_compiled_when_it_is_used() -> None:
    with patterns_on_use():
        pattern, broken = re.compile("a(b)", re.IGNORECASE), re.compile("(")
        used_at_once = re.compile("a").match("a")
    assert [pattern.sub(r"\1", "xAB"), pattern.groups, pattern.pattern] == ["xB", 1, "a(b)"]
    assert used_at_once
    with pytest.raises(re.error, match="unterminated subpattern"):
        broken.match("(")
    assert isinstance(re.compile("a(b)"), re.Pattern)


def test_other_threads_compile_as_ever() -> None:
    compiled: list[object] = []
    with patterns_on_use():
        thread = Thread(target=lambda: compiled.append(re.compile("other thread")))
        thread.start()
        thread.join()
    assert isinstance(compiled[0], re.Pattern)


def test_a_failing_import_leaves_compiling_as_it_was() -> None:
    with pytest.raises(ImportError), patterns_on_use():
        import no_such_module  # type: ignore[import-not-found]  # noqa: F401
    assert isinstance(re.compile("after"), re.Pattern)


UNUSED = "import re; from bncalc.language.source import read; read('a: 1', 'a.yaml'); import yaml"
UNUSED += "; assert not isinstance(yaml.reader.Reader.NON_PRINTABLE, re.Pattern)"


def test_reading_yaml_compiles_no_pattern_of_the_reader_in_python() -> None:
    subprocess.run([sys.executable, "-c", UNUSED], check=True)
