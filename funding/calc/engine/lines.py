"""One line of a policy: which rule, over which names, rounded how; its kind worked out before any fact is seen."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from funding.calc.engine.vocabulary import PRIMITIVES, Argument, Kind
from funding.calc.primitives.arithmetic import Mode
from rulebook.load import Citation, Node, RuleError

_KEYS = ("says", "round", "citation")
IN_FORCE = "in_force"
# What a writer of spreadsheets looks for, and the rule that does it.
SPREADSHEET = {
    "add": "sum", "and": "every", "average": "mean", "count": "entries", "divide": "quotient", "if": "when", "lookup": "choose",
    "max": "largest", "min": "smallest", "minus": "difference", "multiply": "product", "not": "negation", "or": "some",
    "power": "product", "subtract": "difference", "sumproduct": "weighted_total", "vlookup": "tier",
}  # fmt: skip


@dataclass(frozen=True)
class Rounding:
    """To the nearest multiple of `step` (1/100 is a cent) by `mode`. `node` is the place of the step in the file."""

    step: Fraction
    mode: Mode
    node: Node = field(compare=False, repr=False)


@dataclass(frozen=True)
class Name:
    """A fact, figure, line or part of one, by its name; or, where `number` is set, "0" or "1" itself."""

    word: str
    number: Fraction | None = None


Written = Name | tuple[Name, ...] | Mapping[str, Name] | str


@dataclass(frozen=True)
class Line:
    """`rule` names a primitive, or in_force, which looks a figure up on another day than the policy's own."""

    name: str
    says: str
    rule: str
    arguments: Mapping[str, Written]
    rounding: Rounding | None
    citation: Citation | None
    node: Node

    def names(self) -> list[str]:
        """Every name that the line uses."""
        found: list[str] = []
        for written in self.arguments.values():
            if isinstance(written, str):
                continue
            several = written.values() if isinstance(written, Mapping) else written if isinstance(written, tuple) else (written,)
            found += [name.word for name in several if name.number is None]
        return found


def read_rounding(node: Node) -> Rounding:
    """Keys: step ("0.01" is a cent, "1" the whole unit) and mode."""
    return rounding_of(node.mapping(("step", "mode")))


def rounding_of(keys: Mapping[str, Node]) -> Rounding:
    """The step and mode among these keys."""
    step = Fraction(keys["step"].decimal())
    if step == 0:
        raise keys["step"].error('a rounding step is above 0; "0.01" rounds to the cent, "1" to the whole unit')
    mode = keys["mode"].choice("half_up", "half_even", "down", "up")
    return Rounding(step, mode, keys["step"])  # type: ignore[arg-type]


def read_line(name: str, node: Node) -> Line:
    """Keys: says, one rule with its arguments, and where wanted round and citation."""
    keys = node.mapping(("says",), ("round", "citation", IN_FORCE, *PRIMITIVES), SPREADSHEET)
    rules = [word for word in keys if word not in _KEYS]
    if len(rules) != 1:
        raise node.error(f"line {name} needs exactly one rule, here are {len(rules)}; make a line of each")
    rule = rules[0]
    return Line(
        name,
        keys["says"].text(),
        rule,
        _read_in_force(keys[rule]) if rule == IN_FORCE else _read_arguments(rule, keys[rule]),
        read_rounding(keys["round"]) if "round" in keys else None,
        keys["citation"].citation() if "citation" in keys else None,
        node,
    )


def _read_in_force(node: Node) -> dict[str, Written]:
    keys = node.mapping(("figure", "on"))
    return {"figure": _name(keys["figure"]), "on": _name(keys["on"])}


def _read_arguments(rule: str, node: Node) -> dict[str, Written]:
    primitive = PRIMITIVES[rule]
    bare = primitive.bare
    if not node.has_keys:
        if bare is None:
            wanted = ", ".join(argument.name for argument in primitive.arguments if argument.required)
            raise node.error(f"{rule} needs keys: {wanted}")
        return {bare.name: _written(bare, node)}
    known = {argument.name: argument for argument in primitive.arguments}
    if bare and bare.written == "words" and not any(node.has_key(name) for name in known):
        return {bare.name: _written(bare, node)}
    required = tuple(name for name, argument in known.items() if argument.required)
    keys = node.mapping(required, tuple(name for name in known if name not in required))
    return {name: _written(known[name], at) for name, at in keys.items()}


