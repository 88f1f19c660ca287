"""Model output that tries to be more than text: it is shown as text, in every pane, at every stage."""

from __future__ import annotations

import re

import pytest
from msgspec import structs

from tests.tui.scripted import PROMPT, Puppet, long_run, services, until
from workbench.engine import events as e
from workbench.models.base import Message
from workbench.tui.app import WorkbenchApp
from workbench.tui.widgets.focus import FOLDED, Detail

HOSTILE = (
    "[red]not red[/red] [@click=app.leave]click[/] [/] \x1b[2J\x1b[31mESC\x1b]0;owned\x07 \u202edrawkcab\u202c "
    "\x9b31m \x00\x07\x08 [link](javascript:alert(1)) <script>x</script> " + "long" * 4000
)
FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def poisoned() -> list[e.AnyEvent]:
    """The long run with hostile text wherever text can stand."""
    return [_poison(event) for event in long_run(answer=HOSTILE)]


def _poison(event: e.AnyEvent) -> e.AnyEvent:
    match event:
        case e.RunStarted():
            return structs.replace(event, system=HOSTILE, messages=(Message("user", HOSTILE),))
        case e.CallQueued():
            return structs.replace(event, request=structs.replace(event.request, model=f"x/{HOSTILE}"))
        case e.CallRetried() | e.CallFinished() if event.error:
            return structs.replace(event, error=HOSTILE)
        case e.CandidateMade():
            return structs.replace(event, candidate=structs.replace(event.candidate, key=HOSTILE, text=HOSTILE))
        case e.VerdictGiven():
            return structs.replace(event, reason=HOSTILE, by=HOSTILE)
        case e.Selected():
            return structs.replace(event, because=HOSTILE)
        case e.DisagreementScored():
            clusters = tuple(structs.replace(cluster, key=HOSTILE + cluster.key) for cluster in event.clusters)
            return structs.replace(event, clusters=clusters, headline=HOSTILE)
        case e.RunFinished():
            return structs.replace(event, status="failed", reason=HOSTILE, answer=None)
        case _:
            return event


@pytest.mark.parametrize(("ms", "size"), [(2500, (80, 24)), (6200, (150, 36)), (9000, (80, 24))])
async def test_nothing_on_the_screen_steers_the_terminal_or_is_read_as_markup(ms: int, size: tuple[int, int]) -> None:
    events = [*until(poisoned(), ms), e.Warned(t=ms * 1_000_000, message=HOSTILE)]
    app = WorkbenchApp(services(Puppet(events, ends=ms > 8105)), system="laconic-then-judge", prompt=PROMPT)
    async with app.run_test(size=size) as pilot:
        await pilot.press("ctrl+r")
        for call in ("c1", "c9", "c10", "j1"):
            app.bench.picked = call
            for tab in FOLDED:
                app.bench._tab(tab)
                await pilot.pause(0)
                screen = "".join(
                    segment.text
                    for strip in app.screen._compositor.render_strips()
                    for segment in strip
                    if segment.control is None
                )
                assert not FORBIDDEN.search(screen)
        assert app.is_running
        if app.session.live:
            app.session.stop()
            await app.session.wait()


async def test_hostile_text_is_shown_word_for_word_without_its_controls() -> None:
    app = WorkbenchApp(services(Puppet(until(poisoned(), 6030), ends=False)), prompt=PROMPT, system="single")
    async with app.run_test(size=(160, 45)) as pilot:
        await pilot.press("ctrl+r")
        for _ in range(3):
            await pilot.pause()
        app.bench._tab("request")
        told = app.screen.query_one(Detail).text
        assert "[red]not red[/red] [@click=app.leave]click[/] [/] ESC drawkcab" in told
        app.session.stop()
        await app.session.wait()


async def test_a_hostile_prompt_and_a_hostile_system_name() -> None:
    app = WorkbenchApp(services(), prompt=HOSTILE)
    app.session.open(structs.replace(app.session.system, name=HOSTILE))
    async with app.run_test() as pilot:
        await pilot.pause()
        assert app.is_running
