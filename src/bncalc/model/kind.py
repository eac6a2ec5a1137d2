"""A kind: a word of the file language with typed arguments, declared as the fields of a class.

`Kind` does for its subclasses what `@dataclass(frozen=True, kw_only=True)` would, and two things
more: every value is checked against the field's type, and the class can list its fields with their
documentation. It also defines a class in a twentieth of the time, which counts, as a command that
compares eight blocks defines twenty classes before it can answer.
"""

import types
from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Self, get_args, get_origin

from bncalc.errors import ShapeError, suggest
from bncalc.model.field_types import Boolean, Either, FieldType, Nothing
from bncalc.model.fields import Field, type_in
from bncalc.model.size_types import is_by_axis

if TYPE_CHECKING:
    from inspect import Signature


def field(default: Any = ..., *, doc: str) -> Any:
    """Declare a field with its documentation; without a default it is required."""
    return Field("", Nothing(), default, doc)


class _Fields:
    """The signature of a kind: its fields, as `inspect` and editors show them."""

    def __get__(self, kind: "Kind | None", cls: "type[Kind]") -> "Signature":
        from inspect import Parameter, Signature

        return Signature(
            [
                Parameter(
                    field.name,
                    Parameter.KEYWORD_ONLY,
                    default=Parameter.empty if field.required else field.default,
                    annotation=str(field.type),
                )
                for field in sorted(cls.fields, key=lambda field: not field.required)
            ]
        )


class Kind:
    """A frozen value whose fields are checked: the base of every op and every block."""

    word: ClassVar[str] = ""
    """What a file calls it; set by the registry's convention `class MaxPool` → `max_pool`."""
    fields: ClassVar[tuple[Field, ...]] = ()
    sizes: ClassVar[tuple[str, ...]] = ()
    """The fields that hold one number for all axes of a map, or one for each."""
    ends: ClassVar[frozenset[str]] = frozenset()
    """Those of them that may hold one for each end of an axis."""
    __signature__ = _Fields()
    _by_name: ClassVar[Mapping[str, Field]] = {}
    _types: ClassVar[Mapping[str, FieldType]] = {}
    _required: ClassVar[tuple[str, ...]] = ()
    needs: ClassVar[tuple[tuple[str, ...], ...]] = ()
    """What a class must define unless it is declared `abstract`: one name of each."""

    def __init_subclass__(cls, abstract: bool = False) -> None:
        own = {field.name: field for field in _own_fields(cls)}
        inherited = [field for field in cls.fields if field.name not in own]
        cls.fields = (*inherited, *own.values())
        cls._by_name = {field.name: field for field in cls.fields}
        cls._types = {field.name: field.type for field in cls.fields}
        cls._required = tuple([field.name for field in cls.fields if field.required])
        by_axis = [field for field in cls.fields if is_by_axis(field.type)]
        cls.sizes = tuple([field.name for field in by_axis])
        cls.ends = frozenset([field.name for field in by_axis if is_by_axis(field.type, ends=True)])
        cls.word = cls.__dict__.get("word") or _words(cls.__name__)
        missing = [names[0] for names in cls.needs if not any(_has(cls, name) for name in names)]
        if missing and not abstract:
            raise TypeError(f"{cls.__name__} does not define {', '.join(missing)}")

    def __init__(self, **values: Any) -> None:
        settled = self.__dict__
        settled.update(self.defaults(), **self._accepted(values))
        for name in self._required:
            if settled[name] is ...:
                raise ShapeError(f"{self.word} needs {name!r}", field=name)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen: make a new one instead")

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.__dict__ == self.__dict__

    def __hash__(self) -> int:
        return hash((type(self), *self.__dict__.values()))

    def __repr__(self) -> str:
        values = ", ".join(f"{name}={value!r}" for name, value in self.__dict__.items())
        return f"{type(self).__name__}({values})"

    def __str__(self) -> str:
        own = [f"{k}: {v}" for k, v in vars(self).items() if v != self.defaults()[k]]
        return f"{self.word} {{{', '.join(own)}}}" if own else self.word

    def having(self, **changes: Any) -> Self:
        """Return the same with other values in some fields."""
        return self._with(self._accepted(changes))

    def _with(self, changes: Mapping[str, object]) -> Self:
        """Return the same with other values, in canonical form, in some fields."""
        new = object.__new__(type(self))
        new.__dict__.update(self.__dict__, **changes)
        return new

    @classmethod
    @cache
    def defaults(cls) -> Mapping[str, object]:
        """Return the canonical default of each field, `...` for a required one."""
        return {
            field.name: ... if field.required else field.accept(field.default)
            for field in cls.fields
        }

    @classmethod
    def _accepted(cls, values: Mapping[str, object]) -> dict[str, object]:
        """Return values in the canonical forms of their fields; raise ShapeError for a wrong one.

        A name that is no field's is a TypeError.
        """
        types = cls._types
        try:
            return {name: types[name].accept(value) for name, value in values.items()}
        except (KeyError, ValueError, TypeError):
            raise cls._problem(values) from None

    @classmethod
    def _problem(cls, values: Mapping[str, object]) -> Exception:
        """Return what is wrong with the first of some values that a field does not accept."""
        for name, value in values.items():
            if name not in cls._by_name:
                hint = suggest(name, cls._by_name)
                return TypeError(f"{cls.word} has no argument {name!r}{hint}")
            try:
                cls._by_name[name].accept(value)
            except ValueError as error:
                return ShapeError(str(error), field=name)
        raise AssertionError(f"{cls.word} accepts {values}")

    @classmethod
    def field(cls, name: str) -> Field | None:
        """Return the field of that name, or None."""
        return cls._by_name.get(name)

    @classmethod
    def summary(cls) -> str:
        """Return the first sentence of the documentation."""
        return (cls.__doc__ or "").strip().split("\n")[0]


def _has(cls: type[Kind], name: str) -> bool:
    member = getattr(cls, name, None)
    return member is not None and not getattr(member, "__isabstractmethod__", False)


def _own_fields(cls: type[Kind]) -> Iterator[Field]:
    for name, annotation in cls.__annotations__.items():
        origin: object = get_origin(annotation)
        if origin is not ClassVar:
            given = cls.__dict__[name]
            if not isinstance(given, Field):
                raise TypeError(f"{cls.__name__}.{name} must be declared with field(doc=...)")
            yield given._replace(name=name, type=_type_of(annotation))
            delattr(cls, name)


def _type_of(annotation: object) -> FieldType:
    if annotation is bool:
        return Boolean()
    if hasattr(annotation, "__metadata__"):
        return type_in(annotation)
    members = [member for member in get_args(annotation) if member is not types.NoneType]
    return Either((*map(_type_of, members), Nothing()))


def _words(name: str) -> str:
    return "".join("_" + c.lower() if c.isupper() else c for c in name).lstrip("_")