def _written(argument: Argument, node: Node) -> Written:
    if argument.written == "choice":
        return node.choice(*argument.choices)
    if argument.written == "list":
        if not node.is_list:
            raise node.error(f"{argument.name} is a list of names, like [rate, share]; for the entries of a series use `total`")
        return tuple(_name(item) for item in node.items())
    if argument.written == "words" and node.has_keys:
        return {word: _name(at) for word, at in node.words().items()}
    return _name(node)


def _name(node: Node) -> Name:
    word = node.text()
    if node.is_quoted or word[0].isdigit():
        if word not in ("0", "1") or not node.is_quoted:
            raise node.error(
                f'"{word}" stands in a line; put it among the figures with its citation and name it '
                '(only "0" and "1", in quotes, need none)'
            )
        return Name(word, Fraction(word))
    if not word.replace(".", "_").replace("_", "a").isalnum() or not word[0].isalpha():
        raise node.error(f"expected the name of a fact, figure or line, found {word!r}; each step of a calculation is its own line")
    return Name(word)


Find = Callable[[Line, str], Kind]


def kind_of(line: Line, find: Find) -> Kind:
    """The kind of the line's result. `find` gives the kind of a name. Raises RuleError where a name is of another kind
    than its rule takes, or shares are more than the whole."""
    if line.rule == IN_FORCE:
        return _kind_in_force(line, find)
    primitive = PRIMITIVES[line.rule]
    repeated, words = False, []
    for argument in primitive.arguments:
        written = line.arguments.get(argument.name)
        if written is None or isinstance(written, str):
            continue
        many, named = _check(line, argument, written, find)
        repeated |= many
        words += named
    kind = primitive.gives
    if kind.base == "named":
        kind = Kind("named", parts={word: Kind("number") for word in words})
    return _repeated(line, kind) if repeated else kind


def _kind_in_force(line: Line, find: Find) -> Kind:
    figure, on = line.arguments["figure"], line.arguments["on"]
    assert isinstance(figure, Name)
    assert isinstance(on, Name)
    day, kind = find(line, on.word), find(line, figure.word)
    if day.base != "date":
        raise line.node.error(f"{on.word} is {day}; in_force looks a figure up on a date")
    return _repeated(line, kind) if day.many else kind


def _repeated(line: Line, kind: Kind) -> Kind:
    if kind.many or kind.base == "tiers":
        raise line.node.error(f"{line.rule} already gives {kind}; it cannot be worked out again for each entry of a series")
    parts = {word: _repeated(line, part) for word, part in kind.parts.items()} if kind.parts is not None else None
    return Kind(kind.base, many=True, parts=parts)


def _check(line: Line, argument: Argument, written: Written, find: Find) -> tuple[bool, list[str]]:
    """Whether the argument makes the line repeat, and the words that it names. Raises RuleError."""
    if isinstance(written, Name):
        kind = Kind("number") if written.number is not None else find(line, written.word)
        if argument.written == "words":
            if kind.base != "named" or argument.base != "number":
                raise _wrong(line, argument, written.word, kind)
            return kind.many, list(kind.parts or ())
        if kind.base != argument.base or (argument.written == "series" and not kind.many):
            raise _wrong(line, argument, written.word, kind)
        return argument.written == "one" and kind.many, []
    many = False
    for name in written.values() if isinstance(written, Mapping) else written:
        kind = Kind("number") if not isinstance(name, str) and name.number is not None else find(line, name.word)  # type: ignore[union-attr]
        if kind.base != argument.base:
            raise _wrong(line, argument, name.word, kind)  # type: ignore[union-attr]
        many |= kind.many
    return many, list(written) if isinstance(written, Mapping) else []


# How to get from what stands there to what is wanted.
_WAYS = {
    "named": "name one of its parts, as {word}.{part}",
    "parts": "name one of its parts, as {word}.{part}",
    "date": "make a number of two dates with days_between, months_touched or month_ends",
    "flag": "choose an amount by it with `when`",
    "text": "choose an amount by it with `choose`",
    "tiers": "look a number up in it with `tier` or `brackets`",
}


def _wrong(line: Line, argument: Argument, word: str, kind: Kind) -> RuleError:
    wanted = {"words": f"{argument.base}s by word", "series": f"a series of {argument.base}s"}.get(
        argument.written, "a table of tiers" if argument.base == "tiers" else f"a {argument.base}"
    )
    part = next(iter(kind.parts or {}), "")
    way = f"name {wanted}"
    if argument.base == "number":
        way = _WAYS.get(kind.base, way).format(word=word, part=part)
    if argument.written == "series" and kind.base == "named":
        way = "tell it as rows, with a column for the word and one for the number"
    return line.node.error(f"{line.rule} takes {wanted} as `{argument.name}`, but {word} is {kind}; {way}")
