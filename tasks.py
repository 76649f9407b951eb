"""The commands of this site: `python3 tasks.py build`, or `invoke build` inside .venv.

Run by itself, this file makes .venv first (newsroom/environment.py) and then runs the command there. It must
parse on Python 3.6, so that an old Python can say that it is too old. No logic here: commands call newsroom.
"""

import sys

if __name__ == "__main__":
    if sys.version_info < (3, 11):
        sys.exit(
            "tasks.py: Python 3.11 or newer is needed, and this is Python {}.{}.{} ({}); install a newer one "
            "from https://www.python.org/downloads/ or your system's packages, and run tasks.py with it, "
            "as in `python3.12 tasks.py`".format(*sys.version_info[:3], sys.executable)
        )
    from newsroom.environment import main

    sys.exit(main(__file__, sys.argv[1:]))

import subprocess

from invoke.context import Context
from invoke.exceptions import Exit
from invoke.tasks import task


def end(status: int) -> None:
    """Make a status other than 0 the status of the process, without a traceback."""
    if status:
        raise Exit(code=status)


@task(optional=["explain"])
def build(context: Context, cache: bool = True, verbose: bool = False, explain: str = "no") -> None:
    """Build the site into output/; --explain says why files were written, --explain=FILE of one."""
    from newsroom.commands import build as build_site

    wanted = {"no": None, "True": ""}.get(str(explain), explain)  # invoke gives True where the option has no value
    end(build_site(cache=cache, verbose=verbose, explain=wanted))


@task
def check(context: Context) -> None:
    """Say everything that is wrong, and what pictures say of themselves; write nothing."""
    from newsroom.commands import check as check_site

    end(check_site())


@task
def clean(context: Context) -> None:
    """Remove what was built: output/ and .cache/."""
    from newsroom.commands import clean as remove_built

    end(remove_built())


@task
def rebuild(context: Context) -> None:
    """Build the site anew, and leave nothing else in output/."""
    from newsroom.commands import build as build_site

    end(build_site(fresh=True))


@task
def serve(context: Context, port: int = 8000, open_browser: bool = False) -> None:
    """Build with drafts, show the site on this computer, follow every change."""
    from newsroom.commands import serve as serve_preview

    end(serve_preview(port, open_browser))


@task
def preview(context: Context) -> None:
    """Build the site into output/ as readers will get it, to look at."""
    from newsroom.commands import build as build_site

    end(build_site("publishconf.py"))


@task
def publish(context: Context, dry_run: bool = False, signature: str = "") -> None:
    """Build the site as readers will get it, and put it to its hosts; --dry-run only says what would change."""
    from newsroom.commands import publish as publish_site

    end(publish_site(dry_run=dry_run, signature=signature))


@task
def rollback(context: Context, to: int = 0) -> None:
    """Give readers the release before, or --to=NUMBER, where a host keeps releases."""
    from newsroom.commands import rollback as roll_back

    end(roll_back(to))


@task
def verify(context: Context, source: str, key: str = "") -> None:
    """Verify a copy of the site: an address, a folder or a zip; --key is the root key of another newsroom."""
    from newsroom.commands import verify as verify_copy

    end(verify_copy(source, key))


@task
def keys(
    context: Context,
    make: str = "",
    rotate: str = "",
    renew: bool = False,
    root: str = "",
    keep: bool = False,
    without: str = "",
) -> None:
    """List the keys that sign releases, --make them in a folder, --rotate or --renew them with the file --root."""
    from newsroom.commands import keys as manage_keys

    end(manage_keys(make, rotate, renew, root, keep, without))


@task
def headers(context: Context, server: str = "nginx", onion: bool = False) -> None:
    """Print what a web server is to be told: --server=nginx, caddy or netlify."""
    from newsroom.commands import headers as print_headers

    end(print_headers(server, onion))


@task
def schedule(context: Context) -> None:
    """Print when something becomes due, and files for cron, systemd and GitHub that publish it then."""
    from newsroom.commands import schedule as print_schedule

    end(print_schedule())


@task
def retract(context: Context, article: str, notice: str = "", gone: bool = False) -> None:
    """Take an article down everywhere: --notice '…' is what readers find in its place, with --gone nothing more."""
    from newsroom.retraction import retract_article

    end(retract_article(article, notice, gone))


@task
def test(context: Context) -> None:
    """Run the tests; what follows `--` goes to pytest, as in `test -- -k name`."""
    # Not context.remainder: invoke joins the words with spaces, and `-k "a or b"` would fall apart.
    passed = sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else []
    end(subprocess.call([sys.executable, "-m", "pytest", *passed]))
