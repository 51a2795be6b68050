"""Every server on its own database, started when a row first needs it, kept until the end."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from operator import itemgetter
from pathlib import Path
from typing import Final, Self

from benchmarks import contestants, cores, seed
from benchmarks.contestants import Contestant, Placing, Way
from benchmarks.databases import Engine, folder_of
from benchmarks.load import FAULTS
from benchmarks.quiet import await_quiet
from benchmarks.site import CLIENTS, USERS, Site, client
from tests.system.parity.database import Place

_START: Final = 3.0  # seconds that workers may take to start, at most


class Arena:
    """Use as a context manager; its end stops the servers."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.engine = engine
        self._folder = folder
        self._stack = ExitStack()
        self._places: dict[tuple[str, int], Place] = {}
        self._sites: dict[tuple[str, int, Way], Site] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def site(self, contestant: Contestant, way: Way, users: int = USERS) -> Site:
        """The server on a database of so many users, with PostgreSQL brought to its cores."""
        key = (contestant.name, users, way)
        if key not in self._sites:
            self._sites[key] = self._start(contestant, way, users)
        self.engine.move(way.cores.rest)
        return self._sites[key]

    def fill(self, wanted: Iterable[tuple[Contestant, int]]) -> None:
        """Makes the databases side by side; what one can't make fails where it is used."""

        def make(contestant: Contestant, users: int) -> None:
            with suppress(*FAULTS):
                self.place(contestant, users)

        with ThreadPoolExecutor(len(cores.of_machine())) as pool:
            for contestant, users in sorted(wanted, key=itemgetter(1), reverse=True):
                pool.submit(make, contestant, users)

    def place(self, contestant: Contestant, users: int = USERS) -> Place:
        """The database, as the server itself makes it, then filled."""
        key = (contestant.name, users)
        if key not in self._places:
            folder = self.new_folder(contestant, users)
            place = self.engine.new_place(folder)
            with contestants.running(contestant, place, Way(Placing.ALL_CORES), folder) as server:
                site = Site(server.port, server.pid, place, users, token_header=True)
                for number in range(CLIENTS):
                    site.sign_up(client(number))
            seed.add_users(place, range(users))
            self._places[key] = place
        return self._places[key]

    def keep(self, name: str, users: int, make: Callable[[Place, int], None]) -> Place:
        """The database that `make` filled with so many users; made once, for all rounds."""
        if (name, users) not in self._places:
            number = str(len(self._sites) + len(self._places))
            place = self.engine.new_place(folder_of(self._folder, name, str(users), number))
            make(place, users)
            self._places[name, users] = place
        return self._places[name, users]

    def _start(self, contestant: Contestant, way: Way, users: int) -> Site:
        place = self.place(contestant, users)
        folder = self.new_folder(contestant, users)
        server = self._stack.enter_context(contestants.running(contestant, place, way, folder))
        if way.workers > 1:
            await_quiet(_START)  # the first answers while the others start
        return Site(server.port, server.pid, place, users, way.token_header)

    def new_folder(self, contestant: Contestant, users: int) -> Path:
        """Of its own for each start: a log lies in it."""
        number = str(len(self._sites) + len(self._places))
        return folder_of(self._folder, contestant.name, str(users), number)
