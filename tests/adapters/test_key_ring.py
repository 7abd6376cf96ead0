"""The key ring: a key under a passphrase, outside every project, opened by nobody else."""

import base64
import os
import shutil
import stat
from datetime import UTC, datetime

import pytest

from modelwright.adapters.key_ring import KeyRing
from modelwright.authority.actor import ActorKind
from modelwright.authority.identity import open_envelope
from modelwright.kernel.errors import ApprovalRefused, IntegrityBroken, StorageFailed, UserFault

AT = datetime(2026, 1, 1, tzinfo=UTC)
PASSPHRASE = "correct horse"
CHEAP = 1 << 4


class Typist:
    """Types what it was told to, and remembers what it was asked."""

    def __init__(self, *words):
        """Keep the words."""
        self.words = list(words)
        self.asked = []

    def __call__(self, question):
        """Answer the next question."""
        self.asked.append(question)
        return self.words.pop(0)


@pytest.fixture
def folder(tmp_path):
    """Where identities lie."""
    return tmp_path / "identities"


def ring(folder, *words):
    """A ring whose person types these words; guesses cost little."""
    return KeyRing(folder, ask=Typist(*words), cost=CHEAP)


@pytest.fixture
def lead(folder):
    """An identity that was made."""
    return ring(folder, PASSPHRASE, PASSPHRASE).create("lead", at=AT, roles=("owner",)).identity


def test_what_was_made_signs_after_its_passphrase_was_typed(folder, lead):
    """In another process, with nothing but the folder."""
    signer = ring(folder, PASSPHRASE).unlock(lead, purpose="approve phase 1")
    envelope = signer.sign("text/plain", b"yes")
    outcome, signers = open_envelope(envelope, keys={lead.key_id: lead})
    assert outcome.allows
    assert signers == (lead,)
    assert ring(folder).identities() == (lead,)


def test_the_files_are_for_their_owner_alone(folder, lead):
    """Folder and files; and nothing half-written is left."""
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {
        "lead.pem": 0o600,
        "lead.json": 0o600,
    }


def test_the_private_key_is_pkcs_8_under_scrypt_as_other_tools_read_it(folder, lead):
    """Without the passphrase there is nothing to be read; the parameters stand in the file."""
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    sealed = (folder / "lead.pem").read_bytes()
    key = load_pem_private_key(sealed, PASSPHRASE.encode())
    assert key.public_key().public_bytes_raw() == lead.raw_key
    der = base64.b64decode(b"".join(sealed.splitlines()[1:-1]))
    assert bytes.fromhex("2b06010401da47040b") in der
    assert key.private_bytes_raw() not in der


def test_a_wrong_passphrase_has_three_tries_and_says_how_many_are_left(folder, lead):
    """The third time is the last."""
    typist = Typist("wrong", "also wrong", PASSPHRASE)
    assert KeyRing(folder, ask=typist).unlock(lead, purpose="approve phase 1").identity == lead
    assert typist.asked == [
        "Passphrase of lead to approve phase 1: ",
        "That was not it; tries left: 2. Passphrase of lead to approve phase 1: ",
        "That was not it; tries left: 1. Passphrase of lead to approve phase 1: ",
    ]
    with pytest.raises(ApprovalRefused, match="wrong 3 times"):
        ring(folder, "a", "", "c").unlock(lead, purpose="approve phase 1")


def test_a_passphrase_is_long_enough_and_typed_twice(folder):
    """Three tries, then nothing was made."""
    with pytest.raises(ApprovalRefused, match="no passphrase was set"):
        ring(folder, "short", PASSPHRASE, "otherwise", "1234567").create("lead", at=AT)
    assert not folder.exists()
    made = ring(folder, "short", PASSPHRASE, PASSPHRASE).create("lead", at=AT, kind=ActorKind.AGENT)
    assert made.identity.kind is ActorKind.AGENT


