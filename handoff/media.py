"""Which pictures and voice notes are kept: told by what they say they are and by how their content begins.

Both must agree, since the sender decides the first and nothing but the second tells what a viewer would make
of it. The types are those that phones send and Twilio passes on
(https://www.twilio.com/docs/messaging/guides/accepted-mime-types); signatures:
https://mimesniff.spec.whatwg.org/#matching-a-mime-type-pattern, for AMR RFC 4867 (5), for HEIC
ISO/IEC 23008-12.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

MOST_BYTES = 5 * 1024 * 1024
"""Twilio carries at most 5 MB of media in a message
(https://www.twilio.com/docs/messaging/api/media-resource)."""
HEAD = 64
"""So many bytes tell what it is."""
UNSAID = frozenset({"", "unknown", "application/octet-stream", "binary/octet-stream"})
"""What an announced type may be that says nothing."""


@dataclass(frozen=True)
class Kind:
    noun: str
    """Picture or Voice note, as the nurse reads it."""
    types: frozenset[str]
    begins: re.Pattern[bytes]


def _kind(noun: str, types: str, begins: bytes) -> Kind:
    return Kind(noun, frozenset(types.split()), re.compile(begins, re.DOTALL))


PICTURE, VOICE = "Picture", "Voice note"
KINDS: Mapping[str, Kind] = {
    "JPEG": _kind(PICTURE, "image/jpeg image/jpg image/pjpeg", rb"\xff\xd8\xff"),
    "PNG": _kind(PICTURE, "image/png", rb"\x89PNG\r\n\x1a\n"),
    "GIF": _kind(PICTURE, "image/gif", rb"GIF8[79]a"),
    "WebP": _kind(PICTURE, "image/webp", rb"RIFF.{4}WEBP"),
    "HEIC": _kind(PICTURE, "image/heic image/heif", rb".{4}ftyp(?:hei[cxms]|hev[cxms]|mif1|msf1)"),
    "AMR": _kind(VOICE, "audio/amr audio/amr-wb audio/amr-nb", rb"#!AMR(?:-WB)?\n"),
    "MP3": _kind(VOICE, "audio/mpeg audio/mp3", rb"ID3|\xff[\xe2\xe3\xf2\xf3\xfa\xfb]"),
    "M4A": _kind(VOICE, "audio/mp4 audio/x-m4a audio/m4a audio/aac", rb".{4}ftyp(?:M4A |mp4\d|isom|iso2)"),
    "AAC": _kind(VOICE, "audio/aac audio/x-aac audio/vnd.dlna.adts", rb"\xff[\xf0\xf1\xf8\xf9]"),
    "3GP": _kind(VOICE, "audio/3gpp audio/3gpp2", rb".{4}ftyp3g[a-z2-9]"),
    "Ogg": _kind(VOICE, "audio/ogg audio/opus", rb"OggS\x00"),
    "WAV": _kind(VOICE, "audio/wav audio/x-wav audio/wave audio/vnd.wave", rb"RIFF.{4}WAVE"),
}


def plain(content_type: str) -> str:
    """Without parameters: `image/jpeg; name=x` is `image/jpeg`."""
    return content_type.split(";")[0].strip().lower()


def may_be_kept(content_type: str) -> bool:
    """Whether something announced so is worth fetching."""
    said = plain(content_type)
    return said in UNSAID or any(said in one.types for one in KINDS.values())


def kind_of(content_type: str, content: bytes) -> str | None:
    """The name of the kind that both the announced type and the content speak for, if there is one."""
    said = plain(content_type)
    return next(
        (
            name
            for name, one in KINDS.items()
            if one.begins.match(content[:HEAD]) and (said in one.types or said in UNSAID)
        ),
        None,
    )


def noun(content_type: str) -> str:
    """What a nurse calls something announced so, before anybody has looked."""
    main = plain(content_type).split("/")[0]
    return {"image": PICTURE, "audio": VOICE, "video": "Video"}.get(main, "File")
