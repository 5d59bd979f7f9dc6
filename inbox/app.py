"""The application: settings, store, clock and channels put together once; everything that runs is handed one."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from pydantic import BaseModel

from channels.base import Channel, kind
from inbox import config
from inbox.clock import Clock, now
from inbox.config import Settings
from inbox.reading import Item, Limits, Readers
from tickets import intake, learning
from tickets.blobs import Blobs
from tickets.database import Store
from tickets.errors import ConfigurationError
from tickets.intake import Source
from tickets.messages import Medium
from tickets.models import Arrival, ChannelState
from tickets.office import Office
from tickets.rows import settings as world_settings


@dataclass
class App:
    """One running installation."""

    settings: Settings
    clock: Clock = now
    _channels: dict[str, Channel] = field(default_factory=dict)
    _tables: dict[str, BaseModel] = field(default_factory=dict)

    @classmethod
    def from_file(cls, path: Path, *, clock: Clock = now) -> "App":
        """Read the configuration; connects to nothing yet."""
        return cls(settings=config.load(path), clock=clock)

    @cached_property
    def store(self) -> Store:
        """The database."""
        return Store(self.settings.store.url)

    @cached_property
    def blobs(self) -> Blobs:
        """The blob store."""
        if "://" in self.settings.store.blobs:
            raise ConfigurationError(f"store.blobs: {self.settings.store.blobs!r} is not supported yet; name a folder")
        return Blobs(Path(self.settings.store.blobs))

    @cached_property
    def office(self) -> Office:
        """The office as the rules see it; an imported world may have brought its own rules."""
        with self.store.reading() as session:
            office = world_settings.applied(session, config.office(self.settings))
            known = self.store.is_current()  # older tables know no models; `init` brings them up to date
            return replace(office, learned=learning.active(session, self.blobs) if known else None)

    @cached_property
    def mail_readers(self) -> Readers:
        """Children for mail and texts, which are small and many."""
        limits = Limits(seconds=self.settings.reading.mail_seconds, megabytes=self.settings.reading.mail_megabytes)
        return Readers(limits, count=1)

    @cached_property
    def scan_readers(self) -> Readers:
        """A child for scans, which are few and slow."""
        limits = Limits(seconds=self.settings.reading.scan_seconds, megabytes=self.settings.reading.scan_megabytes)
        return Readers(limits, count=1)

    @cached_property
    def file_readers(self) -> Readers:
        """A child for what is attached to messages, read after they are filed."""
        limits = Limits(seconds=self.settings.reading.scan_seconds, megabytes=self.settings.reading.scan_megabytes)
        return Readers(limits, count=1)

    @cached_property
    def screen_readers(self) -> Readers:
        """A child for whoever waits at a screen: it takes files out and draws pages, never behind a stack of scans."""
        limits = Limits(seconds=self.settings.reading.mail_seconds, megabytes=self.settings.reading.scan_megabytes)
        return Readers(limits, count=1)

    def readers(self, medium: Medium) -> Readers:
        """The children that read this medium."""
        return self.scan_readers if medium is Medium.LETTER else self.mail_readers

    def channel(self, name: str) -> Channel:
        """The named channel; made when first needed, connected when first used."""
        if name not in self._channels:
            self._channels[name] = self.connect(name)
        return self._channels[name]

    def connect(self, name: str) -> Channel:
        """Make a channel of one's own, for a thread that waits while another one fetches."""
        settings = self.settings.channel(name)
        chosen = kind(self.settings.kind_of(name))
        options: dict[str, Callable[..., object]] = {}
        if self.settings.kind_of(name) == "sms":
            options["known"] = lambda ids: self._known(name, ids)
        if self.settings.kind_of(name) == "email":
            options["save_token"] = lambda token: self._save_token(name, token)
            settings = self._with_saved_token(name, settings)
        return chosen.connect(name, settings, **options)

    def source(self, name: str) -> Source:
        """The channel as the ledger remembers it."""
        return Source(channel=name, medium=self.channel(name).medium, reader=self.settings.kind_of(name))

    def item(self, channel: str, reader: str, raw: bytes, *, part: str | None = None, content: bool = False) -> Item:
        """Raw bytes for a reading child, with the settings of the channel they came by if it still exists."""
        return Item(reader=reader, raw=raw, settings=self._table(channel, reader), part=part, content=content)

    def waiting_item(self, arrival: Arrival, raw: bytes) -> Item:
        """What waits to be filed, for a child that reads it and works out its gist."""
        item = self.item(arrival.channel, arrival.reader, raw)
        return replace(item, received=self.office.day(arrival.received_at), formats=self.office.formats)

    def _table(self, channel: str, reader: str) -> BaseModel | None:
        """A channel's settings, checked once: a mailbox brings thousands of messages."""
        if channel not in self.settings.channels or self.settings.kind_of(channel) != reader:
            return None
        if channel not in self._tables:
            self._tables[channel] = self.settings.channel(channel)
        return self._tables[channel]

    def close(self) -> None:
        """End children and connections."""
        for channel in self._channels.values():
            channel.close()
        for name in ("mail_readers", "scan_readers", "file_readers", "screen_readers"):
            if name in self.__dict__:
                self.__dict__.pop(name).close()
        if "store" in self.__dict__:
            self.store.close()

    def _known(self, name: str, external_ids: list[str]) -> set[str]:
        with self.store.reading() as session:
            return intake.is_held(session, name, external_ids)

    def _save_token(self, name: str, token: str) -> None:
        """A provider that rotates refresh tokens has just made the old one useless."""
        with self.store.writing() as session:
            state = session.get(ChannelState, name) or ChannelState(name=name)
            state.secrets = {"refresh_token": token}
            session.add(state)

    def _with_saved_token(self, name: str, settings: BaseModel) -> BaseModel:
        with self.store.reading() as session:
            state = session.get(ChannelState, name)
        saved = state.secrets.get("refresh_token") if state else None
        if not saved:
            return settings
        return config.with_refresh_token(settings, saved)
