"""The form made from a schema: it can say whatever a gym's actions can hold."""

import itertools

import msgspec
import pytest

from banbury.gyms import registry
from banbury.gyms.contract import action_schema

pytestmark = pytest.mark.slow

SAYS = """async ([schema, actions]) => {
  const from = document.querySelector('script[src*="js/seat/page.js"]').src;
  const { SchemaForm } = await import(from.replace("seat/page.js", "schemaform.js"));
  const place = document.createElement("div");
  document.body.append(place);
  const said = [];
  const form = new SchemaForm(place, { onAct: (action) => said.push(action) });
  actions.forEach((draft, at) => {
    form.show({ id: String(at), schema, draft });
    form.command("submit");
    if (said.length <= at) said.push(place.innerText);
  });
  place.remove();
  return said;
}"""


def solutions(gym, count=1):
    """Return reference actions of each skill of a gym, as plain data without what is default."""
    for skill in gym.skills():
        for problem in itertools.islice(gym.tasks(skill.name, seed=3), count):
            yield from (msgspec.to_builtins(a) for a in gym.solution(problem))


def test_each_action_of_each_gym_comes_out_of_the_form_as_it_went_in(room, site, tab):
    here = room(tasks=1)
    site.enter(tab, "expert").goto(site.origin + here.path)
    for name in registry.names():
        gym = registry.gym(name)
        kinds = {}
        for action in solutions(gym):
            kinds.setdefault(action.get("do"), []).append(action)
        actions = [a for held in kinds.values() for a in held[:2]]
        said = tab.evaluate(SAYS, [action_schema(gym.actions), actions])
        for action, out in zip(actions, said, strict=True):
            assert isinstance(out, dict), f"{name} {action}: the form says {out}"
            made = [msgspec.convert(a, gym.actions) for a in (out, action)]
            assert made[0] == made[1], name
