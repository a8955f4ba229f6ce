"""The compose file and what its services mount, each checked by the tool that will read it."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.config.loading import load_config
from tests.containerfile import stages
from tests.machine import require_system

REPOSITORY = Path(__file__).parents[2]
DEPLOY = REPOSITORY / "configs" / "deploy"
COMPOSE = DEPLOY / "compose.yaml"
CONTENT: dict[str, Any] = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = CONTENT["services"]
FINAL = stages(DEPLOY / "Containerfile")[-1]
SECRET = "0123456789abcdef0123456789abcdef"
(PORT,) = re.findall(r"PORT=(\d+)", FINAL.last("ENV").words)


def compose_config(path: Path) -> subprocess.CompletedProcess[str]:
    command = [require_system("docker-compose"), "-f", str(path), "config", "--quiet"]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def mounts(service: str) -> Iterator[tuple[Path, str, str]]:
    """Yield source, target and mode of each folder or file of the repository that the service mounts."""
    for volume in SERVICES[service]["volumes"]:
        source, target, *mode = volume.split(":")
        if source.startswith("."):
            yield (DEPLOY / source).resolve(), target, "".join(mode)


def root_of(service: str, folder: Path) -> Path:
    """Return `folder` with what the service finds in its container: what it mounts, and its secrets."""
    for source, target, _ in mounts(service):
        place = folder / target.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if source.is_dir() else shutil.copy2)(source, place)
    for secret in SERVICES[service]["secrets"]:
        place = folder / "run" / "secrets" / secret
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(f"{SECRET}\n", encoding="utf-8")
    return folder


def test_compose_takes_the_file() -> None:
    checked = compose_config(COMPOSE)
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")


def test_a_mistake_would_be_noticed(tmp_path: Path) -> None:
    path = tmp_path / "compose.yaml"
    path.write_text(COMPOSE.read_text(encoding="utf-8").replace("restart:", "restarts:"), encoding="utf-8")
    assert "restarts" in compose_config(path).stderr


@pytest.mark.parametrize("service", SERVICES)
def test_what_is_mounted_exists_and_is_not_written(service: str) -> None:
    for source, _, mode in mounts(service):
        assert source.exists()
        assert source.is_relative_to(REPOSITORY / "configs")
        assert mode == "ro"


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_has_few_rights_and_only_this_machine_reaches_it(service: str) -> None:
    content = SERVICES[service]
    assert content["cap_drop"] == ["ALL"]
    assert content["security_opt"] == ["no-new-privileges:true"]
    assert all(port.startswith("127.0.0.1:") for port in content["ports"])
    assert content["restart"] == "unless-stopped"
    assert {"max-size", "max-file"} <= content["logging"]["options"].keys()


@pytest.mark.parametrize("service", SERVICES)
def test_images_are_named_without_a_registry(service: str) -> None:
    image, _, tag = SERVICES[service]["image"].partition(":")
    assert "." not in image
    assert (service == "maskstream") == (tag == "")


def test_every_volume_and_secret_is_declared() -> None:
    volumes = {name.split(":")[0] for service in SERVICES.values() for name in service["volumes"]}
    assert {name for name in volumes if not name.startswith(".")} == CONTENT["volumes"].keys()
    assert {name for service in SERVICES.values() for name in service["secrets"]} == CONTENT["secrets"].keys()


def test_secrets_are_files_that_git_leaves_alone() -> None:
    for secret in CONTENT["secrets"].values():
        path = (DEPLOY / secret["file"]).relative_to(REPOSITORY)
        ignored = subprocess.run(["git", "check-ignore", str(path)], cwd=REPOSITORY, capture_output=True, check=False)
        assert ignored.returncode == 0, f"git would take {path}"


def test_the_image_is_built_as_its_own_file_says() -> None:
    build = SERVICES["maskstream"]["build"]
    context = (DEPLOY / build["context"]).resolve()
    assert context == REPOSITORY
    assert (context / build["dockerfile"]).is_file()


def test_maskstream_takes_the_cameras_with_its_secret_and_writes_to_its_volume_alone(tmp_path: Path) -> None:
    service = SERVICES["maskstream"]
    root = root_of("maskstream", tmp_path)
    inside = FINAL.last("CMD").command[-1]
    variables = {name: str(root) + value for name, value in service["environment"].items()} | {"PORT": PORT}
    config = load_config(root / inside.lstrip("/"), variables)

    assert config.http.token is not None
    assert config.http.token.get_secret_value() == SECRET
    assert (config.http.bind_address, config.http.port) == ("0.0.0.0", int(PORT))
    volume = Path(FINAL.last("VOLUME").words)
    assert f"maskstream:{volume}" in service["volumes"]
    assert config.state_file is not None
    assert config.state_file.is_relative_to(volume)
    assert all(stream.recording.folder.is_relative_to(volume) for stream in config.streams)
    assert service["ports"] == [f"127.0.0.1:8080:{PORT}"]


def test_prometheus_takes_its_configuration_with_the_rules_and_the_token(tmp_path: Path) -> None:
    root = root_of("prometheus", tmp_path)
    (flag,) = (word for word in SERVICES["prometheus"]["command"] if word.startswith("--config.file="))
    path = root / flag.partition("=")[2].lstrip("/")
    path.write_text(path.read_text(encoding="utf-8").replace("/run/", f"{root}/run/"), encoding="utf-8")
    command = [require_system("promtool"), "check", "config", str(path)]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    assert checked.stdout.count("rules found") == 2


def test_prometheus_scrapes_maskstream_as_its_other_configuration_does() -> None:
    here = yaml.safe_load((DEPLOY / "prometheus.yml").read_text(encoding="utf-8"))
    there = yaml.safe_load((REPOSITORY / "configs" / "prometheus" / "prometheus.yml").read_text(encoding="utf-8"))
    assert here["global"] == there["global"]
    (job,), (other,) = here["scrape_configs"], there["scrape_configs"]
    assert job["job_name"] == other["job_name"]
    assert job["static_configs"] == [{"targets": [f"maskstream:{PORT}"]}]


def test_grafana_finds_its_data_source_and_dashboards(tmp_path: Path) -> None:
    root = root_of("grafana", tmp_path)
    environment = SERVICES["grafana"]["environment"]
    provisioned = root / "etc" / "grafana" / "provisioning"
    for name in re.findall(r"\$\{(\w+)\}", "".join(path.read_text("utf-8") for path in provisioned.rglob("*.yml"))):
        assert name in environment
    assert {path.parent.name for path in provisioned.rglob("*.yml")} == {"dashboards", "datasources"}
    assert list((root / environment["DASHBOARDS"].lstrip("/")).glob("*.json"))
    assert environment["PROMETHEUS_URL"] == "http://prometheus:9090"
    assert SERVICES["prometheus"]["ports"] == ["127.0.0.1:9090:9090"]


def test_the_readme_names_what_is_there() -> None:
    readme = (DEPLOY / "README.md").read_text(encoding="utf-8")
    published = {port.rpartition(":")[0] for service in SERVICES.values() for port in service["ports"]}
    assert set(re.findall(r"http://([\d.]+:\d+) ", readme)) == published
    assert set(re.findall(r"> (secrets/\w+)", readme)) == {
        secret["file"].removeprefix("./") for secret in CONTENT["secrets"].values()
    }
