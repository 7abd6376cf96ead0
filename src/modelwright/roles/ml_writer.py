"""The writer: turns an approved design into files the project's owner keeps.

The writer proposes text; the workflow writes it, and only after the design was approved.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

from modelwright.kernel.document import Document, Facts, Listing

__all__ = ["WrittenFiles", "write_pipeline"]

TEMPLATES = ("train.py", "predict.py", "test_pipeline.py", "README.md")


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenFiles:
    """Files written in one phase.

    Examples:
        >>> WrittenFiles(files={"pipeline/train.py": "sha256:0"}, command="pytest pipeline").document().title
        'Files written'
    """

    files: Mapping[str, str]
    """Digest by path, relative to the project."""
    command: str
    """The command that tests them."""
    kept: tuple[str, ...] = ()
    """Files left as they are because their owner changed them."""

    def document(self) -> Document:
        """Render the list."""
        lines = tuple(f"{path} ({digest[7:19]})" for path, digest in self.files.items())
        kept = tuple(f"{path}: kept as its owner left it" for path in self.kept)
        return Document(
            title="Files written",
            blocks=(Listing(items=lines + kept), Facts(items=(("Test with", self.command),))),
        )


def write_pipeline(*, name: str, target: str, design: str, config: str) -> Mapping[str, str]:
    """Return the text of the pipeline's files, by name.

    Args:
        name: The model's name.
        target: The column to predict.
        design: The design that was chosen.
        config: The training configuration as JSON text.

    Examples:
        >>> sorted(write_pipeline(name="calls", target="y", design="pragmatic", config="{}"))
        ['README.md', 'config.json', 'predict.py', 'test_pipeline.py', 'train.py']
    """
    from jinja2 import Environment, StrictUndefined

    environment = Environment(undefined=StrictUndefined, keep_trailing_newline=True, autoescape=False)  # noqa: S701 - Python files, not HTML
    folder = files("modelwright.roles").joinpath("templates")
    texts = {
        template: environment.from_string(
            folder.joinpath(f"{template}.jinja").read_text(encoding="utf-8")
        ).render(name=name, target=target, design=design)
        for template in TEMPLATES
    }
    return {**texts, "config.json": config}
