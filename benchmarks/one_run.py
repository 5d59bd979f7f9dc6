"""One run in a process of its own, so that its memory is its own: prints its cost as JSON.

python -m benchmarks.one_run '{"what": "floor", "url": …}'
"""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.meter import Cost, measured


def main(given: dict[str, Any]) -> dict[str, Any]:
    """Run the floor or the product as told."""
    return _floor(given) if given["what"] == "floor" else _product(given)


def _floor(given: dict[str, Any]) -> dict[str, Any]:
    from benchmarks import floor

    with measured() as cost:
        messages = floor.run(
            given["url"], host=given["host"], port=given["port"], user=given["user"], password=given["password"]
        )
    return _told(cost, messages)


def _product(given: dict[str, Any]) -> dict[str, Any]:
    from benchmarks import product

    _quiet()
    config = Path(given["config"])
    app = product.warmed(config)
    if given.get("profile"):
        return _profiled(app, given)
    with product.receiver(app, config, product.Way(given["way"])) as receiver, measured() as cost:
        messages = product.run(app, receiver)
    told = _told(cost, messages) | {"states": product.waiting(app)}
    app.close()
    return told


def _profiled(app: Any, given: dict[str, Any]) -> dict[str, Any]:
    """The same with the profiler on, in one thread; its figures are for comparing functions, not runs."""
    import cProfile

    from benchmarks import product

    profile = cProfile.Profile()
    with measured() as cost:
        messages = profile.runcall(product.run, app)
    profile.dump_stats(given["profile"])
    app.close()
    return _told(cost, messages)


def _quiet() -> None:
    import logging

    import structlog

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))


def _told(cost: Cost, messages: int) -> dict[str, Any]:
    per_message = 1000 / max(messages, 1)
    return asdict(cost) | {
        "messages": messages,
        "per_second": messages / cost.seconds,
        "cpu_ms": cost.cpu_seconds * per_message,
        "children_cpu_ms": cost.children_cpu_seconds * per_message,
    }


if __name__ == "__main__":
    print(json.dumps(main(json.loads(sys.argv[1]))))
