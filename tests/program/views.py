"""The pages of a node as a list, for tests and pictures that go through all of them."""

from typing import Any

from browser import PHONE, Browser

WIDE = (1200, 800)


def public(name: str, block: int, empty: int, key: str) -> dict[str, str]:
    """Path by a word for it: of a name, the full block of it, a block that signs, and a key."""
    return {
        "node": "/",
        "bounds": "/node/bounds",
        "glossary": "/glossary",
        "blocks": "/explorer",
        "block": f"/explorer/block/{block}",
        "signature": f"/explorer/block/{empty}",
        "name": f"/explorer/name/{name}",
        "free": "/explorer/name/nobody.mob",
        "key": f"/explorer/key/{key}",
        "names": "/explorer/names",
        "peers": "/node/peers",
        "resolver": "/node/resolver",
        "asked": f"/node/resolver?name={name}&type=AAAA",
        "time": "/node/time",
        "not-found": "/search?q=no",
        "search": "/search",
        "too-long": f"/search?q={'x' * 900}",
        "far-too-long": f"/search?q={'x' * 2000}",
        "lost": "/no/such/page",
        "method": "/peers/add?address=a",
    }


async def as_seen(browser: Browser, look: Any) -> dict[str, Any]:
    """What look() finds of the page on a screen, in the dark and on a phone."""
    found = {}
    for kind, size, dark in (("light", WIDE, False), ("dark", WIDE, True), ("phone", PHONE, False)):
        await browser.screen(*size, phone=size == PHONE)
        await browser.dark(dark)
        found[kind] = await look()
    return found
