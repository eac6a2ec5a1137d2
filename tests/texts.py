"""Texts that are opened as if they were files."""

from io import BytesIO

from bncalc.files import MAX_BYTES, Content, refuse


class Texts:
    """Files that exist in this test alone, by their path."""

    def __init__(self, texts: dict[str, str]) -> None:
        self.texts = texts

    def exists(self, path: str) -> bool:
        return path in self.texts

    def called(self, path: str) -> str:
        return path

    def read(self, path: str, most: int = MAX_BYTES) -> bytes:
        if path not in self.texts:
            refuse(path, "there is no such file")
        return self.texts[path].encode("utf-8", "surrogatepass")[: most + 1]

    def open(self, path: str) -> Content:
        data = self.read(path)
        return Content(BytesIO(data), len(data))