def test_without_somebody_to_ask_no_key_is_made_or_opened(folder, lead):
    """And the offline way is named."""
    for attempt in (
        lambda: KeyRing(folder).unlock(lead, purpose="approve phase 1"),
        lambda: KeyRing(folder).create("second", at=AT),
    ):
        with pytest.raises(ApprovalRefused, match="answer offline"):
            attempt()


@pytest.mark.parametrize("name", ["", " ", "agent:lead", "a\nb", "x" * 81, "\u200b"])
def test_a_name_can_be_shown_and_kept(folder, name):
    """It stands in every report, and names a file."""
    with pytest.raises(UserFault, match="cannot be the name"):
        ring(folder).create(name, at=AT)


@pytest.mark.parametrize("name", ["../lead", "a/b", ".hidden", "Zoë", "päivi & co", "%2e", "v1.2", "日" * 80])
def test_no_name_leads_out_of_the_folder(folder, name):
    """A name is a name, whatever file systems make of it."""
    made = ring(folder, PASSPHRASE, PASSPHRASE).create(name, at=AT).identity
    assert [path.parent for path in folder.iterdir()] == [folder, folder]
    assert ring(folder, PASSPHRASE).unlock(made, purpose="sign").identity.name == name
    assert ring(folder).identities() == (made,)


def test_a_namesake_is_refused(folder, lead):
    """Also under another spelling."""
    for name in ("lead", "LEAD ", "l\u0435ad"):
        with pytest.raises(UserFault, match="which reads like"):
            ring(folder, PASSPHRASE, PASSPHRASE).create(name, at=AT)


def test_a_key_that_others_may_read_is_not_used(folder, lead):
    """The message says how to mend it."""
    (folder / "lead.pem").chmod(0o644)
    with pytest.raises(UserFault, match="chmod 600"):
        ring(folder, PASSPHRASE).unlock(lead, purpose="sign")


def test_a_link_in_place_of_a_key_is_not_followed(folder, lead, tmp_path):
    """Nobody chooses another file for us."""
    shutil.move(folder / "lead.pem", tmp_path / "elsewhere.pem")
    (folder / "lead.pem").symlink_to(tmp_path / "elsewhere.pem")
    with pytest.raises(StorageFailed, match="cannot be read"):
        ring(folder, PASSPHRASE).unlock(lead, purpose="sign")


def test_a_key_that_was_swapped_or_damaged_is_found(folder, lead):
    """Somebody else's key does not sign in this name."""
    other = ring(folder, PASSPHRASE, PASSPHRASE).create("second", at=AT).identity
    shutil.copy(folder / "second.pem", folder / "lead.pem")
    with pytest.raises(IntegrityBroken, match="does not hold the key"):
        ring(folder, PASSPHRASE).unlock(lead, purpose="sign")
    (folder / "second.pem").write_bytes(b"no key at all")
    with pytest.raises(IntegrityBroken, match="does not hold the key"):
        ring(folder, PASSPHRASE).unlock(other, purpose="sign")
    shutil.copy(folder / "second.json", folder / "lead.json")
    with pytest.raises(IntegrityBroken, match="does not hold the key"):
        ring(folder).identities()
    (folder / "lead.json").write_bytes(b"{}")
    with pytest.raises(IntegrityBroken, match="not a signed envelope"):
        ring(folder).identities()


def test_a_folder_that_cannot_be_used_is_said_in_words(tmp_path):
    """A file where the folder should be."""
    place = tmp_path / "identities"
    place.write_text("in the way")
    with pytest.raises(StorageFailed, match="MODELWRIGHT_HOME"):
        ring(place, PASSPHRASE, PASSPHRASE).create("lead", at=AT)
    assert ring(place).identities() == ()


def test_what_a_terminal_sends_need_not_be_text(folder):
    """Bytes that are no UTF-8 are as good as any."""
    odd = os.fsdecode(b"correct \xff horse")
    made = ring(folder, odd, odd).create("lead", at=AT).identity
    assert ring(folder, odd).unlock(made, purpose="sign").identity == made
