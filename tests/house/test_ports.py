"""Servers that tests start at the same time never get the same port."""

import pytest

from tests.support.programs import free_port


def draw_ports(monkeypatch: pytest.MonkeyPatch, worker: str) -> list[int]:
    monkeypatch.setenv("PYTEST_XDIST_WORKER", worker)
    return [free_port() for _ in range(200)]


def test_no_two_workers_take_one_port(monkeypatch: pytest.MonkeyPatch) -> None:
    workers = [draw_ports(monkeypatch, f"gw{number}") for number in range(4)]
    ports = [port for drawn in workers for port in drawn]
    assert len(set(ports)) == len(ports)
