"""A desktop program that keeps what is booked in it until it synchronises, hours or days later."""

from collections.abc import Callable

from octopus_sandbox.books.books import Books

Work = Callable[[Books], object]


class DesktopSession:
    """Work done now reaches the books at `synchronise`, with the stamps of when it was done."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self._held: list[tuple[int, Work]] = []

    def do(self, work: Work) -> None:
        """Hold a change, such as `lambda books: books.book(…)`."""
        self._held.append((self._books.stamp(), work))

    @property
    def held(self) -> int:
        """How many changes wait."""
        return len(self._held)

    def synchronise(self) -> None:
        """Send everything, in the order it was done. What cannot be done any more is dropped, as Octopus would."""
        held, self._held = self._held, []
        for at, work in held:
            with self._books.stamped(at):
                try:
                    work(self._books)
                except (KeyError, ValueError):
                    continue
