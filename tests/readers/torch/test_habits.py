"""Habits of people's code, each held to numbers that are worked out by hand."""

import importlib.util
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.program import Done, run

import bncalc
from bncalc import Assumptions, measure
from bncalc.analysis.training import Training
from bncalc.writers.pytorch.module import module_file

pytestmark = pytest.mark.frameworks

MODULE = """
import random, warnings
import numpy as np
import torch
from torch import nn
from torch.nn import functional as F


class Base(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 1)


class Net(Base):
{body}
"""
PARAMS, MACS = 3 * 8 + 8, 3 * 8 * 64
Shows = Callable[..., Done]


@pytest.fixture
def shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shows:
    """Return what runs a command on a model of a convolution of 8×8 whose class has this body."""
    monkeypatch.chdir(tmp_path)

    def show(body: str, command: str = "show", given: str = "3,8,8") -> Done:
        Path("habit.py").write_text(MODULE.format(body=body))
        monkeypatch.delitem(sys.modules, "habit", raising=False)
        sys.path_importer_cache.clear()
        return run(command, f"torch:habit:Net@{given}")

    return show


DRAWING = """
    def forward(self, x):
        for _ in range(99):
            y = self.conv(x)
            if {draw} < 0.1:
                break
        return y
"""


@pytest.mark.parametrize(
    ("draw", "named"),
    [
        ("random.random()", "random"),
        ("np.random.rand()", "numpy.random"),
        ("torch.empty(1, device='cpu').uniform_()", "torch"),
        ("random.random() * np.random.rand()", "random and numpy.random"),
    ],
)
def test_random_numbers_are_the_same_each_time_and_said(
    draw: str, named: str, shows: Shows
) -> None:
    done = [shows(DRAWING.format(draw=draw)) for _ in range(2)]
    note = f"note: torch:habit:Net: its code draws random numbers ({named}); one draw is counted"
    assert [each.stderr for each in done] == [f"{note}, the same each time\n"] * 2
    assert done[0].stdout == done[1].stdout
    assert shows(DRAWING.format(draw=draw), "verify").returncode == 0


def test_other_random_numbers_go_on_as_before(shows: Shows) -> None:
    import random

    random.seed(5)
    expected = [random.random() for _ in range(2)]
    random.seed(5)
    first = random.random()
    assert shows(DRAWING.format(draw="random.random()")).returncode == 0
    assert [first, random.random()] == expected


def test_a_width_that_is_drawn_is_said(shows: Shows) -> None:
    body = """
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, random.choice([4, 8, 16]), 1)
        np.random.rand()

    def forward(self, x):
        return self.conv(x)
"""
    assert "draws random numbers (random); one draw is counted" in shows(body).stderr


@pytest.mark.parametrize(
    ("body", "given", "says"),
    [
        (
            "    def forward(self, x):\n        return f'{x.mean():.2f}'",
            "3,8,8",
            "asks for the numbers",
        ),
        (
            "    def forward(self, x, times):\n        return [x for _ in range(times)]",
            "3,8,8@times=2",
            "a number is given as such where its parameter says so, as in `times: int`",
        ),
        (
            "    def forward(self, x):\n        raise MemoryError",
            "3,8,8",
            "habit.py:17: MemoryError\n",
        ),
        (
            "    def forward(self, x):\n        raise type('Odd', (Exception,), "
            "{'__str__': lambda self: 1 / 0})",
            "3,8,8",
            "habit.py:17: Odd\n",
        ),
    ],
)
def test_an_error_is_one_line_and_says_what_helps(
    body: str, given: str, says: str, shows: Shows
) -> None:
    done = shows(body, given=given)
    assert done.returncode == 2
    assert says in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    "line",
    [
        "torch.cuda.synchronize()",
        "self.load_state_dict({'conv.bias': torch.ones(8, device='cpu')}, strict=False)",
        "float(torch.ones((), device='cpu', requires_grad=True))",
    ],
)
def test_what_comes_of_the_device_is_no_matter(
    line: str, shows: Shows, recwarn: pytest.WarningsRecorder
) -> None:
    done = shows(f"    def forward(self, x):\n        {line}\n        return self.conv(x)")
    assert (done.returncode, done.stderr, recwarn.list) == (0, "", [])
    totals = measure(bncalc.network("torch:habit:Net@3,8,8")).totals
    assert (totals.params, totals.macs) == (PARAMS, MACS)


