"""The public parser py-gpmf-parser, made to hand out every item that it can read as numbers."""

import numpy as np
import py_gpmf_parser as peer

from banbury.gyms.capture.media import klv
from banbury.gyms.capture.media.pieces import pieces

_STRUCTURE = {"DEVC", "STRM"}


def every(payload):
    """Return what the peer reads of a payload: (key, (samples, elements) float64), in its order."""
    words = np.frombuffer(payload + b"\0" * (-len(payload) % 4), dtype="<u4").copy()
    ret, at = peer.GPMF_Init(words, len(words) * 4)
    assert ret == peer.GPMF_OK, ret
    found = []
    while True:
        key = peer.fourCC_to_string(peer.GPMF_Key(at))
        samples, elements = peer.GPMF_Repeat(at), peer.GPMF_ElementsInStruct(at)
        if key not in _STRUCTURE and samples and elements:
            space = samples * elements * 8
            ret, data = peer.GPMF_ScaledData(at, space, 0, samples, peer.GPMF_SampleType.DOUBLE)
            if ret == peer.GPMF_OK:
                table = np.array(data[: samples * elements]).reshape(samples, elements)
                found.append((key, table))
        if peer.GPMF_Next(at, peer.GPMF_RECURSE_LEVELS_AND_TOLERANT) != peer.GPMF_OK:
            return found


def streams(payload):
    """Return the last item of each of the peer's streams, which is the data: key to samples.

    Which item is the last of its stream is told by our own reading of the nests alone.
    """
    mains = {
        stream.items[-1].key
        for device in klv.items(payload)[0]
        for stream in device.items
        if stream.key == "STRM" and stream.items
    }
    made = {}
    for key, table in every(payload):
        if key in mains:
            made.setdefault(key, []).append(table)
    return {key: np.concatenate(tables) for key, tables in made.items()}


def compared(payload):
    """Return how many samples of each stream both read, and the streams in which they differ."""
    ours = {}
    for piece in pieces(payload)[0]:
        if "." not in piece.key and len(piece.values):
            ours.setdefault(piece.key, []).append(piece)
    theirs = streams(payload)
    words = {k for k, found in ours.items() if np.isnan(found[0].values).all()}  # the peer has none
    differ = (ours.keys() - words) ^ theirs.keys()
    counts = {}
    for key in ours.keys() & theirs.keys():
        values = np.concatenate([p.values for p in ours[key]])
        said = [p.texts for p in ours[key] if p.texts is not None]
        if not _same(values, np.concatenate(said) if said else None, theirs[key]):
            differ.add(key)
        counts[key] = len(values)
    return counts, differ


def _same(values, texts, theirs):
    """Return whether both are equal; the peer hides four characters in a double's first bytes."""
    if values.shape != theirs.shape:
        return False
    text = np.isnan(values)
    hidden = [v.tobytes()[:4].decode() for v in theirs[text]]
    if texts is not None and texts[text].tolist() != hidden:
        return False
    return np.array_equal(values[~text], theirs[~text])
