"""Envelopes: the form of DSSE, byte for byte, and nothing else."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelwright.authority.envelope import Envelope, EnvelopeSignature, pae
from modelwright.kernel.errors import IntegrityBroken

SIGNATURES = st.lists(
    st.builds(EnvelopeSignature, keyid=st.text(max_size=20), sig=st.binary(max_size=64)), max_size=3
).map(tuple)


def test_the_pre_authentication_encoding_is_that_of_the_protocol():
    """The example of the DSSE protocol, version 1.0."""
    assert pae("http://example.com/HelloWorld", b"hello world") == (
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )


@given(kind=st.text(max_size=30), payload=st.binary(max_size=200), signatures=SIGNATURES)
def test_what_is_written_as_json_is_read_back(kind, payload, signatures):
    """As a mapping, as text, as bytes."""
    envelope = Envelope(payload_type=kind, payload=payload, signatures=signatures)
    stored = json.dumps(envelope.to_json())
    assert Envelope.from_json(envelope.to_json()) == envelope
    assert Envelope.from_json(stored) == envelope
    assert Envelope.from_json(stored.encode()) == envelope


@given(one=st.tuples(st.text(), st.binary()), other=st.tuples(st.text(), st.binary()))
def test_different_statements_never_have_the_same_encoding(one, other):
    """No type and payload can be read as another pair."""
    assert (pae(*one) == pae(*other)) == (one == other)


def test_base64_for_addresses_is_read_too():
    """The protocol allows both alphabets."""
    found = {"payload": "-_8=", "payloadType": "text/plain", "signatures": []}
    assert Envelope.from_json(found).payload == b"\xfb\xff"


@pytest.mark.parametrize(
    "found",
    [
        None,
        [],
        "no JSON",
        b"\xff",
        "[" * 100_000,
        "x" * ((1 << 20) + 1),
        {},
        {"payload": "eA==", "payloadType": 1, "signatures": []},
        {"payload": "eA==", "payloadType": "text/plain", "signatures": "none"},
        {"payload": "eA==", "payloadType": "text/plain", "signatures": ["none"]},
        {"payload": "eA==", "payloadType": "text/plain", "signatures": [{"keyid": 1, "sig": ""}]},
        {"payload": "eA==", "payloadType": "text/plain", "signatures": [{"keyid": "a"}]},
        {"payload": "é", "payloadType": "text/plain", "signatures": []},
        {"payloadType": "text/plain", "signatures": []},
    ],
    ids=range(14),
)
def test_what_is_no_envelope_is_refused_in_words(found):
    """A stranger's file."""
    with pytest.raises(IntegrityBroken, match="not a signed envelope"):
        Envelope.from_json(found)
