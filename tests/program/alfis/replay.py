"""Recorded bytes for a live session, whose keys are other ones."""

from typing import Any

from . import frame


class Replay:
    """Seals recorded messages for the live session; pieces of a frame are cut as they were."""

    def __init__(self, session: dict[str, Any]) -> None:
        self.recorded: frame.Session | None = None
        if session.get("shared") and session.get("nonce"):
            self.recorded = frame.Session(
                bytes.fromhex(session["shared"]), bytes.fromhex(session["nonce"])
            )
        self.left = b""
        pieces = [e for e in session["events"] if e["kind"] == "frame-part"]
        self.whole = b"".join(bytes.fromhex(e["raw"]) for e in pieces)

    def live(self, event: dict[str, Any], session: frame.Session) -> bytes:
        raw = bytes.fromhex(event["raw"])
        if event["kind"] == "frame-part":
            return self._part(len(raw), session)
        return self._resealed(raw, session)

    def _resealed(self, raw: bytes, session: frame.Session) -> bytes:
        """The same frame under the live key; as it is when it never was a sealed one."""
        if self.recorded is None or len(raw) < 2 or frame.payload_size(raw[:2]) != len(raw) - 2:
            return raw
        plain = self.recorded.open(raw[2:])
        return raw if plain is None else session.frame(plain)

    def _part(self, size: int, session: frame.Session) -> bytes:
        if not self.left:
            self.left = self._resealed(self.whole, session)
        part, self.left = self.left[:size], self.left[size:]
        return part
