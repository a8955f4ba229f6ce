from pathlib import Path

import pytest

from pipeline.errors import ConfigError
from training.config import Recipe, load_recipe

SHIPPED = sorted((Path(__file__).parents[2] / "configs" / "training").glob("*.yaml"))
TWO_STAGES = """
name: two
class_shares: {masked: 0.5, incorrect: 0.2, unmasked: 0.3}
images_per_epoch: 100
batch_size: 32
stages:
  - {size_px: 32, epochs: 2}
  - {size_px: 48, epochs: 1}
"""


def recipe_file(folder: Path, text: str) -> Path:
    path = folder / "recipe.yaml"
    path.write_text(text)
    return path


def test_stages_follow_each_other(tmp_path: Path) -> None:
    recipe = load_recipe(recipe_file(tmp_path, TWO_STAGES))

    assert [recipe.stage_of(epoch).size_px for epoch in range(recipe.epochs)] == [32, 32, 48]
    assert recipe.final_size_px == 48
    assert recipe.steps_per_epoch == 4
    with pytest.raises(ValueError, match="3 epochs"):
        recipe.stage_of(3)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_recipes_are_valid(path: Path) -> None:
    assert isinstance(load_recipe(path), Recipe)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (TWO_STAGES + "colour: blue", "colour.*got 'blue'"),
        (TWO_STAGES.replace("size_px: 48", "size_px: 8"), r"stages\.1\.size_px.*got 8"),
        (TWO_STAGES.replace("name: two", ""), "name: Field required"),
        (TWO_STAGES + "backbone: resnet", "backbone.*got 'resnet'"),
        (TWO_STAGES + "class_shares: {masked: 1}", "class_shares needs a share for each of"),
        (TWO_STAGES + "classes: [masked, hat]", "classes are two or three of"),
        (TWO_STAGES + "scaling: bytes", "scaling.*got 'bytes'"),
        (TWO_STAGES + "weights: none\nfreeze_backbone: true", "freeze_backbone needs weights"),
        ("[1, 2", "cannot read the recipe"),
        ("", "the file"),
    ],
)
def test_a_faulty_recipe_names_the_key_and_what_it_got(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        load_recipe(recipe_file(tmp_path, text))


def test_a_missing_recipe_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"cannot read the recipe .*gone\.yaml"):
        load_recipe(tmp_path / "gone.yaml")
