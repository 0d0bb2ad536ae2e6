"""Page and seat speak: show, draft, act, evidence, keys, media."""

import pytest

pytestmark = pytest.mark.slow

SEAT = """
export function seat(host) {
  const field = document.createElement("textarea");
  field.setAttribute("aria-label", "Answer");
  const said = document.createElement("p");
  said.id = "instruction";
  const button = document.createElement("button");
  button.textContent = "Send";
  button.onclick = () => host.act({ do: "answer", text: field.value });
  field.oninput = () => host.draft({ text: field.value });
  host.root.append(said, field, button);
  return {
    show(work) {
      said.textContent = work.task.instruction;
      field.value = work.draft?.text ?? "";
      for (const one of work.observations[0].media ?? []) {
        host.media(one.blob.sha256).then(
          (got) => (said.dataset.media = `${got.mime} ${got.bytes.byteLength}`),
          (error) => (said.dataset.media = error.message),
        );
      }
    },
    key(event) {
      if (event.key !== "k") return false;
      said.textContent = "used";
      return true;
    },
    command(name) { said.dataset.command = name; },
    refused(text) { said.dataset.refused = text; },
  };
}
"""
WORK = {
    "id": "lease-1",
    "task": {
        "id": "t",
        "gym": "plain",
        "skill": "s",
        "instruction": "Say <b>it</b>.",
        "inputs": "{}",
    },
    "observations": [{"text": "Say it.", "role": "user"}],
}


@pytest.fixture
def page(gym, hold):
    gym(SEAT, "plain")
    page = hold("plain")
    page.evaluate("work => host.show(work)", WORK)
    page.inside = page.frame_locator("iframe")
    page.inside.get_by_text("Say <b>it</b>.").wait_for()
    return page


def heard(page, what, least=1):
    page.wait_for_function("([what, n]) => heard[what].length >= n", arg=[what, least])
    return page.evaluate("what => heard[what]", what)


def test_an_answer_goes_out_once_with_the_evidence_before_it(page):
    page.inside.get_by_label("Answer").press_sequentially("yes")
    page.inside.get_by_role("button").dblclick()
    assert heard(page, "acts") == [{"action": {"do": "answer", "text": "yes"}, "id": "lease-1"}]
    assert heard(page, "drafts")[-1] == {"value": {"text": "yes"}, "id": "lease-1"}
    assert heard(page, "evidence")[-1]["keys"] == 3


def test_a_refused_answer_can_be_given_again(page):
    page.inside.get_by_role("button").click()
    heard(page, "acts")
    page.evaluate("host.refused('too short')")
    page.inside.locator("[data-refused='too short']").wait_for()
    page.inside.get_by_role("button").click()
    assert len(heard(page, "acts", 2)) == 2


def test_keys_that_the_seat_does_not_use_reach_the_page(page):
    page.inside.get_by_role("button").focus()
    page.keyboard.press("k")
    page.inside.get_by_text("used").wait_for()
    page.keyboard.press("?")
    page.keyboard.press("Control+b")
    page.inside.get_by_label("Answer").focus()
    page.keyboard.press("g")
    page.keyboard.press("Escape")
    heard(page, "hotkeys", 3)
    assert page.evaluate("heard.hotkeys") == ["?", "Ctrl+b", "Escape"]


def test_a_paste_is_counted_by_its_size_and_its_text_is_not_sent(page):
    page.inside.get_by_label("Answer").focus()
    page.inside.get_by_label("Answer").evaluate(
        """node => { node.value = "pasted words"; node.select(); document.execCommand("copy");
                     node.value = ""; }"""
    )
    page.keyboard.press("Control+v")
    page.inside.get_by_role("button").click()
    heard(page, "acts")
    last = page.evaluate("heard.evidence.at(-1)")
    assert last["pastes"] == [12]
    assert "pasted" not in str(page.evaluate("heard.evidence"))


def test_a_message_about_the_task_before_is_dropped(page):
    page.evaluate("work => host.show({...work, id: 'lease-2'})", WORK)
    page.evaluate(
        """() => { const frame = document.querySelector('iframe').contentWindow;
        for (const id of ['lease-1', 'lease-2']) window.dispatchEvent(new MessageEvent('message', {
          source: frame, data: {banbury: 1, type: 'act', id, action: {do: 'answer', text: id}}}));
        }"""
    )
    assert [one["id"] for one in heard(page, "acts")] == ["lease-2"]
    assert not page.evaluate("heard.troubles")


def test_a_seat_is_handed_the_task_s_media_and_no_other(page, served):
    span = {"blob": {"sha256": "a" * 64, "size": 5, "media": "image/svg+xml"}}
    work = {
        **WORK,
        "observations": [{"text": "", "media": [{**span, "url": "/static/0/icon.svg"}]}],
    }
    page.evaluate("work => host.show(work)", work)
    page.inside.locator("[data-media^='image/svg+xml ']").wait_for()
    none = {**span, "blob": {**span["blob"], "sha256": "b" * 64}, "url": "/static/0/none"}
    page.evaluate("work => host.show(work)", {**WORK, "observations": [{"media": [none]}]})
    page.inside.locator("[data-media*='could not be loaded: status 404']").wait_for()
    page.wrong.clear()


def test_a_seat_that_was_taken_away_begins_again_with_the_draft(page):
    page.inside.get_by_label("Answer").fill("half")
    heard(page, "drafts")
    page.evaluate("host.restart()")
    page.wait_for_function("() => document.querySelector('iframe') !== null")
    page.inside.get_by_text("Say <b>it</b>.").wait_for()
    assert page.inside.get_by_label("Answer").input_value() == "half"


def test_a_gym_whose_seat_cannot_be_loaded_says_so(gym, hold, tab):
    gym("export const seat = ;", "torn")
    hold("torn", ready=False)
    tab.get_by_role("alert").get_by_text("could not be loaded").wait_for()
    assert tab.evaluate("heard.troubles[0].kind") == "start"
    tab.wrong.clear()
