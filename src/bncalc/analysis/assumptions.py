"""Assumptions: what a number depends on and the graph does not say."""

from typing import TYPE_CHECKING

from bncalc.calls import public_kind
from bncalc.errors import UsageError, hint_for, refuse_other, refuse_unknown
from bncalc.named import NamedTuple
from bncalc.number import refuse_unwhole
from bncalc.synonyms import meant

if TYPE_CHECKING:
    from bncalc.model.device import Device

DTYPES = {
    "float64": 8, "float32": 4, "tf32": 4, "float16": 2, "bfloat16": 2, "float8": 1, "int16": 2,
    "int8": 1, "uint8": 1,
}  # fmt: skip
"""Bytes of one number, by the name of its type; `tf32` is float32 multiplied at 19 bits."""


class Policy(NamedTuple):
    """How feature maps share memory: the switches of `deploy` and `eager`.

    The first six say which ops may write over an input that nobody else needs: `act` are
    activations that `torch.nn` has an in-place form of, `function` all others (GELU, sigmoid,
    tanh, …), `depthwise` convolutions of one channel each, as TinyEngine has them.
    `hold_input` keeps the image to the end, as a caller does; `hold_parts` keeps what a stage or
    block is called with until it returns, `hold_layers` what a layer is called with until its norm
    and activation are done; `workspace` counts what a step makes beside its output.
    """

    name: str = "deploy"
    norm: bool = True
    act: bool = True
    function: bool = True
    add: bool = True
    multiply: bool = True
    depthwise: bool = False
    hold_input: bool = False
    hold_parts: bool = False
    hold_layers: bool = False
    workspace: bool = False


DEPLOY = Policy()
"""Norm folded; activation, residual add and gate write over their input."""
EAGER = Policy(
    "eager", norm=False, function=False, multiply=False, hold_input=True, hold_parts=True,
    workspace=True,
)  # fmt: skip
"""As PyTorch runs modules: a norm makes a new map, and whoever calls keeps what it calls with."""
POLICIES = {policy.name: policy for policy in (DEPLOY, EAGER)}


class Optimizer(NamedTuple):
    """How many numbers an optimiser keeps for each parameter.

    `mixed` keeps them in float32 beside 16-bit weights, and a float32 copy of the weights too
    (Micikevicius et al. 2017, arXiv:1710.03740).
    """

    name: str
    states: int
    mixed: bool = False

    def state_bytes(self, weight_bytes: int) -> int:
        """Return the bytes of state for one parameter."""
        return 4 * (self.states + 1) if self.mixed else weight_bytes * self.states


_STATES = {"sgd": 0, "momentum": 1, "adam": 2, "adamw": 2}
OPTIMIZERS = {
    **{name: Optimizer(name, states) for name, states in _STATES.items()},
    **{f"{name}-mixed": Optimizer(f"{name}-mixed", n, True) for name, n in _STATES.items()},
}


def policy_of(text: str) -> Policy:
    """Read a policy's name and the switches after it, each with its sign, or raise UsageError."""
    name, *switches = [word.strip() for word in text.split(",")]
    if name not in POLICIES:
        raise UsageError(f"unknown policy {name!r}; write {' or '.join(POLICIES)}, then switches")
    known = [key for key in Policy._fields if key != "name"]
    settings = {}
    for switch in switches:
        sign, word = switch[:1], switch[1:]
        if sign not in ("+", "-") or word not in known:
            name = switch.lstrip("+-")
            if name in known:
                raise UsageError(f"{switch!r} has no sign; write +{name} or -{name}")
            hint = hint_for(name, known)
            raise UsageError(f"unknown switch {switch!r}{hint}; write + or - before it")
        settings[word] = sign == "+"
    return POLICIES[name]._replace(name=",".join([name, *switches]), **settings)


class Patches(NamedTuple):
    """The first `layers` convolutions run for one piece of a `grid` after the other.

    Without a grid, the patches with the fewest added MACs that fit the device are taken.
    """

    grid: tuple[int, ...] = ()
    layers: int = 0


class Target(NamedTuple):
    """What runs a network on a microcontroller: a runtime by name, and what a converter did.

    `padding` is part of each convolution (`same`), or an op of its own where a stride makes it
    differ from TensorFlow's (`strided`), or everywhere (`all`). `dtype` is that of the weights, and
    of the maps unless theirs is assumed to be another.
    """

    runtime: str = "tflm"
    padding: str = "same"
    patches: Patches | None = None
    dtype: str = "int8"


