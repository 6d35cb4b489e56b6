"""Jobs on the Hub of tests: set by hand, or really run here."""

import time

import pytest
from hub_client import client, other, status
from hub_jobs import Local
from huggingface_hub import Volume
from huggingface_hub.errors import JobNotFoundError


@pytest.fixture
def api(hub):
    return client(hub)


def test_a_job_whose_stage_the_test_sets(hub, api):
    spec = {"image": "python:3.12", "command": ["python", "-V"], "namespace": "org"}
    options = {"labels": {"request": "r1"}, "timeout": "2h", "secrets": {"HF_TOKEN": "hf_x"}}
    id = api.run_job(**spec, **options, env={"A": "1"}, flavor="t4-small").id
    second = api.run_job(**spec, labels={"request": "r2"}).id
    job = hub.jobs[id]
    assert (job.spec["timeoutSeconds"], job.spec["secrets"]) == (7200, {"HF_TOKEN": "hf_x"})
    assert api.inspect_job(job_id=id, namespace="org").status.stage == "SCHEDULING"
    job.set("RUNNING")
    job.log("one")
    job.log("two")
    job.set("ERROR", "Job failed with exit code: 1")
    info = api.inspect_job(job_id=id, namespace="org")
    assert (info.status.stage, info.status.message) == ("ERROR", "Job failed with exit code: 1")
    assert (info.flavor, info.environment, "hf_x" in str(info)) == ("t4-small", {"A": "1"}, False)
    assert info.finished_at >= info.started_at >= info.created_at
    assert list(api.fetch_job_logs(job_id=id, namespace="org")) == ["one", "two"]
    assert list(api.fetch_job_logs(job_id=id, namespace="org", tail=1)) == ["two"]
    jobs = {"namespace": "org"}
    assert [info.id for info in api.list_jobs(**jobs)] == [second, id]
    assert [info.id for info in api.list_jobs(**jobs, labels={"request": "r1"})] == [id]
    assert [info.id for info in api.list_jobs(**jobs, status="SCHEDULING")] == [second]
    api.cancel_job(job_id=second, namespace="org")
    assert hub.jobs[second].stage == "CANCELED"
    with pytest.raises(JobNotFoundError):
        api.inspect_job(job_id="0" * 24, namespace="org")
    assert status(other(api, "hf_read").run_job, **spec) == 403


def test_the_log_of_a_job_that_goes_on(hub, api):
    spec = {"image": "x", "command": ["x"], "namespace": "org"}
    job = hub.jobs[api.run_job(**spec).id]
    job.set("RUNNING")
    job.log("one")
    lines = iter(api.fetch_job_logs(job_id=job.id, namespace="org", follow=True))
    assert next(lines) == "one"
    job.log("two")
    assert next(lines) == "two"
    job.set("COMPLETED")
    assert list(lines) == []


def ended(api, job, seconds=120):
    end = time.monotonic() + seconds
    while not job.ended and time.monotonic() < end:
        time.sleep(0.02)
    return api.inspect_job(job_id=job.id, namespace="org").status


def test_a_job_that_really_runs(hub, api, tmp_path):
    hub.on_run = Local(hub, tmp_path)
    code = "import os; print(open('/code/a').read(), os.environ['A'], os.environ['HF_ENDPOINT'])"
    space = hub.create("org/board", "space", {"a": b"old"}, sdk="gradio")
    volume = Volume(type="space", source="org/board", mount_path="/code", revision=space.head.id)
    space.commit({"a": b"new"})

    def run(code, **options):
        command = ["python", "-c", code]
        return hub.jobs[api.run_job(image="x", command=command, namespace="org", **options).id]

    job = run(code, env={"A": "1"}, volumes=[volume])
    assert ended(api, job).stage == "COMPLETED"
    logs = list(api.fetch_job_logs(job_id=job.id, namespace="org"))
    assert logs == [f"old 1 {hub.address}"]
    assert ended(api, run("raise SystemExit(3)")).message == "Job failed with exit code: 3"
    late = run("import time; time.sleep(60)", timeout=1)
    endless = run("import time; time.sleep(60)")
    while endless.process is None:
        time.sleep(0.02)
    api.cancel_job(job_id=endless.id, namespace="org")
    assert endless.process.wait(timeout=60) == -9
    assert endless.stage == "CANCELED"
    assert ended(api, late).message == "Job timeout"
