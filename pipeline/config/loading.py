"""From the file of an operator to its configuration, or to everything that is wrong with it."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from pydantic import ValidationError

from pipeline.config.consistency import inconsistencies
from pipeline.config.document import Document, Scalar, read_document
from pipeline.config.environment import ConfigText, UnreadableName, expand
from pipeline.config.problem import ConfigFileError, Location, Problem, key_of
from pipeline.config.schema import Config
from pipeline.config.secrecy import shown_secrets
from pipeline.config.strict import FOLDER
from pipeline.config.wording import Finding, described, got


def load_config(path: Path, variables: Mapping[str, str] | None = None) -> Config:
    """Read the configuration at `path`; `variables` are those of the environment.

    Raises ConfigFileError with every mistake of the file: its line, its key, what is allowed and what was got. No
    secret is part of it.
    """
    document = read_document(path)
    scalars = tuple(document.scalars())
    texts, findings = _expanded(scalars, os.environ if variables is None else variables)
    findings += [
        Finding(scalar.location, f"${{{name}}} is a secret elsewhere in this file, and would be shown here")
        for scalar, name in shown_secrets(scalars)
    ]
    config, mistakes = _validated(document, texts, path.absolute().parent)
    problems = (*document.problems, *_placed(findings, document))
    told = {(problem.line, problem.key) for problem in problems}
    further = tuple(found for found in _placed(mistakes, document) if (found.line, found.key) not in told)
    if config is None or problems:
        raise ConfigFileError(path, problems + further)
    return config


def _expanded(scalars: tuple[Scalar, ...], variables: Mapping[str, str]) -> tuple[dict[Location, str], list[Finding]]:
    texts: dict[Location, str] = {}
    findings = []
    for scalar in scalars:
        try:
            texts[scalar.location] = expand(scalar.written, variables)
        except UnreadableName as error:
            findings.append(Finding(scalar.location, str(error)))
            texts[scalar.location] = ConfigText("", scalar.written)
    return texts, findings


def _validated(document: Document, texts: dict[Location, str], folder: Path) -> tuple[Config | None, list[Finding]]:
    data = document.value(texts)
    try:
        return Config.model_validate(data, context={FOLDER: folder}), []
    except ValidationError as error:
        errors = error.errors(include_url=False, include_input=False)
    # What does not fit together is looked for in the data, where the schema looks only once all else is right.
    misfits = inconsistencies(data) if isinstance(data, dict) else ()
    findings = [Finding(place, message + got(place, document)) for place, message in misfits]
    return None, findings + [described(item, document) for item in errors if item["loc"] or not findings]


def _placed(findings: Iterable[Finding], document: Document) -> tuple[Problem, ...]:
    return tuple(Problem(document.line(found.location), key_of(found.location), found.message) for found in findings)
