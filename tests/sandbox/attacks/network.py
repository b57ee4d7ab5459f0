"""Sends to servers outside: PORT of TCP, PORT of UDP, the name of an abstract local socket."""

import contextlib
import socket
import sys

tcp, udp, name = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
for host, family in (("127.0.0.1", socket.AF_INET), ("::1", socket.AF_INET6)):
    with contextlib.suppress(OSError), socket.socket(family) as stream:
        stream.settimeout(1)
        stream.connect((host, tcp))
        stream.sendall(b"told")
    with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as datagrams:
        datagrams.sendto(b"told", (host, udp))
with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as local:
    local.sendto(b"told", b"\0" + name.encode())
for family in (socket.AF_VSOCK, socket.AF_NETLINK, socket.AF_PACKET):
    with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_RAW):
        print("opened", family)
