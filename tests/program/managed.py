"""A service manager, as a node sees it: the socket that NOTIFY_SOCKET names."""

import asyncio
import socket

import harness


class ManagedTest(harness.ProgramTest):
    async def asyncSetUp(self) -> None:
        await super().asyncSetUp()
        self.path = str(self.folder / "notify.sock")
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self.sock.bind(self.path)
        self.addCleanup(self.sock.close)

    async def told(self, word: str) -> str:
        """The next datagram with that word."""

        async def search() -> str:
            loop = asyncio.get_running_loop()
            while True:
                text = (await loop.sock_recv(self.sock, 4096)).decode()
                if word in text:
                    return text

        return await asyncio.wait_for(search(), 15 * harness.SLOW)
