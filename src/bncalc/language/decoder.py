"""The decoder: nodes with positions become a spec, and every problem on the way is collected."""

from __future__ import annotations

from os.path import islink
from pathlib import PurePosixPath

from bncalc.errors import Location, Problem, SpecError, suggest
from bncalc.language.entry import Entries
from bncalc.language.grammar import DEFAULTS, FILE_KEYS, RESERVED, RESERVED_NAMES
from bncalc.language.nodes import MappingNode, SequenceNode, YamlNode
from bncalc.language.reader import seen
from bncalc.language.source import Read, read_file
from bncalc.language.spec import Argument, Definition, Entry, Spec
from bncalc.language.values import has_formula
from bncalc.model.fields import INPUT, describe

MAX_INCLUDES = 64


def decode(path: str, read: Read = read_file) -> tuple[Spec, list[Problem]]:
    """Decode a file and all that it includes; return the spec and its problems.

    A text that is not YAML at all raises SpecError.
    """
    problems: list[Problem] = []
    spec = FileDecoder(path, read, problems, ()).decode(read(path))
    return spec, problems


class FileDecoder(Entries):
    """Decodes one file; `trail` are the files that include it."""

    def __init__(
        self, path: str, read: Read, problems: list[Problem], trail: tuple[str, ...]
    ) -> None:
        super().__init__(Spec(path), problems)
        self.gathered = {}
        self.read = read
        self.trail = (*trail, path)

    def decode(self, root: YamlNode) -> Spec:
        self.spec.called = root.location.path
        if not isinstance(root, MappingNode):
            self.report(
                root.location, f"a file is a mapping with `blocks:` or `layers:`, not {seen(root)}"
            )
            return self.spec
        keys = dict(self.keyed(root, FILE_KEYS, "key"))
        spec = self.spec
        if "name" in keys:
            spec.name = self.name(keys["name"], "name")
        for key in ("description", "source"):
            if key in keys:
                setattr(spec, key, self.text(keys[key], key))
        self.inputs(root, keys)
        spec.counts_only = self.texts(keys.get("counts_only"), "counts_only")
        spec.vars = self.values(keys.get("vars"), "vars")
        spec.defaults = self.defaults(keys.get("defaults"))
        spec.variants = self.variants(keys.get("variants"))
        self.include(keys.get("include"))
        self.define(keys.get("define"))
        self.body(root, keys)
        return spec

    # What a file holds

    def body(self, root: MappingNode, keys: dict[str, YamlNode]) -> None:
        spec = self.spec
        included = len(self.trail) > 1
        if "blocks" in keys and "layers" in keys:
            message = "a file holds `blocks:` or `layers:`, not both"
            self.report(root.place_of("layers"), message)
        elif not included and "blocks" not in keys and "layers" not in keys:
            missing = "`blocks:` (alternatives to compare) nor `layers:` (one network)"
            self.report(root.location, f"the file has neither {missing}")
        if "layers" in keys:
            spec.layers = self.layers(keys["layers"], "layers", least=1)
        if "blocks" in keys:
            for key, node in self.mapping(keys["blocks"], "blocks", least=1, of="entries"):
                spec.blocks[key.text] = self.alternative(node)
        self.baseline(keys.get("baseline"))
        spec.outputs = self.sources(keys.get("outputs"), "outputs") or ()
        if "outputs" in keys and spec.layers is None:
            self.report(root.place_of("outputs"), "`outputs` is for a file with `layers:`")
        if not included and not {"input", "inputs"} & keys.keys():
            self.report(root.location, "the file has no `input: [channels, height, width]`")

    def alternative(self, node: YamlNode) -> tuple[Entry, ...]:
        if isinstance(node, SequenceNode):
            return self.layers(node, "an alternative", least=1)
        entry = self.entry(node)
        return () if entry is None else (entry,)

    def baseline(self, node: YamlNode | None) -> None:
        if node is None:
            return
        name = self.text(node, "baseline")
        if name and name not in self.spec.blocks:
            known = ", ".join(self.spec.blocks) or "none"
            hint = suggest(name, self.spec.blocks)
            self.report(node.location, f"baseline {name!r} is not one of the blocks: {known}{hint}")
        self.spec.baseline = name or None

    def inputs(self, root: MappingNode, keys: dict[str, YamlNode]) -> None:
        """Read the input of the file, or several by name."""
        if "input" in keys and "inputs" in keys:
            self.report(root.place_of("inputs"), "a file has `input:` or `inputs:`, not both")
        nodes = {"in": keys["input"]} if "input" in keys else {}
        if isinstance(keys.get("inputs"), SequenceNode):
            self.report(keys["inputs"].location, "inputs is a list; one input is `input:`")
            return
        for key, node in self.mapping(keys.get("inputs"), "inputs"):
            name = self.id(key)
            if name is not None:
                nodes.setdefault(name, node)
        for name, node in nodes.items():
            argument = self.input(node)
            if argument is not None:
                self.spec.inputs[name] = argument

    def input(self, node: YamlNode) -> Argument | None:
        if isinstance(node, MappingNode):
            self.report(node.location, "input is a mapping; several inputs by name are `inputs:`")
            return None
        argument = self.argument(node)
        value = argument.value
        if type(value) is tuple:  # what formulas will make is seen when they are worked out
            value = tuple(1 if has_formula(size) else size for size in value)
        elif not argument.literal:
            return argument
        try:
            INPUT.accept(value)
        except ValueError:
            wrong = f"input is {describe(argument.value)}; it must be {INPUT.type}"
            self.report(node.location, wrong)
            return None
        return argument

    def defaults(self, node: YamlNode | None) -> dict[str, Argument]:
        defaults: dict[str, Argument] = {}
        if node is not None:
            for key, value in self.keyed_mapping(node, "defaults", DEFAULTS, "default"):
                argument = self.checked(self.argument(value), DEFAULTS[key])
                if argument is not None:
                    defaults[key] = argument
        return defaults

    def values(self, node: YamlNode | None, what: str) -> dict[str, Argument]:
        arguments: dict[str, Argument] = {}
        for key, value in self.mapping(node, what):
            if not key.text.isidentifier() or key.text in RESERVED_NAMES:
                right = "a name like `depth_2`, and none of cin, h, w, i"
                self.report(key.location, f"{key.text!r} cannot be a name here; it must be {right}")
            arguments[key.text] = self.argument(value)
        return arguments

    def variants(self, node: YamlNode | None) -> dict[str, dict[str, Argument]]:
        variants: dict[str, dict[str, Argument]] = {}
        for key, settings in self.mapping(node, "variants"):
            variants[key.text] = self.values(settings, f"variant {key.text}")
            for name, argument in variants[key.text].items():
                if name not in self.spec.vars:
                    known = suggest(name, self.spec.vars)
                    self.report(argument.location, f"{name!r} is not one of the vars{known}")
        return variants

    def include(self, node: YamlNode | None) -> None:
        if node is None:
            return
        for item in node.items if isinstance(node, SequenceNode) else (node,):
            if name := self.text(item, "include"):
                self.include_file(name, item.location)
            else:
                self.spec.incomplete = True

    def include_file(self, name: str, at: Location) -> None:
        """Take over the blocks that a file defines; report at the include why it cannot be."""
        path = _direct(PurePosixPath(self.spec.path).parent / name)
        if path in self.trail or len(self.trail) > MAX_INCLUDES:
            circle = " → ".join((*self.trail, path))
            self.report(at, f"files include each other in a circle: {circle}")
            self.spec.incomplete = True
            return
        problems: list[Problem] = []
        try:
            included = FileDecoder(path, self.read, problems, self.trail).decode(self.read(path))
            self.spec.take_over(included)
        except SpecError as error:
            self.spec.incomplete = True
            problems += [problem for problem in error.problems if problem.location.line]
            if not problems:
                self.report(at, f"cannot include {name!r}: {error.problems[0].message}")
        if not problems:
            return
        from bncalc.work_tree import leads_out

        if leads_out(path, str(PurePosixPath(self.trail[0]).parent)):
            message = "it is outside the repository, so its problems are not shown"
            self.report(at, f"cannot include {name!r}: {message}")
        else:
            self.problems += problems

    def define(self, node: YamlNode | None) -> None:
        blocks = []
        for key, entry in self.mapping(node, "define", of="blocks"):
            name = key.text
            if name in RESERVED:
                message = f"{name!r} is a word of the language; give the block another name"
                self.report(key.location, message)
                self.spec.doubted.add(name)
                continue
            blocks.append((key, entry))
            # Known before any body is read, so that definitions may use each other in any order.
            self.spec.definitions[name] = Definition(name, {}, (), self.spec, key.location)
        known = ("args", "inputs", "outputs", "layers")
        bodies = []
        for key, entry in blocks:
            count = len(self.problems)
            body = dict(self.keyed_mapping(entry, key.text, known, "key"))
            bodies.append((key, body))
            arguments: dict[str, Argument | None] = {}
            for name, value in self.values(body.get("args"), "args").items():
                arguments[name] = None if value.value is None else value
            blank = self.spec.definitions[key.text]
            self.spec.definitions[key.text] = blank._replace(
                arguments=arguments,
                inputs=self.input_names(body.get("inputs")),
                outputs=self.sources(body.get("outputs"), "outputs") or (),
            )
            if len(self.problems) > count:
                self.spec.doubted.add(key.text)
        for key, body in bodies:
            if "layers" not in body:
                self.report(key.location, f"the block {key.text!r} has no `layers:`")
            layers = self.layers(body["layers"], "layers") if "layers" in body else ()
            blank = self.spec.definitions[key.text]
            self.spec.definitions[key.text] = blank._replace(layers=layers)

    def input_names(self, node: YamlNode | None) -> tuple[str, ...]:
        """Read what a block calls the maps that it takes."""
        nodes = node.items if isinstance(node, SequenceNode) else () if node is None else (node,)
        names = [self.id(item) for item in nodes]
        return tuple(dict.fromkeys([name for name in names if name is not None]))


def _direct(path: PurePosixPath) -> str:
    """Return a path without detours, `lib/b.yaml` for `net/../lib/b.yaml`, links left as they are.

    From a link `..` leads elsewhere.
    """
    direct = PurePosixPath()
    for step in path.parts:
        turns = step == ".." and direct.name not in ("", "..")
        direct = direct.parent if turns and not islink(direct) else direct / step  # noqa: PTH114
    return str(direct)
