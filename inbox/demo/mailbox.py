"""The demo's mailbox: a real IMAP server (pymap) on loopback, in a thread of its own, its mail in memory."""

import asyncio
import threading
from argparse import Namespace
from contextlib import AsyncExitStack
from datetime import datetime
from ssl import Purpose, create_default_context
from typing import Any

from pymap.backend.dict import Config, Login
from pymap.imap import IMAPServer
from pymap.parsing.message import AppendMessage
from pymap.user import Passwords, UserMetadata

USER, PASSWORD = "claims", "demo"
_STARTS_WITHIN = 20.0  #: Seconds.


class Mailbox:
    """One account; mail is put in behind the server's back, as a delivery agent does."""

    def __init__(self) -> None:
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._stop: asyncio.Event | None = None
        self._failed: BaseException | None = None
        self._mail: Any = None  # pymap's own set of mailboxes
        self._thread = threading.Thread(target=self._run, name="demo mailbox", daemon=True)

    def start(self) -> int:
        """Listen on a free port of loopback and give it."""
        self._thread.start()
        if not self._ready.wait(_STARTS_WITHIN):
            raise TimeoutError("the demo's mailbox does not start")
        if self._failed is not None:
            raise self._failed
        return self.port

    def deliver(self, raw: bytes, *, at: datetime) -> None:
        """Put one mail into the inbox; `at` is when it arrived."""
        asyncio.run_coroutine_threadsafe(self._append(raw, at), self._loop).result(_STARTS_WITHIN)

    def stop(self) -> None:
        """Listen no longer, and forget all mail."""
        if self._stop is not None and self._loop.is_running():
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join(5)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._serve())
        except Exception as error:  # noqa: BLE001 - whoever started it is told
            self._failed = error
            self._ready.set()
        finally:
            self._loop.close()

    async def _serve(self) -> None:
        config = _configuration()
        config.apply_context()
        login = Login(config)
        hashed = await Passwords(config).hash_password(PASSWORD)
        await login.demo_user_identity.set(UserMetadata(config, USER, password=hashed))
        async with login.demo_user_identity.new_session() as session:
            self._mail = session.mailbox_set
        self._stop = asyncio.Event()
        async with AsyncExitStack() as stack:
            self.port = await self._listen(stack, IMAPServer(login, config))
            self._ready.set()
            await self._stop.wait()
        await _end_conversations()

    async def _listen(self, stack: AsyncExitStack, server: IMAPServer) -> int:
        from proxyprotocol.noop import ProxyProtocolNoop
        from proxyprotocol.reader import ProxyProtocolReader

        converse = ProxyProtocolReader(ProxyProtocolNoop()).get_callback(server)
        listening = await asyncio.start_server(converse, host="127.0.0.1", port=0)
        stack.callback(listening.close)
        return int(listening.sockets[0].getsockname()[1])

    async def _append(self, raw: bytes, at: datetime) -> None:
        inbox = await self._mail.get_mailbox("INBOX")
        await inbox.append(AppendMessage(raw, at, frozenset()), recent=True)


def _configuration() -> Config:
    return Config(
        Namespace(passlib_cfg=None, proxy_protocol=None),
        host="127.0.0.1",
        port=0,
        demo_data=False,
        demo_user=USER,
        demo_password=PASSWORD,
        tls_enabled=False,
        reject_dnsbl=False,
        ssl_context=create_default_context(Purpose.CLIENT_AUTH),
    )


async def _end_conversations() -> None:
    """A client that idles would keep the loop alive."""
    conversations = asyncio.all_tasks() - {asyncio.current_task()}
    for task in conversations:
        task.cancel()
    await asyncio.gather(*conversations, return_exceptions=True)
