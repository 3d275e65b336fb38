"""Two people talk over XMPP, for record.sh: DOMAIN SERVER PASSWORD. Prints what was said and sent as JSON."""

import asyncio
import hashlib
import json
import struct
import sys
import zlib

import slixmpp

DOMAIN, SERVER, PASSWORD = sys.argv[1:4]
ADDRESS = {"alice": "10.77.21.101", "bob": "10.77.21.102"}
PLUGINS = ("xep_0030", "xep_0054", "xep_0085", "xep_0153", "xep_0199", "xep_0231", "xep_0047")


def png(colour):
    """A picture of one pixel."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    pixel = zlib.compress(b"\0" + bytes(colour))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixel) + chunk(b"IEND", b"")


class Person(slixmpp.ClientXMPP):
    def __init__(self, name):
        super().__init__(f"{name}@{DOMAIN}/desk", PASSWORD)
        self.name = name
        self.local_address = (ADDRESS[name], 0)
        self.heard = asyncio.Queue()
        self.ready = asyncio.Event()
        for plugin in PLUGINS:
            self.register_plugin(plugin)
        self["xep_0047"].auto_accept = True
        self.add_event_handler("session_start", self.on_start)
        self.add_event_handler("message", self.on_message)

    async def on_start(self, _):
        await self.get_roster()
        self.send_presence(pstatus=f"{self.name} is here")
        self.ready.set()

    def on_message(self, message):
        if message["type"] == "chat" and message["body"]:
            self.heard.put_nowait(message["body"])


async def main():
    said, files = [], []
    people = {name: Person(name) for name in ADDRESS}
    for person in people.values():
        person.connect((SERVER, 5222), disable_starttls=True, force_starttls=False)
        await asyncio.wait_for(person.ready.wait(), 20)
    alice, bob = people["alice"], people["bob"]

    async def say(speaker, hearer, text):
        speaker.send_message(mto=hearer.boundjid.full, mbody=text, mtype="chat")
        assert await asyncio.wait_for(hearer.heard.get(), 10) == text
        said.append({"from": speaker.boundjid.bare, "to": hearer.boundjid.bare, "body": text})

    await say(alice, bob, "hello Bob, the sign is new")
    await say(bob, alice, "grüß dich, Alice \U0001f44b")

    # Bits of binary (XEP-0231): Alice has them, Bob asks for them.
    picture = png((200, 30, 30))
    cid = await alice["xep_0231"].set_bob(picture, "image/png")
    answer = await bob["xep_0231"].get_bob(alice.boundjid.full, cid, cached=False)
    assert answer["bob"]["data"] == picture
    sha1 = hashlib.sha1(picture).hexdigest()
    files.append({"name": cid, "from": alice.boundjid.bare, "to": bob.boundjid.bare, "size": len(picture), "sha1": sha1})

    # A picture in the vCard (XEP-0153): its checksum is in the presence from then on.
    avatar = png((20, 160, 60))
    card = bob["xep_0054"].make_vcard()
    card["FN"] = "Bob Builder"
    await bob["xep_0054"].publish_vcard(card)
    await bob["xep_0153"].set_avatar(avatar=avatar, mtype="image/png")
    bob.send_presence_subscription(pto=alice.boundjid.bare)
    await asyncio.sleep(1)

    # A request that the other client does not answer for (XEP-0012).
    request = alice.make_iq_get(queryxmlns="jabber:iq:last", ito=bob.boundjid.full)
    try:
        await request.send(timeout=10)
        refused = None
    except slixmpp.exceptions.IqError as error:
        refused = error.condition

    # A file through the stream itself (XEP-0047).
    report = b"".join(b"line %04d of the report\n" % line for line in range(200))
    stream = await alice["xep_0047"].open_stream(bob.boundjid.full, block_size=1024, sid="report-1")
    await stream.sendall(report)
    await stream.close()
    files.append({"name": "report-1", "from": alice.boundjid.bare, "to": bob.boundjid.bare, "size": len(report),
                  "sha1": hashlib.sha1(report).hexdigest()})
    await say(bob, alice, "got it")

    for person in people.values():
        await person.disconnect()
    print(json.dumps({"server": "Prosody 0.12.3", "clients": f"slixmpp {slixmpp.__version__}", "messages": said,
                      "files": files, "avatar": hashlib.sha1(avatar).hexdigest(), "refused": refused}, indent=2))


asyncio.get_event_loop().run_until_complete(main())