def test_what_becomes_of_warnings_is_as_before(
    shows: Shows, recwarn: pytest.WarningsRecorder
) -> None:
    before = [*warnings.filters]
    line = "warnings.simplefilter('error')"
    assert shows(f"    {line}\n\n    def forward(self, x):\n        return x").returncode == 0
    assert warnings.filters == before
    body = "    def forward(self, x):\n        warnings.warn('mind')\n        return x"
    assert shows(body).returncode == 0
    assert [str(each.message) for each in recwarn.list] == ["mind"]


def test_a_compiled_part_is_read_and_some_tools_fail_at_it(shows: Shows) -> None:
    body = """
    def __init__(self):
        super().__init__()
        self.conv = torch.compile(nn.Conv2d(3, 8, 1))

    def forward(self, x):
        return self.conv(x)
"""
    assert shows(body, "verify").returncode == 0
    totals = measure(bncalc.network("torch:habit:Net@3,8,8")).totals
    assert (totals.params, totals.macs) == (PARAMS, MACS)
    missed = "the total of {} leaves out compiled: what it counts there has not been observed"
    conventions = shows(body, "conventions").stdout
    for tool, fails in {"torchinfo": True, "fvcore": True, "thop": False, "torch": False}.items():
        assert (missed.format(tool) in conventions) == fails


def test_zeros_of_a_size_that_depends_on_content_are_no_operation(shows: Shows) -> None:
    body = """
    def forward(self, x):
        return self.conv(x) + torch.zeros(x.bool().flatten().long()[0] * 0 + 1)
"""
    assert "not counted" not in shows(body).stdout


def test_code_that_cannot_train_here_is_named(shows: Shows) -> None:
    body = """
    def forward(self, x):
        y = self.conv(x)
        if self.training:
            y = F.dropout(y)
            y = y + 1 if y.sum() > 0 else y
        return y
"""
    done = shows(body, "memory")
    assert "kept for backward: not known, and left out: code of Net" in done.stdout + done.stderr
    report = measure(
        bncalc.network("torch:habit:Net@3,8,8"), Assumptions(batch=2), also=["training"]
    )
    training = report.result(Training)
    assert (training.saved, training.unknown) == (4 * 2 * 3 * 64, ("code of Net",))


FROZEN = "torch.jit.freeze(torch.jit.trace(self.conv.eval(), torch.ones(1, 3, 8, 8)))"


@pytest.mark.parametrize(
    ("call", "params", "is_said"),
    [
        (f"self.conv = {FROZEN}", 0, True),
        ("w = self.conv.weight.detach(); self.called = lambda x: F.conv2d(x, w)", 0, True),
        ("self.called = lambda x: F.conv2d(x, self.conv.weight.detach())", 24, False),
        ("mask = torch.ones(8, 8); self.called = lambda x: self.conv(x * mask)", PARAMS, False),
    ],
)
def test_constants_that_layers_multiply_by_are_no_params_and_that_is_said(
    call: str, params: int, is_said: bool, shows: Shows
) -> None:
    body = f"""
    def __init__(self):
        super().__init__()
        {call}

    def forward(self, x):
        return getattr(self, "called", self.conv)(x)
"""
    assert ("they are not in its params" in shows(body).stderr) == is_said
    layers = measure(bncalc.network("torch:habit:Net@3,8,8")).layers
    convs = [(each.cost.params, each.cost.macs) for each in layers if each.op == "conv"]
    assert convs == [(params, MACS)]


