"""Stamping: what has been placed before is placed again, its ops shared, where the same arrives."""

from bisect import bisect_right
from collections.abc import Hashable, Iterable, Mapping
from itertools import takewhile

from bncalc.errors import Problem
from bncalc.language.calling import Calling
from bncalc.language.frame import Frame
from bncalc.language.scope import Maps
from bncalc.language.spec import Call
from bncalc.model.building import Defaults
from bncalc.model.copying import Made
from bncalc.model.net import Mark, Tensor
from bncalc.model.op import Block
from bncalc.model.origin import Origin, PlacedCall, Stamped
from bncalc.named import NamedTuple, new

KEPT = 1_000
"""Networks whose calls are remembered, before that is begun anew: memory stays constant."""


class Stamp(NamedTuple):
    """What one placing made, and where it was written; the problem if something was wrong.

    The last `outer` callers of its origins are those of the place where it was made.
    """

    made: Made
    names: tuple[str, ...]
    origins: tuple[Origin | Stamped, ...]
    doubts: tuple[tuple[int, frozenset[str]], ...]
    outer: int
    problem: Problem | None

    @property
    def is_empty(self) -> bool:
        return self.made.start == self.made.stop


class Stamps(NamedTuple):
    """What calls have made: of built-in kinds, and of a file's own blocks.

    Where they are `kept` for networks to come, single layers are remembered too.
    """

    kinds: dict[Hashable, Stamp | None]
    own: dict[Hashable, Stamp | None]
    kept: bool = False


class KeptStamps:
    """What calls have made in several networks, apart for what stamps rest on and do not name."""

    def __init__(self) -> None:
        self._begin()

    def _begin(self) -> None:
        self._left = KEPT
        self._kinds: dict[Defaults, dict[Hashable, Stamp | None]] = {}
        self._own: dict[
            tuple[Defaults, int, Hashable], tuple[object, dict[Hashable, Stamp | None]]
        ] = {}

    def under(
        self, defaults: Defaults, values: Mapping[str, object], definitions: Mapping[str, object]
    ) -> Stamps:
        """Return what calls have made under these defaults, vars and definitions, to add to."""
        if not self._left:
            self._begin()
        self._left -= 1
        kinds = self._kinds.setdefault(defaults, {})
        case = _plain(values) if definitions else None
        if case is None:
            return Stamps(kinds, {}, kept=True)
        # The definitions are held so that no others come to lie where they do.
        _, own = self._own.setdefault((defaults, id(definitions), case), (definitions, {}))
        return Stamps(kinds, own, kept=True)


class Begun(NamedTuple):
    """Where everything stood before something was placed."""

    mark: Mark
    problems: int


class Stamping(Calling):
    """Remembers what calls have made."""

    stamps: Stamps

    def kind(
        self,
        what: Call,
        kind: type[Block],
        inputs: tuple[Tensor, ...],
        frame: Frame,
        name: str | None,
    ) -> Tensor:
        """Place a built-in block or op, or what it made after maps of the same shapes."""
        block = what.ready or self.block(what, kind, inputs, frame)
        is_known = what is not self.itself and (self.stamps.kept or not block.layer)
        key = self.key_of(block, {}, inputs) if is_known else None
        stamp = self.stamps.kinds.get(key) if key is not None else None
        if stamp is not None and self.net.repeats(stamp.made):
            self.note(what, frame)
            self.doubt_again(stamp)
            return self.net.again(stamp.made, inputs, name)[0]
        begun = self.begin()
        y = self.build(what, block, inputs, frame, name)
        stamp = None if key is None else self.stamp(begun, inputs, Maps((y,)), 0)
        if stamp is not None:
            self.stamps.kinds[key] = stamp
        return y

    def key_of(
        self, what: Hashable, values: Mapping[str, object], inputs: tuple[Tensor, ...]
    ) -> Hashable | None:
        """Return by what the same call is known again; None if it holds what is no plain value."""
        if any(type(size) is not int for x in inputs for size in x.shape):
            return None
        plain = _plain(tuple(values.items()))
        try:
            hash(what)
        except TypeError:  # it holds the widths of many designs, in an array
            return None
        arriving = tuple([(x.shape, self.doubts.get(x.node)) for x in inputs])
        return None if plain is None else (what, plain, arriving)

    def begin(self) -> Begun:
        return new(Begun, (self.net.mark(), len(self.problems)))

    def stamp(
        self, begun: Begun, inputs: tuple[Tensor, ...], maps: Maps, outer: int
    ) -> Stamp | None:
        """Return what has been made since; None if it cannot be made again as it is."""
        made = self.net.made(begun.mark, inputs, maps.tensors)
        if made is None:
            return None
        made_in = takewhile(lambda node: node >= made.start, reversed(self.doubts))
        doubts = [(node, self.doubts[node]) for node in made_in]
        problems = self.problems[begun.problems :]
        return Stamp(
            made,
            maps.names,
            self.origins_of(made.start, made.stop),
            tuple(doubts),
            outer,
            problems[0] if problems else None,
        )

    def origins_of(self, start: int, stop: int) -> tuple[Origin | Stamped, ...]:
        """Return the origins of some nodes; the first begins where the nodes do."""
        if start == stop or not self.origins:
            return ()
        first = bisect_right(self.origins, start, key=lambda origin: origin.start) - 1
        origins = self.origins[max(first, 0) :]
        if origins[0].start != start:
            origins[0] = origins[0]._replace(start=start)
        return tuple(origins)

    def press(
        self,
        stamp: Stamp,
        inputs: tuple[Tensor, ...],
        name: str | None,
        callers: tuple[PlacedCall, ...],
    ) -> Maps:
        """Place what a stamp made once more; `callers` led here."""
        shift = len(self.net) - stamp.made.start
        self.doubt_again(stamp)
        tensors = self.net.again(stamp.made, inputs, name)
        self.note_again(stamp, [shift], callers)
        if stamp.problem is not None:
            self.problems.append(stamp.problem)  # said once, and still known to be there
        return Maps(tensors, stamp.names)

    def doubt_again(self, stamp: Stamp) -> None:
        """Remember that what is placed next is as much in doubt as what the stamp made."""
        shift = len(self.net) - stamp.made.start
        for node, doubt in stamp.doubts:
            self.doubts[node + shift] = doubt

    def note_again(
        self, stamp: Stamp, shifts: Iterable[int], callers: tuple[PlacedCall, ...]
    ) -> None:
        """Remember who places what follows: the same as before, led to by others."""
        if not stamp.origins:
            return
        first = stamp.origins[0]
        if self.origins and len(stamp.origins) == 1 and isinstance(first, Origin):
            last = self.origins[-1]
            is_same = isinstance(last, Origin) and first.call is last.call
            if is_same and first.callers is last.callers:
                return  # copies of one entry share an origin
        for shift in shifts:
            start = first.start + shift
            self.origins.append(Stamped(start, stamp.origins, shift, stamp.outer, callers))


def _plain(value: object) -> Hashable | None:
    """Return a value together with its type, so that 1, 1.0 and true differ."""
    if isinstance(value, Mapping):
        value = tuple(value.items())
    if isinstance(value, tuple):
        items = [_plain(item) for item in value]
        return None if None in items else tuple(items)
    return (type(value), value) if type(value) in _PLAIN else None


_PLAIN = (int, float, str, bool, type(None))
