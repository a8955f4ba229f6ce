"""An ablation of ways to make up for a rare class: heads refitted on the same frozen embeddings, several seeds each."""

from pathlib import Path

from pipeline.errors import ConfigError
from training.balance_figures import Balance, compared
from training.config import Recipe
from training.embeddings import EmbeddedFaces, Splits, embedded
from training.faces import load_faces
from training.heads import Budget, Head, Standardisation, fit_head
from training.model import head_layer, load_model
from training.remedies import REMEDIES, Remedy, Sample
from training.run_folder import BALANCE, BALANCED, BEST, read_recipe, write_record

TRAINED = "as trained"


def balance(run: Path, data: Path) -> Balance:
    """Compare the methods on the run's best model; write `balance.json`, and `balanced.keras` with the best head.

    The training split alone is seen by the heads; the validation split chooses.
    """
    recipe = read_recipe(run)
    if not recipe.balance.enabled:
        raise ConfigError(f"the recipe in {run} has balance.enabled: false; go on with `training calibrate`")
    model = load_model(run / BEST)
    train_faces, val_faces = (
        load_faces(data, [split], recipe.class_aliases, recipe.classes) for split in ("train", "val")
    )
    trained = Head(*head_layer(model).get_weights())
    train, val = embedded(run, model, Splits(train_faces, val_faces), recipe)
    heads = {TRAINED: [trained], **refitted_heads(train, recipe, Budget())}
    found = compared(heads, train, val, recipe)
    kept = heads[found.kept][0]
    head_layer(model).set_weights([kept.kernel, kept.bias])
    model.save(run / BALANCED)
    write_record(found, run / BALANCE)
    return found


def refitted_heads(train: EmbeddedFaces, recipe: Recipe, budget: Budget) -> dict[str, list[Head]]:
    """Return the heads of each method, one a seed, as they apply to raw embeddings."""
    scaling = Standardisation.of(train.embeddings)
    scaled = scaling.applied(train.embeddings)

    def fitted(remedy: Remedy, seed: int) -> Head:
        sample, objective = remedy(Sample(scaled, train.labels), recipe, seed)
        return scaling.folded_into(fit_head(sample.embeddings, sample.labels, objective, budget, seed))

    seeds = range(recipe.seed, recipe.seed + recipe.balance.seeds)
    return {name: [fitted(remedy, seed) for seed in seeds] for name, remedy in REMEDIES.items()}
