"""What evaluating found, as text for a person."""

from training.breakdown import HardNegative, Part
from training.figures import Evaluation, Interval, Selected


def table(found: Evaluation) -> str:
    """Return the figures as text: headline, classes, hard negatives, parts, and what `unknown` does."""
    blocks = [
        _headline(found),
        _classes(found),
        _hard_negatives(found["hard_negatives"]),
        _parts("by source", found["by_source"]),
        _parts("by note", found["by_note"]),
        _parts("by longer side of the face", found["by_size"]),
        _selective(found),
    ]
    return "\n\n".join("\n".join(lines) for lines in blocks if lines)


def left_out_text(left_out: dict[str, int]) -> str:
    """Return what is said aloud of faces that the model cannot get right."""
    return "\n".join(
        f"{count} faces labelled {name} left out: the model does not know this class"
        for name, count in left_out.items()
    )


def share(value: float | None) -> str:
    """Return a share with four digits, a dash where there is none."""
    return "-" if value is None else f"{value:.4f}"


def percent(value: float | None, digits: int = 2) -> str:
    """Return a share in per cent, a dash where there is none."""
    return "-" if value is None else f"{100 * value:.{digits}f} %"


def interval(ends: Interval | None) -> str:
    """Return an interval in brackets, a dash where there is none."""
    return "-" if ends is None else f"[{ends[0]:.4f}, {ends[1]:.4f}]"


def _headline(found: Evaluation) -> list[str]:
    ends = found["intervals_95"]
    rows = (
        ("accuracy", found["accuracy"], ends["accuracy"], ""),
        ("macro-F1", found["macro_f1"], ends["macro_f1"], ""),
        (
            "two-class accuracy",
            found["two_class_accuracy"],
            ends["two_class_accuracy"],
            f"masked or unmasked, {found['two_class_faces']} faces",
        ),
        ("masked against rest", found["masked_against_rest"], ends["masked_against_rest"], "`incorrect` is not masked"),
    )
    return [
        *left_out_text(found["left_out"]).splitlines(),
        f"{found['n']} faces: accuracy {found['accuracy']:.4f}, macro-F1 {found['macro_f1']:.4f}, "
        f"ECE {found['ece']:.4f}, Brier {found['brier']:.4f}",
        "",
        f"{'':21}{'':>8}  {'95 % interval':18}",
        *(f"{name:21}{share(value):>8}  {interval(bounds):18} {note}".rstrip() for name, value, bounds, note in rows),
    ]


def _classes(found: Evaluation) -> list[str]:
    columns = " ".join(f"{name:>9}" for name in found["classes"])
    lines = [f"{'':12}{'precision':>9}{'recall':>8}  {'95 % interval':18}  predicted {columns}"]
    for name, row in zip(found["classes"], found["confusion"], strict=True):
        if name in found["per_class"]:
            one = found["per_class"][name]
            counts = " ".join(f"{count:>9}" for count in row)
            lines.append(
                f"{name:12}{one['precision']:>9.4f}{one['recall']:>8.4f}  {interval(one['recall_wilson_95']):18}"
                f"  {'':9} {counts}"
            )
    return lines


def _hard_negatives(rows: list[HardNegative]) -> list[str]:
    if not rows:
        return []
    width = max(len(row["name"]) for row in rows)
    return ["unmasked, but looking masked"] + [
        f"  {row['name']:{width}}  {row['faces']:>5} faces, called masked {row['called_masked']:>4}: "
        f"{row['share']:.4f} {interval(row['wilson_95'])}"
        for row in rows
    ]


def _parts(title: str, rows: list[Part]) -> list[str]:
    width = max(len(title), *(len(row["name"]) + 2 for row in rows))
    head = f"{title:{width}}  {'faces':>6}  {'accuracy':>8}  {'95 % interval':18}  {'macro-F1':>8}  {'two-class':>9}"
    return [head] + [
        f"  {row['name']:{width - 2}}  {row['faces']:>6}  {row['accuracy']:>8.4f}  {interval(row['wilson_95']):18}"
        f"  {share(row['macro_f1']):>8}  {share(row['two_class_accuracy']):>9}"
        for row in rows
    ]


def _selective(found: Evaluation) -> list[str]:
    curve = found["risk_coverage"]
    lines = [f"area under the risk-coverage curve {curve['aurc']:.4f}"]
    lines.append(
        f"at most {percent(curve['allowed_risk'], 0)} wrong among the answered: {_answered(curve['at_allowed_risk'])}"
    )
    if found["unknown"] is not None:
        lines.append(f"the model's own threshold: {_answered(found['unknown'])}")
    return lines


def _answered(selected: Selected) -> str:
    return (
        f"{percent(selected['coverage'])} answered from confidence {selected['confidence']:.4f}, "
        f"{percent(selected['risk'])} of them wrong (bound {percent(selected['highest_risk'])})"
    )
