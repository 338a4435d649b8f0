"""nginx as a reverse proxy before an app, as people run it: under a path, with other names."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

_CONFIG = """
daemon off;
pid {folder}/pid;
error_log {folder}/error.log;
events {{}}
http {{
    access_log off;
    client_max_body_size 0;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    map $http_upgrade $connection_upgrade {{ default upgrade; '' ''; }}
    server {{
        listen 127.0.0.1:{port};
        location = /moved {{ return 301 /apps/mine/; }}
        location /moved/ {{ rewrite ^/moved/(.*)$ /apps/mine/$1 permanent; }}
        location /apps/mine/ {{
            proxy_pass {target}/;
            proxy_http_version {http};
            proxy_buffering {buffering};
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $connection_upgrade;
            {headers}
        }}
    }}
}}
"""

# What proxies tell the app about the address that people use; each leads to other wrong URLs in
# what the app says of itself and of its files.
HEADERS = {
    "nothing": "",
    "the outer host": "proxy_set_header Host $http_host;",
    "another scheme and host": (
        "proxy_set_header Host example.org; proxy_set_header X-Forwarded-Proto https; "
        "proxy_set_header X-Forwarded-Host example.org;"
    ),
}


def find_nginx() -> str:
    """Return the path of nginx; skip the test where there is none."""
    for folder in (None, "/usr/sbin:/usr/local/sbin"):
        found = shutil.which("nginx", path=folder)
        if found:
            return found
    if os.environ.get("CI"):
        raise RuntimeError("nginx is not installed, and .ci/run should have installed it")
    pytest.skip("needs nginx, from Debian's package nginx-light")


@contextlib.contextmanager
def reverse_proxy(target: str, headers: str, buffering: str = "off") -> Iterator[str]:
    """Run nginx before *target*; give the address at which it shows the app.

    Args:
        target: The app's own address.
        headers: A key of `HEADERS`.
        buffering: ``on`` for what nginx does unless it is told otherwise: it asks the app in
            HTTP/1.0, and keeps back what comes. In HTTP/1.1 it keeps back nothing of a stream.
    """
    nginx = find_nginx()
    with tempfile.TemporaryDirectory(prefix="nginx-") as folder:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
        config = Path(folder, "nginx.conf")
        config.write_text(
            _CONFIG.format(
                folder=folder,
                port=port,
                target=target,
                headers=HEADERS[headers],
                buffering=buffering,
                http="1.0" if buffering == "on" else "1.1",
            ),
            encoding="utf-8",
        )
        process = subprocess.Popen(
            [nginx, "-e", f"{folder}/error.log", "-p", folder, "-c", str(config)]
        )
        try:
            wait_until(lambda: _accepts(process, port, Path(folder, "error.log")))
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait()


def _accepts(process: subprocess.Popen[bytes], port: int, log: Path) -> bool:
    """Tell whether it accepts connections."""
    assert process.poll() is None, log.read_text(encoding="utf-8")
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False
