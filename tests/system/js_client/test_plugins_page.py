"""What docs/plugins.md shows of the client is accepted by the client's own types."""

import subprocess
from pathlib import Path

from tests.support import node
from tests.support.pages import block

from .flow import HERE

BLOCKS = [
    block("docs/plugins.md", "Username", "ts"),
    block("docs/plugins.md", "Two-factor", "ts"),
    block("docs/plugins.md", "Admin", "ts"),
    block("docs/plugins.md", "Magic link", "ts"),
    block("docs/plugins.md", "Email OTP", "ts"),
    block("docs/plugins.md", "Anonymous", "ts"),
    block("docs/plugins.md", "Multi-session", "ts"),
    block("docs/plugins.md", "One-time token", "ts"),
    block("docs/plugins.md", "Last login method", "ts"),
    block("docs/plugins.md", "Organization", "ts"),
]


def test_blocks_are_what_the_client_offers(tmp_path: Path) -> None:
    node.install(HERE)
    (tmp_path / "node_modules").symlink_to(HERE / "node_modules")
    files = [tmp_path / f"block_{number}.ts" for number in range(len(BLOCKS))]
    for file, text in zip(files, BLOCKS, strict=True):
        file.write_text(text)
    compiler = HERE / "node_modules" / "typescript" / "bin" / "tsc"
    options = ["--noEmit", "--strict", "--skipLibCheck", "--module", "esnext"]
    options += ["--moduleResolution", "bundler", "--target", "es2022", "--lib", "es2022,dom"]
    command = [str(node.node()), str(compiler), *options, *map(str, files)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
