"""Any order of the queue's steps: legal states, one owner, no attempt lost, limits kept."""

import shutil
import tempfile
from pathlib import Path

import pytest
from examples import SOAK
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from results.lease import LAUNCHED, Watch, launched
from results.queue import ACTIVE, Fenced, Queue, new_id
from results.request import Request
from results.store import Folder
from results.transitions import TRIES

FIXTURE = Request.model_validate_json(
    (Path(__file__).parent / "fixtures" / "request.json").read_text()
)
EACH, TOTAL, JOBS = 2, 4, 1
CODES = ("fra_Latn", "swh_Latn", "deu_Latn")
PEOPLE = (None, "a", "b")
WORKERS = ("v", "w")
AFTER = {
    "pending": {"running", "cancelled", "failed"},
    "running": {"pending", "finished", "failed", "cancelled", "running"},
    "failed": {"pending"},
    "cancelled": {"pending"},
    "finished": set(),
}
COUNTS: dict[str, int] = {}


class Steps(RuleBasedStateMachine):
    """Two workers that live and die, one launcher, three people."""

    claims = Bundle("claims")

    def __init__(self):
        super().__init__()
        self.root = Path(tempfile.mkdtemp())
        self.results = Folder(self.root)
        self.queue = Queue(Folder(self.root / "requests"), self.results)
        self.watch = Watch(100.0, self.results)
        self.alive = {}
        self.born = 0
        self.before = {}

    def teardown(self):
        for kept in self.alive.values():
            kept.release()
        shutil.rmtree(self.root)

    def take(self, step):
        try:
            return self.queue.take("step", step)
        except ValueError as error:
            COUNTS[type(error).__name__] = COUNTS.get(type(error).__name__, 0) + 1
            return None

    @rule(
        who=st.sampled_from(PEOPLE),
        codes=st.lists(st.sampled_from(CODES), min_size=1, unique=True),
        revision=st.sampled_from("ab"),
        configurations=st.sampled_from([slice(0, 2), slice(0, 1), slice(1, 2)]),
    )
    def submit(self, who, codes, revision, configurations):
        model = FIXTURE.model.model_copy(update={"revision": revision * 40})
        update = {"id": new_id(), "submitter": who, "languages": codes, "model": model}
        update["configurations"] = FIXTURE.configurations[configurations]
        self.take(self.queue.submission(FIXTURE.model_copy(update=update), EACH, TOTAL))

    @rule(target=claims, slot=st.sampled_from(WORKERS))
    def claim(self, slot):
        if slot not in self.alive:
            self.born += 1
            name = f"{slot}{self.born}"
            self.alive[slot] = self.results.hold(name)
            self.alive[slot].name = name
        return self.queue.claim(self.alive[slot].name, self.watch)

    @rule(target=claims, which=st.integers(0, 9))
    def launch(self, which):
        waiting = [each for each in self.queue.all() if each.state == "pending"]
        if not waiting:
            return None
        request = waiting[which % len(waiting)]
        self.born += 1
        return self.take(self.queue.launching(request.id, f"{LAUNCHED}{self.born}", JOBS))

    @rule(slot=st.sampled_from(WORKERS))
    def die(self, slot):
        if slot in self.alive:
            self.alive.pop(slot).release()

    @rule()
    def reap(self):
        self.queue.reap(self.watch)

    @rule(
        claim=claims,
        outcome=st.sampled_from(["finished", "failed", "killed", "preempted"]),
    )
    def end(self, claim, outcome):
        if claim is None:
            return
        current = self.queue.current(claim)
        now = self.queue.find(claim.id)
        try:
            ended = self.queue.end(claim, outcome, "why", "log")
            again = len(now.attempts) == len(claim.attempts) and now.attempts[-1].outcome == outcome
            assert current or (again and ended == now), "an attempt that was over ended its request"
        except Fenced:
            assert not current
            assert self.queue.find(claim.id) == now

    @rule(which=st.integers(0, 9), who=st.sampled_from(PEOPLE), anybody=st.booleans())
    def cancel(self, which, who, anybody):
        requests = self.queue.all()
        if requests:
            request = requests[which % len(requests)]
            changed = self.take(self.queue.cancelling(request.id, who, anybody))
            assert not changed or anybody or who == request.submitter

    @rule(which=st.integers(0, 9), who=st.sampled_from(PEOPLE), anybody=st.booleans())
    def retry(self, which, who, anybody):
        requests = self.queue.all()
        if requests:
            request = requests[which % len(requests)]
            changed = self.take(self.queue.retrying(request.id, who, anybody, EACH, TOTAL))
            assert not changed or anybody or who == request.submitter

    @invariant()
    def nothing_is_lost_and_every_step_is_legal(self):
        now = {each.id: each for each in self.queue.all()}
        assert self.before.keys() <= now.keys()
        for request in now.values():
            COUNTS[request.state] = COUNTS.get(request.state, 0) + 1
            old = self.before.get(request.id)
            if old is None or old == request:
                continue
            assert request.state in AFTER[old.state], (old.state, request.state)
            closed = [each for each in old.attempts if each.outcome]
            assert request.attempts[: len(closed)] == closed
            assert len(request.attempts) >= len(old.attempts)
            starts = [each.started for each in old.attempts]
            assert [each.started for each in request.attempts][: len(starts)] == starts
        self.before = now

    @invariant()
    def a_request_runs_once_if_at_all(self):
        owners = []
        for request in self.queue.all():
            running = [each for each in request.attempts if each.outcome is None]
            assert len(running) == (request.state == "running")
            assert running in ([], request.attempts[-1:])
            owners += [each.worker for each in running]
        assert len(owners) == len(set(owners))
        assert sum(launched(each) for each in self.queue.all()) <= JOBS

    @invariant()
    def three_killed_or_lost_fail_and_the_preempted_do_not_count(self):
        for request in self.queue.all():
            bad = sum(each.outcome in ("killed", "lost") for each in request.attempts)
            most = TRIES + request.forgiven
            assert bad <= most
            if request.state in ("pending", "running"):
                assert bad < most
            if request.state == "failed" and request.attempts[-1].outcome != "failed":
                assert bad == most and request.reason

    @invariant()
    def limits_hold(self):
        active = [each for each in self.queue.all() if each.state in ACTIVE]
        assert len(active) <= TOTAL
        for who in PEOPLE[1:]:
            assert sum(each.submitter == who for each in active) <= EACH

    @invariant()
    def no_language_is_asked_for_twice(self):
        active = [each for each in self.queue.all() if each.state in ACTIVE]
        for one in active:
            for other in active:
                alike = (one.model, one.configurations) == (other.model, other.configurations)
                if one.id != other.id and alike:
                    assert not set(one.languages) & set(other.languages)


TestSteps = Steps.TestCase
TestSteps.settings = settings(
    max_examples=1000 if SOAK else 60,
    stateful_step_count=40,
    deadline=None,
)


def test_the_steps_went_everywhere():
    """Printed after the machine ran: which states and refusals its runs met."""
    if not COUNTS:
        pytest.skip("it did not run here")
    print(f"\n  {dict(sorted(COUNTS.items()))}")
    assert {"pending", "running", "finished", "failed", "cancelled"} <= COUNTS.keys()
    assert {"AlreadyRequested", "OverLimit", "NotYours"} <= COUNTS.keys()
