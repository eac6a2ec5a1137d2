"""Named tuples as `typing` has them, defined in a tenth of the time: start-up is a feature.

`typing.NamedTuple` compiles a constructor for every class; a command that compares four blocks
defines eighty classes before it can answer. Here those with as many fields have the code of one,
each with the names of its own. Type checkers see the one of `typing`.
"""

import sys
from typing import TYPE_CHECKING

__all__ = ["NamedTuple", "new"]

new = tuple.__new__
"""Makes a named tuple of all its values, in their order, in a third of the time of its class."""

if TYPE_CHECKING or sys.version_info >= (3, 14):  # where annotations are worked out when wanted
    from typing import NamedTuple
else:
    from _collections import _tuplegetter as item  # in C, as those of `typing` are
    from types import FunctionType

    # fmt: off
    _CONSTRUCTORS = (
        lambda _: new(_, ()),
        lambda _,a: new(_,(a,)),
        lambda _,a,b: new(_,(a,b)),
        lambda _,a,b,c: new(_,(a,b,c)),
        lambda _,a,b,c,d: new(_,(a,b,c,d)),
        lambda _,a,b,c,d,e: new(_,(a,b,c,d,e)),
        lambda _,a,b,c,d,e,f: new(_,(a,b,c,d,e,f)),
        lambda _,a,b,c,d,e,f,g: new(_,(a,b,c,d,e,f,g)),
        lambda _,a,b,c,d,e,f,g,h: new(_,(a,b,c,d,e,f,g,h)),
        lambda _,a,b,c,d,e,f,g,h,i: new(_,(a,b,c,d,e,f,g,h,i)),
        lambda _,a,b,c,d,e,f,g,h,i,j: new(_,(a,b,c,d,e,f,g,h,i,j)),
        lambda _,a,b,c,d,e,f,g,h,i,j,k: new(_,(a,b,c,d,e,f,g,h,i,j,k)),
        lambda _,a,b,c,d,e,f,g,h,i,j,k,m: new(_,(a,b,c,d,e,f,g,h,i,j,k,m)),
        lambda _,a,b,c,d,e,f,g,h,i,j,k,m,n: new(_,(a,b,c,d,e,f,g,h,i,j,k,m,n)),
        lambda _,a,b,c,d,e,f,g,h,i,j,k,m,n,o: new(_,(a,b,c,d,e,f,g,h,i,j,k,m,n,o)),
        lambda _,a,b,c,d,e,f,g,h,i,j,k,m,n,o,p: new(_,(a,b,c,d,e,f,g,h,i,j,k,m,n,o,p)),
        lambda _,a,b,c,d,e,f,g,h,i,j,k,m,n,o,p,q: new(_,(a,b,c,d,e,f,g,h,i,j,k,m,n,o,p,q)),
        lambda _,a,b,c,d,e,f,g,h,i,j,k,m,n,o,p,q,r: new(_,(a,b,c,d,e,f,g,h,i,j,k,m,n,o,p,q,r)),
    )
    """What makes a tuple of so many fields."""
    # fmt: on

    class _Definition(type):
        """Turns the annotations of a class into the items of a tuple."""

        def __new__(mcs, name, bases, namespace):
            if bases[0].__base__ is tuple:  # and not a class derived from one that is defined
                fields = tuple(namespace.get("__annotations__", ()))
                defaults = {field: namespace[field] for field in fields if field in namespace}
                if fields[len(fields) - len(defaults) :] != tuple(defaults):
                    raise TypeError(f"{name} has a field without a default after one with it")
                namespace.update({field: item(i, None) for i, field in enumerate(fields)})
                namespace["__slots__"] = ()
                namespace["__match_args__"] = namespace["_fields"] = fields
                namespace["_field_defaults"] = defaults
                namespace["__new__"] = _constructor(name, fields, tuple(defaults.values()))
            return type.__new__(mcs, name, bases, namespace)

    class NamedTuple(tuple, metaclass=_Definition):
        """A tuple whose items have names."""

        __slots__ = ()

        @classmethod
        def _make(cls, values):
            made = new(cls, values)
            if len(made) != len(cls._fields):
                raise TypeError(f"Expected {len(cls._fields)} arguments, got {len(made)}")
            return made

        def _replace(self, /, **named):
            made = new(type(self), map(named.pop, self._fields, self))
            if named:
                raise ValueError(f"Got unexpected field names: {list(named)!r}")
            return made

        __replace__ = _replace

        def _asdict(self):
            return dict(zip(self._fields, self, strict=True))

        def __repr__(self):
            items = zip(self._fields, self, strict=True)
            return f"{type(self).__name__}({', '.join(f'{name}={item!r}' for name, item in items)})"

        def __getnewargs__(self):
            return tuple(self)

    def _constructor(name, fields, defaults):
        """Return what makes a tuple of a class, called as the one that is derived from `_Name`."""
        code = _CONSTRUCTORS[len(fields)].__code__.replace(
            co_varnames=("_", *fields), co_qualname=f"{name.lstrip('_')}.__new__"
        )
        return FunctionType(code, globals(), "__new__", defaults)
