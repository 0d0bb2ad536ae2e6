"""The site that `make docs` builds into site/.

The home page is the README; the verbs come from the command line's own help; the reference comes
from the docstrings, a page for each room in the order of the floors. These pages are written to
docs/made/ before each build.
"""

import re
import shutil
import sys
from pathlib import Path

from sphinx.application import Sphinx

from banbury import __version__
from banbury.cli import app

DOCS = Path(__file__).parent
ROOT = DOCS.parent
MADE = DOCS / "made"
PACKAGE = ROOT / "src" / "banbury"

project = "Banbury"
release = __version__
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
root_doc = "made/index"
html_theme = "furo"
html_title = f"Banbury {release}"
html_show_sourcelink = False
myst_heading_anchors = 3
autodoc_default_options = {"members": True, "member-order": "bysource"}
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented_params"
napoleon_use_ivar = True  # a named tuple documents its fields twice otherwise
suppress_warnings = ["myst.header", "ref.python"]


def rooms() -> list[str]:
    """Return the rooms in the order of their floors, as the architecture lists them."""
    text = (DOCS / "architecture.md").read_text(encoding="utf-8")
    return re.findall(r"^\| `([a-z]+)(?:/|\.py)` \|", text, flags=re.M)


def modules(room: str) -> list[str]:
    """Return the modules of a room by their dotted names."""
    if (PACKAGE / f"{room}.py").exists():
        return [f"banbury.{room}"]
    names = []
    for file in sorted((PACKAGE / room).rglob("*.py")):
        parts = file.relative_to(PACKAGE).with_suffix("").parts
        if not {"migrations", "library"} & {*parts}:
            names.append(".".join(("banbury", *(p for p in parts if p != "__init__"))))
    return sorted(names)


def contents(caption: str, pages: list[str]) -> str:
    """Return a list of contents that the side bar shows."""
    listed = "\n".join(pages)
    return f"```{{toctree}}\n:hidden:\n:caption: {caption}\n\n{listed}\n```\n"


def home() -> str:
    """Return the README, with its links turned to the site's pages."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    text = text.replace("](docs/decisions/)", "](decisions.md)").replace("](docs/", "](../")
    text = text.replace("](CHANGELOG.md)", "](changelog.md)").replace("[NOTICE](NOTICE)", "NOTICE")
    loop = (DOCS / "loop.md").read_text(encoding="utf-8")
    stages = [f"../{page}" for page in re.findall(r"\]\((stages/\w+\.md)\)", loop)]
    first = [f"../{name}" for name in ("tutorial.md", "loop.md") if (DOCS / name).exists()]
    rest = [f"../{f.name}" for f in sorted(DOCS.glob("*.md")) if f"../{f.name}" not in first]
    return "\n".join(
        (
            text,
            contents("Guide", first + rest),
            contents("The loop", stages),
            contents("Reference", ["verbs", *(f"reference/{room}" for room in rooms())]),
            contents("Project", ["decisions", "changelog"]),
        )
    )


def decisions() -> str:
    """Return a page that lists the decisions."""
    pages = [f"../decisions/{file.name}" for file in sorted((DOCS / "decisions").glob("*.md"))]
    return "# Decisions\n\n```{toctree}\n" + "\n".join(pages) + "\n```\n"


def reference(room: str) -> str:
    """Return the page of a room."""
    parts = [f"# banbury.{room}\n"]
    for name in modules(room):
        package = (PACKAGE / Path(*name.split(".")[1:])).is_dir()
        if name != f"banbury.{room}":
            parts.append(f"## {name.removeprefix('banbury.')}\n")
        # What a package's front shows is documented where it is defined.
        only = "\n   :no-members:" if package else ""
        parts.append(f"```{{eval-rst}}\n.. automodule:: {name}{only}\n```\n")
    return "\n".join(parts)


def markdown(app_: Sphinx, what: str, name: str, obj: object, options: object, lines: list[str]):
    """Turn the code of a docstring, which is in Markdown, into reStructuredText."""
    lines[:] = [re.sub(r"(?<!`)`([^`]+)`(?!`)", r"``\1``", line) for line in lines]


def setup(site: Sphinx) -> None:
    """Take part in the build: before napoleon, whose priority is 500."""
    site.connect("autodoc-process-docstring", markdown, priority=100)


def make_pages() -> None:
    """Write the pages that are made."""
    shutil.rmtree(MADE, ignore_errors=True)
    (MADE / "reference").mkdir(parents=True)
    sys.argv[0] = "banbury"  # the help names the program by it
    verbs = app.generate_docs(output_format="markdown", recursive=True, include_hidden=False)
    made = {
        "index": home(),
        "decisions": decisions(),
        "changelog": (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"),
        "verbs": verbs.replace("# banbury\n", "# Verbs\n", 1),
        **{f"reference/{room}": reference(room) for room in rooms()},
    }
    for name, text in made.items():
        (MADE / f"{name}.md").write_text(text, encoding="utf-8")


make_pages()
