"""Lowering: our own source, written for Python 3.12, as source that Python 3.9 runs.

What only tells of types goes: annotations, aliases, type parameters, promises. Tuples with names are made by
`collections` instead of `typing`, whose import takes as long as a look at a thousand files. Of what is left, the
few things that are written otherwise in 3.9 are rewritten, and what it lacks comes from `older`. Whatever cannot be
lowered is an error here and not on somebody's machine.
"""

import ast
from collections.abc import Iterable
from typing import Final

from tallystick.errors import Unavailable

OLDER: Final = "tallystick.intake.push.older"
_TYPING: Final = "typing"
_NAMED: Final = "NamedTuple"
_PROMISES: Final = ("Protocol",)
_CHECKS: Final = ("isinstance", "issubclass")


class Unlowerable(Unavailable):
    """Source for which 3.9 has no words that are known here."""


def lowered(source: str, wanted: Iterable[str] = (), name: str = "") -> str:
    """Return a module's source for Python 3.9; raise `Unlowerable`.

    What it imports and does not use goes, unless others want it from here.
    """
    tree = ast.fix_missing_locations(_Lowering(is_older=name == OLDER).visit(ast.parse(source)))
    _drop_unused(tree, frozenset(wanted))
    left = _names_from_typing(tree)
    if left:
        raise Unlowerable(f"still needs {', '.join(left)} of typing")
    return ast.unparse(tree) + "\n"


def _drop_unused(tree: ast.Module, wanted: frozenset[str]) -> None:
    """Take away imports that only annotations needed."""
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} | wanted
    for node in ast.walk(tree):
        for _, value in ast.iter_fields(node):
            if isinstance(value, list) and value and isinstance(value[0], ast.stmt):
                value[:] = [kept for each in value if (kept := _used_of(each, used))] or [ast.Pass()]
        if getattr(node, "body", None) == []:
            node.body = [ast.Pass()]  # type: ignore[attr-defined]


def _used_of(statement: ast.stmt, used: set[str] | frozenset[str]) -> ast.stmt | None:
    if not isinstance(statement, ast.ImportFrom) or statement.module == "__future__":
        return statement
    statement.names = [alias for alias in statement.names if (alias.asname or alias.name) in used]
    return statement if statement.names else None


def _names_from_typing(tree: ast.Module) -> list[str]:
    return [
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == _TYPING
        for alias in node.names
    ]


