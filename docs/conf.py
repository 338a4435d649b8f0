"""How Sphinx builds the documentation; `scripts/docs` runs it."""

from __future__ import annotations

from typing import TYPE_CHECKING

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


def setup(app: Sphinx) -> None:
    """Take the prompts of IPython for text, whether IPython is installed or not."""
    app.add_lexer("ipython", TextLexer)
