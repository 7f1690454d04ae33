"""What is shipped for many machines, the compose file and the manifests: all that they name exists, and nothing in them may do
more than it needs to."""

import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from bot import __version__
from bot.cli import app
from bot.config import load_config
from bot.credentials import read_credentials
from bot.feeds import FeedState
from bot.store_url import unusable
from bot.stores.sql import open_store
from bot.web.server import Answers, application
from tests import postgres
from tests.makers import FEED, an_analysis, an_article

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
FOLDER = DEPLOY / "kubernetes"
SCALE = (ROOT / "docs" / "scale.md").read_text("utf-8")
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if name != "postgres"}
NOBODY = 10001  # whom the Containerfile names
SCALED = "# components: [autoscaled]"  # the line that takes KEDA in, as it is shipped
COLLECT, ANALYZE, FOLLOW, DELIVER = (f"worker --only {step}" for step in ("collect", "analyze", "follow", "deliver"))
PARTS = {
    "schema": "prepare",
    "desk": "run --engine queue",
    "collect": COLLECT,
    "analyze": ANALYZE,
    "follow": FOLLOW,
    "deliver": DELIVER,
}
TELLS_SLACK = {"desk", "deliver"}


def understood(words: Sequence[str]) -> None:
    """By the program itself, values and all, without doing it."""
    program: Any = typer.main.get_command(app)
    context = program.make_context("tariffwatch", list(words))
    name, command, rest = program.resolve_command(context, list(words))
    command.make_context(name, rest, parent=context)


def documents(text: str) -> list[dict[str, Any]]:
    return [document for document in yaml.safe_load_all(text) if document]


@cache
def built() -> list[dict[str, Any]]:
    """All that is applied, with KEDA's part."""
    if not shutil.which("kubectl"):
        pytest.skip("kubectl is not here")
    return documents(kustomized(FOLDER))


