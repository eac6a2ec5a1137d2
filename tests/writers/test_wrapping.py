"""Wrapping: a long statement is the same one in several lines, as ruff formats them."""

import ast
import subprocess
import sys
from pathlib import Path

from bncalc.writers.pytorch.wrapping import wrapped

_MEAN = "weight.mean(dim=(1, 2, 3), keepdim=True)"
STATEMENTS = (
    f"x = torch.cat(({', '.join([f'concat{i}' for i in range(20)])}), 1)",
    "x = F.conv2d(x, self.conv.weight, self.conv.bias, (1, 1), (1, 1), (1, 1), groups=4, other=5)",
    f"x = F.conv2d(x, (weight - {_MEAN}) / ((weight - {_MEAN}).std(dim=(1, 2, 3)) + 1e-05), None)",
    f"x = F.conv2d(x, (self.custom1.weight - self.custom1.{_MEAN}) * self.custom1.scale, None)",
    "self.register_buffer("
    + '"mask", torch.zeros((6, 6)).masked_fill(torch.arange(6)[:, None] < torch.cat((torch.arange'
    + "(6)[:3], torch.arange(6)[3:])), -torch.inf), persistent=False)",
    "self.einsum = States(constant=(torch.arange(14)[:, None] * 1.0 - torch.arange(14)[None, :] * "
    "1.0 + 13.0).long())",
    "x = torch.matmul(x, self.einsum1.rel_pos_h[self.einsum1.constant].unsqueeze(3).unsqueeze(4)"
    ".permute(3, 4, 0, 1, 2).view(56, 96, 7))",
    f"return ((self.first.weight - self.first.{_MEAN}) / (self.first.weight.std() + 1e-05)).sum(2)",
    f"x = x - F.conv2d(x, self.custom1.weight, self.custom1.bias, (1, 1), (1, 1), (1, 1), 1, {1})",
    f"x = {' + '.join([f'self.branch_of_the_network{i}(x)' for i in range(5)])}",
    "x = F.add(x, self.bias.relative_position_bias_table[self.bias.relative_position_index.view(-1)"
    "].view(49, 49, -1).permute(2, 0, 1).unsqueeze(0))",
    "x = x.unflatten(1, (self.slice_size, self.mid))[:, : self.reshape1_size, 11:].transpose(2, 3)",
    "x = self.rnn(y.unflatten(2, (self.areas, -1)).permute(0, 2, 3, 1).flatten(0, 1), self.many)[0]"
    ".unflatten(0, (-1, self.areas)).permute(0, 3, 1, 2).flatten(2)",
    "x0, y = x0(x, first=self.first_of_all, second=self.second_of_all, third=self.third_of_all)[0]",
    f"self.b = nn.ModuleList([{', '.join(['nn.Conv2d(36, 36, 3, stride=2, padding=1)'] * 2)}])",
    f'self.b = nn.ModuleDict({{"1": nn.Sequential({", ".join(["nn.Conv2d(36, 72, 3)"] * 4)})}})',
    f"x = self.norm({' + '.join([f'self.branch_of_the_network{i}(x)' for i in range(5)])})",
    "x = x ** 2 / ((self.norm.var ** -0.5) ** self.many) ** 1e-05 - x[0] ** 2 + x.sum() ** x.max()",
    "x = self.gain(x ** -self.power, 2.5 ** x)",
)


def test_a_wrapped_statement_is_the_same_one_and_as_ruff_formats_it(tmp_path: Path) -> None:
    path = tmp_path / "statements.py"
    texts = ["\n".join(wrapped(statement, 4)) for statement in STATEMENTS]
    functions = [f"def f{at}() -> None:\n{text}\n" for at, text in enumerate(texts)]
    path.write_text("\n\n".join(functions), encoding="utf-8")
    for statement, made in zip(STATEMENTS, ast.parse(path.read_text("utf-8")).body, strict=True):
        assert isinstance(made, ast.FunctionDef)
        assert ast.dump(made.body[0]) == ast.dump(ast.parse(statement).body[0])
    check = ["-m", "ruff", "format", "--isolated", "--line-length", "88", "--diff", str(path)]
    done = subprocess.run([sys.executable, *check], capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("", 0), done.stderr