@public_kind
class Assumptions(NamedTuple):
    """What a graph is measured under: batch, types, memory, training, and whose count.

    `fold_norm` takes the network as deployed, each batch norm folded into the layer before it:
    the only field that changes params. `optimizer` and `checkpoint` (each block keeps only its
    input) matter in training only. `convention` names the tools whose totals are wanted beside
    ours, with commas between them, `memory` the bytes that a batch has to fit in, `device` what the
    least time is worked out for, and what a network is deployed on by the runtime of `target`. The
    `policy` may be text, as the command line takes it: "deploy,-add".
    """

    batch: int = 1
    dtype: str = "float32"
    activation_dtype: str | None = None
    policy: Policy | str = DEPLOY
    fold_norm: bool = False
    optimizer: str = "momentum"
    checkpoint: bool = False
    convention: str = "bncalc"
    memory: int | None = None
    device: "Device | None" = None
    target: Target = Target()

    @property
    def memory_policy(self) -> Policy:
        """The policy, read if it is given as text."""
        return policy_of(self.policy) if isinstance(self.policy, str) else self.policy

    @property
    def conventions(self) -> tuple[str, ...]:
        """The tools whose totals are wanted."""
        return tuple(self.convention.split(","))

    @property
    def weight_bytes(self) -> int:
        return DTYPES[self.dtype]

    @property
    def trains(self) -> bool:
        """Whether networks can be trained in the type of the weights: in integers they cannot."""
        return "int" not in self.dtype

    @property
    def map_bytes(self) -> int:
        return DTYPES[self.activation_dtype or self.dtype]

    @property
    def state_bytes(self) -> int:
        """The bytes that the optimiser keeps for each parameter."""
        return OPTIMIZERS[self.optimizer].state_bytes(self.weight_bytes)

    def stated(self) -> dict[str, object]:
        """Return what numbers rest on: every document states it, and a base has to agree."""
        return {
            "convention": self.convention,
            "batch": self.batch,
            "dtype": self.dtype,
            "activation_dtype": self.activation_dtype or self.dtype,
            "memory_policy": self.memory_policy.name,
            "fold_norm": self.fold_norm,
            "optimizer": self.optimizer,
            "checkpoint": self.checkpoint,
        }

    def settled(self) -> "Assumptions":
        """Return the same with its policy read; raise UsageError for what cannot be assumed."""
        assumed = self.named()
        assumed.refuse()
        return assumed._replace(policy=assumed.memory_policy)

    def named(self) -> "Assumptions":
        """Return the same with types by our names: `fp16` is float16."""
        if not isinstance(self.target, Target):
            refuse_other("target", "a Target, such as STANDARD.target", self.target)
        dtype, maps, deployed = self.dtype, self.activation_dtype, self.target.dtype
        return self._replace(
            dtype=meant(str(dtype), DTYPES) or dtype,
            activation_dtype=maps and (meant(str(maps), DTYPES) or maps),
            target=self.target._replace(dtype=meant(deployed, DTYPES) or deployed),
        )

    def refuse(self) -> None:
        """Raise UsageError for a value that cannot be assumed."""
        refuse_unwhole("batch", self.batch)
        if self.memory is not None:
            refuse_unwhole("memory", self.memory)
        for name in ("fold_norm", "checkpoint"):
            if not isinstance(getattr(self, name), bool):
                raise UsageError(f"{name} is {getattr(self, name)!r}; it must be True or False")
        if not isinstance(self.convention, str):
            refuse_other("convention", "text, such as 'fvcore,thop'", self.convention)
        if isinstance(self.device, str):
            refuse_other("device", f"a device, such as bncalc.device({self.device!r})", self.device)
        refuse_unknown("unknown dtype", self.dtype, DTYPES)
        refuse_unknown("unknown dtype", self.target.dtype, DTYPES)
        refuse_unknown("unknown activation_dtype", self.activation_dtype or self.dtype, DTYPES)
        refuse_unknown("unknown optimizer", self.optimizer, OPTIMIZERS)
        if not isinstance(self.policy, Policy | str):
            right = f"it must be a Policy or text, such as {' or '.join(POLICIES)}"
            raise UsageError(f"policy is {self.policy!r}; {right}")
        assert self.memory_policy
        if OPTIMIZERS[self.optimizer].mixed and self.weight_bytes != 2:
            right = "which must be float16 or bfloat16"
            raise UsageError(
                f"{self.optimizer} keeps a float32 copy of 16-bit weights; dtype is {self.dtype}, "
                f"{right}"
            )


STANDARD = Assumptions()
