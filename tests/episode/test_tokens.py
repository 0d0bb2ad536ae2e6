import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from banbury.episode import pack, unpack

ids = st.lists(st.integers(0, 2**32 - 1), max_size=12)


@st.composite
def conversations(draw):
    """Calls of one seat whose prompts grow, are cut, or start anew."""
    calls, before = [], []
    for _ in range(draw(st.integers(1, 6))):
        kept = draw(st.integers(0, len(before)))
        prompt = before[:kept] + draw(ids)
        completion = draw(ids)
        calls.append((prompt, completion))
        before = prompt + completion
    return calls


@given(conversations())
def test_packed_calls_come_back_whole(calls):
    packed, previous = [], None
    for prompt, completion in calls:
        packed.append(pack(0, prompt, completion, previous=previous))
        previous = np.asarray(prompt + completion, dtype=np.uint32)
    assert [(p.tolist(), c.tolist()) for p, c in unpack(packed)] == calls


@given(ids, st.lists(st.floats(-50, 0, width=32), max_size=12))
def test_log_probabilities_come_back_bit_for_bit(completion, logprobs):
    packed = pack(0, [1, 2], completion, logprobs)
    assert packed.completion_ids.tolist() == completion
    assert packed.completion_logprobs.tobytes() == np.asarray(logprobs, dtype="<f4").tobytes()


def test_a_growing_conversation_stays_linear_in_size():
    previous, size, prompt = None, 0, []
    for turn in range(200):
        prompt = [*prompt, *range(turn, turn + 10)]
        call = pack(0, prompt, [7] * 5, previous=previous)
        size += len(call.prompt) + len(call.completion)
        prompt = [*prompt, *[7] * 5]
        previous = np.asarray(prompt, dtype=np.uint32)
    assert size == 200 * 15 * 4
