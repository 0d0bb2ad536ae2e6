"""The mail tools."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from banbury.gyms.desk import actions as do
from banbury.gyms.desk.refusal import Refused, addresses, body, line, plural
from banbury.gyms.desk.world import File, Mail, World


def list_mail(world: World, action: do.ListMail) -> str:
    """Return the mails of a folder as lines."""
    folder = _folder(world, action.folder)
    return _listed(world, (m for m in world.mails.values() if m.folder == folder), f" in {folder}")


def search_mail(world: World, action: do.SearchMail) -> str:
    """Return the mails in which all words occur, as lines."""
    words = line(action.words, "search").casefold().split()
    found = [m for m in world.mails.values() if all(w in _searched(m) for w in words)]
    return _listed(world, found, " found")


def read_mail(world: World, action: do.ReadMail) -> str:
    """Return a mail in full; it is read from now on."""
    mail = _mail(world, action.mail)
    world.unread.discard(mail.id)
    lines = [
        f"From: {mail.sender}",
        f"To: {', '.join(mail.to)}",
        f"Time: {mail.time}",
        f"Folder: {mail.folder}",
        f"Subject: {mail.subject}",
    ]
    if mail.files:
        lines.append(f"Attached: {', '.join(mail.files)}")
    return "\n".join([*lines, "", mail.text])


def reply(world: World, action: do.Reply) -> str:
    """Send an answer to a mail's sender."""
    mail = _mail(world, action.mail)
    subject = mail.subject if mail.subject.startswith("Re: ") else f"Re: {mail.subject}"
    return _sent(world, (mail.sender,), subject, body(action.text, "mail"))


def forward(world: World, action: do.Forward) -> str:
    """Send a mail on."""
    mail = _mail(world, action.mail)
    to = addresses(action.to)
    head = f"Forwarded mail\nFrom: {mail.sender}\nTime: {mail.time}\nSubject: {mail.subject}"
    above = f"{body(action.text, 'mail')}\n\n" if action.text else ""
    return _sent(world, to, f"Fwd: {mail.subject}", f"{above}{head}\n\n{mail.text}", mail.files)


def send_mail(world: World, action: do.SendMail) -> str:
    """Send a new mail."""
    to = addresses(action.to)
    files = tuple(dict.fromkeys(readable(world, path).path for path in action.attach))
    return _sent(world, to, line(action.subject, "subject"), body(action.text, "mail"), files)


def move_mail(world: World, action: do.MoveMail) -> str:
    """Put a mail into a folder."""
    return _put(world, action.mail, _folder(world, action.folder))


def archive_mail(world: World, action: do.ArchiveMail) -> str:
    """Put a mail into the archive."""
    return _put(world, action.mail, "archive")


def delete_mail(world: World, action: do.DeleteMail) -> str:
    """Put a mail into the trash."""
    return _put(world, action.mail, "trash")


def readable(world: World, path: str) -> File:
    """Return a file that the person at the desk may read.

    Raises:
        Refused: there is none.
    """
    file = world.files.get(path)
    if file is None or (file.owner != world.me and world.me not in file.shared):
        raise Refused(f"there is no file {path[:200]!r} that you may read; see list_files")
    return file


def _mail(world: World, id: str) -> Mail:
    mail = world.mails.get(id)
    if mail is None:
        raise Refused(f"there is no mail {id[:80]!r}; see list_mail and search_mail")
    return mail


def _folder(world: World, name: str) -> str:
    folder = name.strip().lower()
    if folder not in world.folders:
        raise Refused(f"there is no folder {name[:80]!r}; there are {', '.join(world.folders)}")
    return folder


def _put(world: World, id: str, folder: str) -> str:
    mail = _mail(world, id)
    if mail.folder == folder:
        raise Refused(f"mail {id} is in {folder} already")
    world.mails[id] = replace(mail, folder=folder)
    return f"Mail {id} is in {folder} now."


def _sent(
    world: World, to: tuple[str, ...], subject: str, text: str, files: tuple[str, ...] = ()
) -> str:
    # Ids that a world starts with have three digits, so these never meet them.
    id = f"m{sum(len(i) < 4 for i in world.mails) + 1}"
    world.mails[id] = Mail(id, "sent", world.me, to, subject, text, world.now, files)
    return f"Sent as {id} to {', '.join(to)}."


def _searched(mail: Mail) -> str:
    parts = (mail.sender, *mail.to, mail.subject, mail.text, *mail.files)
    return "\n".join(parts).casefold()


def _listed(world: World, mails: Iterable[Mail], where: str) -> str:
    found = sorted(mails, key=lambda m: (m.time, m.id), reverse=True)
    head = f"{plural(len(found), 'mail')}{where}{':' if found else '.'}"
    return "\n".join([head, *(_row(world, mail) for mail in found)])


def _row(world: World, mail: Mail) -> str:
    who = f"to {', '.join(mail.to)}" if mail.sender == world.me else f"from {mail.sender}"
    marks = f" | {mail.folder}"
    if mail.id in world.unread:
        marks += ", unread"
    if mail.files:
        marks += f", {plural(len(mail.files), 'attachment')}"
    return f"{mail.id} | {mail.time} | {who} | {mail.subject}{marks}"
