"""A name server on this machine that answers for the TXT records it is given, and with "no such name" else."""

import contextlib
import socket
import threading
from collections.abc import Iterator, Mapping

import dns.flags
import dns.message
import dns.rcode
import dns.rrset


@contextlib.contextmanager
def name_server(records: Mapping[str, bytes]) -> Iterator[int]:
    """Answer over UDP until the end; gives the port."""
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 0))
    thread = threading.Thread(target=_serve, args=(server, records))
    thread.start()
    try:
        yield server.getsockname()[1]
    finally:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", server.getsockname())
        thread.join()
        server.close()


def _serve(server: socket.socket, records: Mapping[str, bytes]) -> None:
    while True:
        asked, where = server.recvfrom(4_096)
        if not asked:
            return
        server.sendto(_answer(asked, records), where)


def _answer(asked: bytes, records: Mapping[str, bytes]) -> bytes:
    query = dns.message.from_wire(asked)
    answer = dns.message.make_response(query)
    answer.flags |= dns.flags.RA
    name = query.question[0].name
    value = records.get(name.to_text(omit_final_dot=True))
    if value is None:
        answer.set_rcode(dns.rcode.NXDOMAIN)
    else:
        pieces = " ".join(f'"{value[start : start + 200].decode()}"' for start in range(0, len(value), 200))
        answer.answer.append(dns.rrset.from_text(name, 60, "IN", "TXT", pieces))
    return answer.to_wire()
