"""`banbury capture check` of files: what is wrong is said in words that a wearer can use."""

import av
import pytest
from tests.cycle.footage.conftest import clips  # noqa: F401

from banbury.cli.capture import check


@pytest.fixture
def said(capsys):
    def told(*files):
        check([*files])
        return " ".join(capsys.readouterr().out.split())

    return told


def test_a_text_file_is_no_footage_and_leaves_no_other_view(clips, said):  # noqa: F811
    found = said(clips["text"], clips["other"])
    assert "this is a text file, whatever its name says. Give MP4" in found
    assert "there is no other view that can be read" in found
    assert "Good: 0:00.0 of pairs" in found


def test_how_much_of_a_file_that_is_cut_off_is_there(clips, said, tmp_path):  # noqa: F811
    whole = tmp_path / "whole.MP4"
    options = {"movflags": "faststart"}
    with av.open(str(clips["b"])) as read, av.open(str(whole), "w", options=options) as made:
        tracks = {s.index: made.add_stream_from_template(s) for s in read.streams}
        for packet in read.demux():
            if packet.dts is not None:
                packet.stream = tracks[packet.stream.index]
                made.mux(packet)
    cut = tmp_path / "cut.MP4"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size * 7 // 10])
    found = said(clips["a"], cut)
    assert "View 2 The file is cut off: " in found and "of 10.0 s are there." in found