class _Lowering(ast.NodeTransformer):
    def __init__(self, *, is_older: bool) -> None:
        self._is_older = is_older
        self._needs: dict[str, set[str]] = {}

    def visit_Module(self, node: ast.Module) -> ast.Module:
        self.generic_visit(node)
        node.body = _without_docstring(node.body)
        for module in sorted(self._needs):
            names = [ast.alias(name, f"_{name}") for name in sorted(self._needs[module])]
            node.body.insert(0, ast.ImportFrom(module, names, 0))
        return node

    def _from(self, module: str, name: str) -> ast.Name:
        """Return a name that the module is made to import."""
        self._needs.setdefault(module, set()).add(name)
        return ast.Name(f"_{name}", ast.Load())

    def visit_TypeAlias(self, node: ast.TypeAlias) -> ast.Assign:
        # Others import it by name, for annotations that are gone as well.
        return ast.Assign([ast.Name(node.name.id, ast.Store())], ast.Constant(None))

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        self.generic_visit(node)
        node.type_params, node.returns = [], None
        node.body = _without_docstring(node.body)
        return node

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.annotation = None
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST | None:
        self.generic_visit(node)
        return None if node.value is None else ast.Assign([node.target], node.value)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.ClassDef:
        if any(isinstance(base, ast.Name) and base.id == _NAMED for base in node.bases):
            self._named_tuple(node)
        self.generic_visit(node)
        node.type_params = []
        node.bases = [base for base in node.bases if not (isinstance(base, ast.Name) and base.id in _PROMISES)]
        node.body = _without_docstring(node.body)
        return node

    def _named_tuple(self, node: ast.ClassDef) -> None:
        fields = [each for each in node.body if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name)]
        names: list[ast.expr] = [ast.Constant(each.target.id) for each in fields if isinstance(each.target, ast.Name)]
        defaults = [each.value for each in fields if each.value is not None]
        node.bases = [
            ast.Call(
                self._from("collections", "namedtuple"),
                [ast.Constant(node.name), ast.Tuple(names, ast.Load())],
                [ast.keyword("defaults", ast.Tuple(defaults, ast.Load()))] if defaults else [],
            )
        ]
        slots = ast.Assign([ast.Name("__slots__", ast.Store())], ast.Tuple([], ast.Load()))
        node.body = [slots, *(each for each in node.body if each not in fields)]

    def visit_Expr(self, node: ast.Expr) -> ast.Expr | None:
        self.generic_visit(node)
        # What stands below a name to describe it.
        return None if isinstance(node.value, ast.Constant) else node

    def visit_Call(self, node: ast.Call) -> ast.Call:
        self.generic_visit(node)
        called = node.func.id if isinstance(node.func, ast.Name) else ""
        if called in _CHECKS:
            node.args[1] = _as_tuple(node.args[1])
        elif called == "zip":
            # What is zipped strictly is as long as its fellow wherever the full product's tests ran.
            node.keywords = [each for each in node.keywords if each.arg != "strict"]
        return node

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.expr:
        """Write a text with quotes in its places as a form that is filled: in 3.9 it cannot hold its own quotes."""
        self.generic_visit(node)
        places = [part for part in node.values if isinstance(part, ast.FormattedValue)]
        if not any(isinstance(each, ast.Constant) for part in places for each in ast.walk(part.value)):
            return node
        form = "".join(_form_of(part) for part in node.values)
        return ast.Call(ast.Attribute(ast.Constant(form), "format", ast.Load()), [part.value for part in places], [])

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        self.generic_visit(node)
        if node.attr == "fromisoformat" and not self._is_older:
            return self._from(OLDER, node.attr)
        return node

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if node.id == "UTC":
            return ast.Attribute(self._from("datetime", "timezone"), "utc", ast.Load())
        return node

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.ImportFrom | None:
        if node.module == "datetime":
            node.names = [alias for alias in node.names if alias.name != "UTC"]
        return node if node.names else None

    def visit_Match(self, node: ast.Match) -> list[ast.stmt]:
        """Write a choice among plain values as the ladder of questions that it is."""
        self.generic_visit(node)
        subject = ast.Name("_matched", ast.Load())
        ladder: list[ast.stmt] = []
        for case in reversed(node.cases):
            question = _question(case, subject)
            ladder = case.body if question is None else [ast.If(question, case.body, ladder)]
        return [ast.Assign([ast.Name("_matched", ast.Store())], node.subject), *ladder]


def _question(case: ast.match_case, subject: ast.Name) -> ast.expr | None:
    patterns = case.pattern.patterns if isinstance(case.pattern, ast.MatchOr) else [case.pattern]
    is_any = isinstance(case.pattern, ast.MatchAs) and case.pattern.pattern is None and case.pattern.name is None
    if is_any and case.guard is None:
        return None
    values = [pattern.value for pattern in patterns if isinstance(pattern, ast.MatchValue)]
    if case.guard is not None or len(values) < len(patterns):
        raise Unlowerable(f"a pattern of line {case.pattern.lineno}")
    return ast.Compare(subject, [ast.In()], [ast.Tuple(list(values), ast.Load())])


def _form_of(part: ast.expr) -> str:
    if isinstance(part, ast.FormattedValue):
        spec = part.format_spec.values if isinstance(part.format_spec, ast.JoinedStr) else []
        told = "".join(each.value for each in spec if isinstance(each, ast.Constant) and isinstance(each.value, str))
        if any(not isinstance(each, ast.Constant) for each in spec):
            raise Unlowerable(f"a width that is worked out, line {part.lineno}")
        conversion = f"!{chr(part.conversion)}" if part.conversion >= 0 else ""
        return f"{{{conversion}{':' if told else ''}{told}}}"
    return str(part.value).replace("{", "{{").replace("}", "}}") if isinstance(part, ast.Constant) else ""


def _as_tuple(kinds: ast.expr) -> ast.expr:
    if not (isinstance(kinds, ast.BinOp) and isinstance(kinds.op, ast.BitOr)):
        return kinds
    found: list[ast.expr] = []
    while isinstance(kinds, ast.BinOp):
        found.insert(0, kinds.right)
        kinds = kinds.left
    return ast.Tuple([kinds, *found], ast.Load())


def _without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    first = body[0] if body else None
    told = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    return (body[1:] if told else body) or [ast.Pass()]
