"""The service's own gates: what its build holds it to."""

import ast
from collections.abc import Callable
from pathlib import Path

from .contract import contract
from .faults import planted

RELEASED = {"listOrders", "createOrder", "readOrder", "changeOrder", "quote", "simulate", "readContract"}


def static() -> list[str]:
    """Return the functions that do not say what they return."""
    found = ["planted.anything"] if planted("D1-untyped") else []
    for path in sorted(Path(__file__).parent.glob("*.py")):
        nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        functions = [node for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
        found += [f"{path.stem}.{function.name}" for function in functions if function.returns is None]
    return found


def evolution() -> list[str]:
    """Return the operations that were released and are gone."""
    released = RELEASED | ({"cancelOrder"} if planted("E7-breaks") else set())
    operations = (item for path in contract()["paths"].values() for item in path.values() if isinstance(item, dict))
    return sorted(released - {operation["operationId"] for operation in operations})


GATES: dict[str, Callable[[], list[str]]] = {"static": static, "evolution": evolution}


def run(name: str) -> int:
    """Say what a gate found; return the exit code."""
    found = GATES[name]()
    for one in found:
        print(f"{name}: {one}")
    return 1 if found else 0