@pytest.mark.parametrize(("norm", "shared"), [("BatchNorm2d", True), ("InstanceNorm2d", False)])
def test_statistics_of_a_batch_norm_are_those_of_all_images(
    norm: str, shared: bool, shows: Shows
) -> None:
    body = f"""
    def __init__(self):
        super().__init__()
        self.norm = nn.{norm}(64)

    def forward(self, x):
        return self.norm(x)
"""
    assert shows(body, given="64,2,2").returncode == 0
    report = measure(bncalc.network("torch:habit:Net@64,2,2"), Assumptions(policy="eager", batch=3))
    # the image, what is made of it, and two numbers for each channel
    by_hand = 3 * 2 * 64 * 4 + 2 * 64 * (1 if shared else 3)
    assert report.numbers()["peak_activation_bytes"] == 4 * by_hand


def test_a_norm_of_groups_keeps_maps_in_the_order_that_they_have(shows: Shows) -> None:
    body = """
    def __init__(self):
        super().__init__()
        self.first, self.norm = nn.LayerNorm(4), nn.GroupNorm(2, 4)
        self.conv = nn.Conv2d(4, 4, 1, bias=False)

    def forward(self, x):
        x = self.first(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
        return self.conv(x * x + self.norm(x))
"""
    assert shows(body, given="4,6,6").returncode == 0
    report = measure(
        bncalc.network("torch:habit:Net@4,6,6"), Assumptions(batch=3), also=["training"]
    )
    # the image, and two statistics for each position; what is squared and normed, once, and two for
    # each group; what the convolution reads
    by_hand = 3 * (4 * 36 + 2 * 36 + 4 * 36 + 2 * 2 + 4 * 36)
    assert report.numbers()["saved_for_backward_bytes"] == 4 * by_hand


LIKE = """
    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.rand(8, 1, 1))
        self.shift = nn.Parameter(torch.rand(64))

    def forward(self, x):
        x = self.conv(x)
        x = x * self.scale.{first}
        return x.where(x > 0, self.shift.view_as(x[0, 0]).to(x))
"""


@pytest.mark.parametrize("first", ["expand_as(x)", "type_as(x)", "to(x)"])
def test_a_weight_that_is_made_like_a_map_is_learned_by_what_reads_it(
    first: str, shows: Shows
) -> None:
    import torch
    from torch.nn import functional

    assert shows(LIKE.format(first=first)).returncode == 0
    graph = bncalc.network("torch:habit:Net@3,8,8")
    params = [layer.cost.params for layer in measure(graph).layers if not layer.training_only]
    assert [count for count in params if count] == [PARAMS, 8, 64]
    names: dict[str, Any] = {}
    exec(module_file(graph), names)
    module, x = names["Net"](), torch.rand(2, 3, 8, 8)
    for each in module.parameters():
        each.data.uniform_(-0.5, 0.5)
    scale, shift, weight, bias = module.parameters()
    y = functional.conv2d(x, weight, bias) * scale.reshape(8, 1, 1)
    torch.testing.assert_close(module(x), torch.where(y > 0, y, shift.reshape(8, 8)))


HUGGING = """
from transformers import BertConfig, BertModel, OPTConfig, OPTForCausalLM

SIZES = {"hidden_size": 32, "num_attention_heads": 4, "num_hidden_layers": 1, "vocab_size": 100}


def opt():
    return OPTForCausalLM(OPTConfig(ffn_dim=64, word_embed_proj_dim=32, **SIZES))


def bert():
    return BertModel(BertConfig(intermediate_size=64, **SIZES))
"""


@pytest.mark.skipif(importlib.util.find_spec("transformers") is None, reason="no transformers")
@pytest.mark.parametrize("given", ["input_ids=int64,9", "input_ids=int64,9@attention_mask=int64,9"])
@pytest.mark.parametrize(
    ("model", "others"),
    [("opt", 9 * 32 * 100), ("bert", 32 * 32)],  # the head of words; a layer on the first of them
)
def test_a_mask_that_hides_words_changes_no_number(
    model: str, others: int, given: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("hugging.py").write_text(HUGGING)
    totals = measure(bncalc.network(f"torch:hugging:{model}@{given}")).totals
    # four layers of 32, two of 64, and the scores of nine words and what is mixed by them
    assert totals.macs == 9 * (4 * 32 * 32 + 2 * 32 * 64) + 2 * 9 * 9 * 32 + others
