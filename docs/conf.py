"""How Sphinx builds the documentation; `scripts/docs` runs it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from docutils import nodes
from pygments.lexers.special import TextLexer

from gradioproxy import __version__

if TYPE_CHECKING:
    from sphinx.application import Sphinx

project = "gradioproxy"
author = "gradioproxy contributors"
copyright = author
version = release = __version__

extensions = ["sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx_copybutton"]
html_theme = "furo"
html_title = f"gradioproxy {version}"

# The docstrings name public names in single backquotes.
default_role = "py:obj"
rst_prolog = """
.. py:currentmodule:: gradioproxy
"""
highlight_language = "none"

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
python_maximum_signature_line_length = 88
napoleon_numpy_docstring = False

# What is copied of a transcript is what is typed.
copybutton_prompt_text = r">>> |\.\.\. |\$ |In \[\d+\]: "
copybutton_prompt_is_regexp = True

nitpicky = True
nitpick_ignore_regex = [
    # Annotations have names of other libraries and of private modules; what is written in a text,
    # as a name of this package, is looked up.
    ("py:class", r".*"),
    # Of the standard library and of libraries that are named in texts.
    ("py:(obj|exc)", r"(asyncio|concurrent|inspect|logging|os|pathlib|warnings)\..*"),
    ("py:exc", r"[A-Z]\w*Error"),
]
# How pages name each other where they are read as files.
_PAGE = re.compile(r"(?:\.\./|docs/)*([\w/]+)\.rst")


def link_pages(app: Sphinx, doctree: nodes.document, name: str) -> None:
    """Let links from file to file lead from page to page."""
    for node in doctree.findall(nodes.reference):
        named = _PAGE.fullmatch(node.get("refuri", ""))
        page = named[1].lower() if named else ""
        if page in app.env.found_docs:
            node["refuri"] = app.builder.get_relative_uri(name, page)


def find_images(app: Sphinx, path: object, parent: str, content: list[str]) -> None:
    """Let a page that is included find its pictures, which it names from where it is."""
    del app, path, parent
    content[0] = content[0].replace(".. image:: docs/", ".. image:: ")


def setup(app: Sphinx) -> None:
    """Add what is ours; prompts of IPython are text, whether IPython is installed or not."""
    app.add_lexer("ipython", TextLexer)
    app.connect("doctree-resolved", link_pages)
    app.connect("include-read", find_images)
