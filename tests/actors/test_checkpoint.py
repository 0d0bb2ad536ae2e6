import pytest
from huggingface_hub.errors import LocalEntryNotFoundError

from banbury.actors import checkpoint
from banbury.errors import UnknownName


def test_a_model_that_cannot_be_found_says_why_in_one_line(tmp_path, monkeypatch):
    with pytest.raises(UnknownName, match=r"holds no config\.json"):
        checkpoint.find_model(str(tmp_path))
    with pytest.raises(UnknownName, match="no Hugging Face id"):
        checkpoint.find_model("no/such/../model")

    def offline(*_, **__):
        raise LocalEntryNotFoundError("Got: ConnectError\nand a second line")

    monkeypatch.setattr(checkpoint, "snapshot_download", offline)
    with pytest.raises(UnknownName, match="hub cannot be reached") as raised:
        checkpoint.find_model("smolm2")
    assert str(raised.value).endswith("The nearest: smollm2")
    assert "\n" not in str(raised.value)