def kustomized(folder: Path) -> str:
    done = subprocess.run(["kubectl", "kustomize", folder], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def autoscaled(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """The same with the line in it that takes KEDA in."""
    built()
    folder = shutil.copytree(FOLDER, tmp_path_factory.mktemp("k") / "kubernetes")
    file = folder / "kustomization.yaml"
    assert SCALED in file.read_text("utf-8")
    file.write_text(file.read_text("utf-8").replace(SCALED, SCALED.removeprefix("# ")), "utf-8")
    return documents(kustomized(folder))


def of_kind(kind: str, manifests: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    return {one["metadata"]["name"]: one for one in manifests if one["kind"] == kind}


def pods() -> dict[str, dict[str, Any]]:
    """The pod of each part, by the name of the part."""
    found = [*of_kind("Deployment", built()).values(), *of_kind("Job", built()).values()]
    return {one["metadata"]["name"].removeprefix("tariffwatch-"): one["spec"]["template"] for one in found}


def container(part: str) -> dict[str, Any]:
    (only,) = pods()[part]["spec"]["containers"]
    return dict(only)


def fits(selector: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    equal = selector.get("matchLabels", {}).items() <= labels.items()
    return equal and all(labels.get(e["key"]) in e["values"] for e in selector.get("matchExpressions", ()))


# what is named exists


def test_each_part_runs_a_command_that_the_program_understands() -> None:
    assert {name: " ".join(service["command"]) for name, service in OURS.items()} == PARTS
    for words in PARTS.values():
        understood(words.split())
    with pytest.raises(Exception, match="No such option"):
        understood(["prepare", "--to", "head"])


def test_the_manifests_run_the_same_parts() -> None:
    assert {part: " ".join(container(part)["args"]) for part in pods()} == PARTS


def test_each_variable_is_one_that_the_program_reads_and_its_file_is_there() -> None:
    for name, service in OURS.items():
        for variable, file in service["environment"].items():
            assert file.removeprefix("/run/secrets/") in service["secrets"], f"{name}: {variable}"
            assert read_credentials({variable: "/nowhere"})[1], variable
    for part in pods():
        for variable in container(part)["env"]:
            assert variable["value"] in mounted(part), f"{part}: {variable['name']}"
            assert read_credentials({variable["name"]: "/nowhere"})[1], variable


def mounted(part: str) -> set[str]:
    """The paths of all files that the pod of a part is given."""
    volumes = {volume["name"]: volume for volume in pods()[part]["spec"]["volumes"]}
    kinds = [(m["mountPath"], volumes[m["name"]]) for m in container(part)["volumeMounts"]]
    items = [(path, volume.get("secret") or volume.get("configMap")) for path, volume in kinds]
    return {f"{path}/{item['path']}" for path, source in items if source for item in source["items"]}


def test_only_who_speaks_to_slack_is_given_its_token() -> None:
    assert {name for name, service in OURS.items() if "slack_bot_token" in service["secrets"]} == TELLS_SLACK
    assert {part for part in pods() if any("slack" in path for path in mounted(part))} == TELLS_SLACK


def test_every_image_has_a_version_and_ours_is_that_of_the_program() -> None:
    images = {name: service["image"] for name, service in SERVICES.items()}
    assert {images.pop("postgres")} == {f"postgres:{version_of_the_tests()}"}
    assert set(images.values()) == {f"tariffwatch:{__version__}"}
    assert {service["pull_policy"] for service in OURS.values()} == {"never"}
    assert {container(part)["image"] for part in pods()} == {f"registry.example.com/tariffwatch:{__version__}"}


def test_the_picture_is_built_from_locks_that_are_there() -> None:
    (asked,) = re.findall(r'--build-arg LOCK="([^"]*)"', SCALE)
    (wanted,) = re.findall(r"\$\((printf .*build \$\{LOCK\})\)", (DEPLOY / "Containerfile").read_text("utf-8"))
    told = subprocess.run(["sh", "-c", wanted], env={"LOCK": asked}, capture_output=True, text=True, check=True).stdout
    files = told.replace("-r /src/", "").split()
    assert files == [f"requirements/{name}.txt" for name in ("build", "postgres", "interactive")]
    assert all((ROOT / file).exists() for file in files)


def version_of_the_tests() -> int:
    (found,) = postgres.run("postgres", "SELECT current_setting('server_version_num')::int / 10000")[0]
    return int(found)


def test_postgresql_knows_each_setting_that_it_is_started_with() -> None:
    program, *settings = SERVICES["postgres"]["command"]
    assert program == "postgres"
    for name, value in (setting.removeprefix("--").split("=", 1) for setting in settings):
        row = postgres.run("postgres", f"SELECT vartype, enumvals FROM pg_settings WHERE name = '{name}'")
        assert row, name
        assert row[0][0] != "enum" or value in row[0][1]


def test_the_settings_of_the_manifests_are_read_as_they_are_mounted(tmp_path: Path) -> None:
    (settings,) = of_kind("ConfigMap", built()).values()
    volume = next(v for v in pods()["desk"]["spec"]["volumes"] if "configMap" in v)["configMap"]
    assert volume["name"] == settings["metadata"]["name"]
    for item in volume["items"]:
        file = tmp_path / item["path"]
        file.parent.mkdir(exist_ok=True)
        file.write_text(settings["data"][item["key"]], "utf-8")
    config = load_config(tmp_path / "config.yaml", {"TARIFFWATCH_HTTP_TOKEN": "x" * 32})
    (port,) = container("desk")["ports"]
    assert config.listen == ("0.0.0.0", port["containerPort"])  # noqa: S104  the pod's network is its own
    assert [watchlist.file for watchlist in config.watchlists] == [f"{tmp_path}/watchlists/desk.yaml"]


def test_the_shape_of_the_secret_has_all_that_is_mounted_and_asks_the_database_who_it_is() -> None:
    (secret,) = documents((FOLDER / "secret.example.yaml").read_text("utf-8"))
    given = secret["stringData"]
    sources = [v["secret"] for part in pods() for v in pods()[part]["spec"]["volumes"] if "secret" in v]
    assert {source["secretName"] for source in sources} == {secret["metadata"]["name"]}
    assert {item["key"] for source in sources for item in source["items"]} == set(given)
    assert unusable(given["database_url"]) is None
    parameters = dict(part.split("=") for part in given["database_url"].partition("?")[2].split("&"))
    assert parameters["sslmode"] == "verify-full"
    assert all(parameters["sslrootcert"] in mounted(part) for part in pods())


def test_a_probe_asks_what_needs_no_token() -> None:
    desk = container("desk")
    paths = {probe["httpGet"]["path"] for probe in (desk["startupProbe"], desk["livenessProbe"])}
    routes = [route.path for route in application(Answers(list, list, bytes)).routes if hasattr(route, "path")]
    assert paths == {"/healthz"} <= set(routes)
    program, *words = desk["readinessProbe"]["exec"]["command"]
    assert program == "tariffwatch"
    understood(words)


# nobody may do more than he needs to


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_nobody_in_particular_and_writes_nothing_but_what_is_named(name: str) -> None:
    service = SERVICES[name]
    assert service["user"].partition(":")[0] not in ("", "0", "root")
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["mem_limit"]
    assert service["logging"]["options"]["max-size"]
    assert {"test", "disable"} & service.get("healthcheck", {"test": "the picture's"}).keys()
    assert int(service["stop_grace_period"].removesuffix("s")) > 20
    assert "privileged" not in service
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ()))


def test_nobody_but_the_desk_may_write_to_the_settings() -> None:
    written = {name for name, service in OURS.items() if any(not v.endswith(":ro") for v in service["volumes"])}
    assert written == {"desk"}


def test_the_database_is_on_a_network_that_leads_nowhere() -> None:
    assert COMPOSE["networks"]["store"] == {"internal": True}
    assert SERVICES["postgres"]["networks"] == ["store"]
    assert all("store" in service["networks"] for service in SERVICES.values())


def test_all_wait_for_the_schema_and_the_schema_for_the_database() -> None:
    waits = {name: service["depends_on"] for name, service in OURS.items()}
    assert waits.pop("schema") == {"postgres": {"condition": "service_healthy"}}
    assert all(wait["schema"] == {"condition": "service_completed_successfully"} for wait in waits.values())
    assert SERVICES["schema"]["restart"] == "no"


@pytest.mark.parametrize("part", PARTS)
def test_a_pod_is_nobody_in_particular_and_writes_nothing_but_its_tmp(part: str) -> None:
    pod, only = pods()[part]["spec"], container(part)
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] == NOBODY
    assert f"USER {NOBODY}:" in (DEPLOY / "Containerfile").read_text("utf-8")
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert pod["automountServiceAccountToken"] is False
    assert only["securityContext"]["readOnlyRootFilesystem"] is True
    assert only["securityContext"]["allowPrivilegeEscalation"] is False
    assert only["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert [m["mountPath"] for m in only["volumeMounts"] if not m.get("readOnly")] == ["/tmp"]  # noqa: S108  a place in a pod
    assert {"cpu", "memory"} <= only["resources"]["requests"].keys()
    assert only["resources"]["limits"]["memory"]
    assert pod["terminationGracePeriodSeconds"] > 20


# the manifests fit each other, and Kubernetes


@pytest.mark.parametrize("version", ["1.29", "1.37"])
def test_kubernetes_takes_the_manifests(version: str) -> None:
    schemas = pytest.importorskip("kubernetes_validate", reason="a dependency of the tests")
    (secret,) = documents((FOLDER / "secret.example.yaml").read_text("utf-8"))
    for manifest in (*built(), secret):
        schemas.validate(manifest, version, strict=True)


def test_each_selector_finds_the_pods_of_its_part() -> None:
    labels = {part: pod["metadata"]["labels"] for part, pod in pods().items()}
    for name, deployment in of_kind("Deployment", built()).items():
        selector = deployment["spec"]["selector"]
        assert [part for part, has in labels.items() if fits(selector, has)] == [name.removeprefix("tariffwatch-")]
    for name, budget in of_kind("PodDisruptionBudget", built()).items():
        selector = budget["spec"]["selector"]
        assert [part for part, has in labels.items() if fits(selector, has)] == [name.removeprefix("tariffwatch-")]
    (service,) = of_kind("Service", built()).values()
    assert fits({"matchLabels": service["spec"]["selector"]}, labels["desk"])


def test_what_may_leave_is_said_of_every_pod_and_the_world_is_not_for_those_who_need_it_not() -> None:
    policies = of_kind("NetworkPolicy", built())
    labels = {part: pod["metadata"]["labels"] for part, pod in pods().items()}
    reached = {
        name: {part for part, has in labels.items() if fits(policy["spec"]["podSelector"], has)}
        for name, policy in policies.items()
    }
    assert reached.pop("tariffwatch") == set(PARTS)
    assert policies["tariffwatch"]["spec"]["policyTypes"] == ["Ingress", "Egress"]
    assert reached.pop("tariffwatch-outside") == {"desk", "collect", "analyze", "deliver"}
    assert reached == {"tariffwatch-figures": {"desk"}}


def test_one_desk_at_a_time_and_never_two_versions_of_a_part() -> None:
    deployments = of_kind("Deployment", built())
    assert {one["spec"]["strategy"]["type"] for one in deployments.values()} == {"Recreate"}
    assert deployments["tariffwatch-desk"]["spec"]["replicas"] == 1


# as many readers as there is to read


def test_keda_scales_a_deployment_that_is_there_and_nobody_else_sets_its_number(
    autoscaled: list[dict[str, Any]],
) -> None:
    (scaled,) = of_kind("ScaledObject", autoscaled).values()
    target = of_kind("Deployment", autoscaled)[scaled["spec"]["scaleTargetRef"]["name"]]
    assert "replicas" not in target["spec"]
    (trigger,) = scaled["spec"]["triggers"]
    assert trigger["authenticationRef"]["name"] in of_kind("TriggerAuthentication", autoscaled)
    assert {"host", "port", "userName", "dbName", "sslmode", "query", "targetQueryValue"} == trigger["metadata"].keys()


@pytest.fixture
def backlog() -> Iterator[str]:
    """A database with three articles that are read and two that are not, and the role that the documents make."""
    name = postgres.copied()
    with closing(open_store(postgres.url(name))) as store:
        articles = [an_article(f"a{n}") for n in range(5)]
        store.save_feed(FeedState(FEED), articles)
        store.save_analyses([(article, an_analysis(article.id)) for article in articles[:3]])
    (statements,) = re.findall(r"^```sql\n(.*?)^```", SCALE, re.MULTILINE | re.DOTALL)
    postgres.run(name, *statements.strip().splitlines())
    yield name
    postgres.run(name, "DROP OWNED BY tariffwatch_backlog", "DROP ROLE tariffwatch_backlog")


def test_the_role_that_counts_the_backlog_sees_its_number_and_nothing_else(
    backlog: str, autoscaled: list[dict[str, Any]]
) -> None:
    (scaled,) = of_kind("ScaledObject", autoscaled).values()
    asked = scaled["spec"]["triggers"][0]["metadata"]
    assert _as(backlog, asked["userName"], asked["query"]) == [(2,)]
    for more in ("SELECT title FROM articles", "SELECT url FROM feeds", "DELETE FROM articles"):
        with pytest.raises(Exception, match="permission denied"):
            _as(backlog, asked["userName"], more)


def _as(database: str, role: str, statement: str) -> Any:
    import psycopg

    with psycopg.connect(postgres.url(database), autocommit=True) as connection:
        connection.execute(f"SET ROLE {role}")
        return connection.execute(statement).fetchall()


def test_docker_takes_the_compose_file() -> None:
    client = ["docker", "compose"] if _runs("docker", "compose", "version") else ["docker-compose"]
    if not _runs(*client, "version"):
        pytest.skip("docker compose is not here")
    done = subprocess.run(
        [*client, "-f", DEPLOY / "compose.yaml", "config", "--quiet"], capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr


def _runs(*words: str) -> bool:
    return bool(shutil.which(words[0])) and not subprocess.run(words, capture_output=True, check=False).returncode
