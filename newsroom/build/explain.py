"""Why a file was made: which value or template changed since the last build."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from newsroom.build.engine import Engine


def reasons(engine: Engine, urls: Collection[str], wanted: str | None) -> Iterator[str]:
    """One line for each of these files that was written; of `wanted`, where it names files, also when it was not."""
    if wanted is None:
        return
    chosen = [url for url in urls if wanted in ("", url, f"output/{url}")]
    if wanted and not chosen:
        yield f"{wanted}: no file of the output is called so"
    for url in chosen:
        result = engine.results.get(url)
        if result and result.written:
            yield f"{url}: {_why(engine, url)}"
        elif wanted:
            yield f"{url}: as before; " + (
                "made again, with the same bytes" if result else "nothing that it is made of changed"
            )


def _why(engine: Engine, url: str) -> str:
    before, result = engine.before.made.get(url), engine.results[url]
    if before is None:
        return "new"
    if url not in engine.found:
        return "was missing, or edited by hand"
    shape = engine.before.shapes[before.shape] if before.shape < len(engine.before.shapes) else ()
    old = _by_name(shape, before.parts)
    new = _by_name(result.shape, result.parts)
    changed = [name for name in new if old.get(name) != new[name]]
    changed += [f"{name} (no longer there)" for name in old if name not in new]
    if changed:
        return "changed: " + ", ".join(changed)
    templates = engine.templates
    edited = [name for name in sorted(templates) if engine.before.templates.get(name) != templates[name]]
    if result.shape:
        return "changed: " + ", ".join(edited or ["this program, or its settings"])
    return "its content changed"


def _by_name(shape: tuple[str, ...], parts: bytes) -> dict[str, bytes]:
    return {name: parts[n * 8 : n * 8 + 8] for n, name in enumerate(shape)}
