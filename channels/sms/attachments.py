"""What the media of a text are: their type by their first bytes, and a name for people."""

_EXTENSIONS = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/gif": "gif",
    "image/webp": "webp",
    "image/heic": "heic",
    "image/tiff": "tif",
    "image/bmp": "bmp",
    "video/mp4": "mp4",
    "video/3gpp": "3gp",
    "video/quicktime": "mov",
    "audio/amr": "amr",
    "audio/ogg": "ogg",
    "audio/mpeg": "mp3",
    "audio/mp4": "m4a",
    "application/pdf": "pdf",
    "application/zip": "zip",
    "text/vcard": "vcf",
    "text/x-vcard": "vcf",
    "text/plain": "txt",
}
_WORDS = {"image": "photo", "video": "video", "audio": "recording", "text": "text"}
_STARTS = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"BM", "image/bmp"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"#!AMR", "audio/amr"),
    (b"OggS", "audio/ogg"),
    (b"ID3", "audio/mpeg"),
    (b"BEGIN:VCARD", "text/vcard"),
)
#: Brands of ISO base media files (ISO/IEC 14496-12), at byte 8; others are video/mp4.
_BRANDS = {
    b"heic": "image/heic",
    b"heix": "image/heic",
    b"mif1": "image/heic",
    b"qt  ": "video/quicktime",
    b"M4A ": "audio/mp4",
    b"3gp4": "video/3gpp",
    b"3gp5": "video/3gpp",
    b"3gp6": "video/3gpp",
}
#: One thing under several names, or a container that says less than the declared type.
_SAME = (
    {"image/jpeg", "image/jpg", "image/pjpeg"},
    {"image/heic", "image/heif"},
    {"text/vcard", "text/x-vcard", "text/directory"},
    {
        "video/mp4",
        "audio/mp4",
        "video/3gpp",
        "audio/3gpp",
        "video/3gpp2",
        "video/quicktime",
        "video/x-m4v",
        "audio/aac",
    },
    {"audio/ogg", "video/ogg", "application/ogg", "audio/opus"},
    {"audio/amr", "audio/amr-nb", "audio/amr-wb"},
    {"audio/mpeg", "audio/mp3"},
    {"image/bmp", "image/x-ms-bmp"},
)
UNKNOWN = "application/octet-stream"


def essence(declared: str) -> str:
    """Give a media type without its parameters (RFC 9110, section 8.3.1)."""
    return declared.partition(";")[0].strip().lower() or UNKNOWN


def media_type(content: bytes, declared: str) -> str:
    """Say what `content` is; the declared type stands where the first bytes do not speak against it."""
    said, seen = essence(declared), _seen(content)
    if seen is None:
        return UNKNOWN if _would_be_seen(said) else said
    if said == seen or any(said in names and seen in names for names in _SAME):
        return said
    return said if seen == "application/zip" and said.startswith("application/vnd.") else seen


def _seen(content: bytes) -> str | None:
    if content[4:8] == b"ftyp":
        return _BRANDS.get(content[8:12], "video/mp4")
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for start, kind in _STARTS if content.startswith(start)), None)


def _would_be_seen(said: str) -> bool:
    """Whether a type has first bytes that we know, so that their absence speaks."""
    known = {kind for _start, kind in _STARTS} | set(_BRANDS.values()) | {"image/webp", "image/jpg", "video/mp4"}
    return said in known - {"audio/mpeg", "text/vcard", "image/bmp"}


def name(kind: str, number: int) -> str:
    """Name the `number`th media of a text by its type: `photo-1.jpg`."""
    word = (
        "contact"
        if "vcard" in kind
        else "document"
        if kind == "application/pdf"
        else _WORDS.get(kind.partition("/")[0], "file")
    )
    return f"{word}-{number}.{_EXTENSIONS.get(kind, 'bin')}"
