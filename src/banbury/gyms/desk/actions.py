"""The tools of the desk. Docstrings and field descriptions are what a model or a person reads."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from banbury.gyms.contract import Action

MailId = Annotated[str, Meta(description="Id of a mail, such as m417.")]
MeetingId = Annotated[str, Meta(description="Id of a meeting, such as c305.")]
ContactId = Annotated[str, Meta(description="Id of a contact, such as p120.")]
Path = Annotated[str, Meta(description="Full path of a file, such as /orders/AB123.txt.")]
Addresses = Annotated[tuple[str, ...], Meta(description="E-mail addresses, at least one.")]
Text = Annotated[str, Meta(description="Text of the mail.")]
Moment = Annotated[str, Meta(description="Date and time as YYYY-MM-DD HH:MM.")]
Day = Annotated[str, Meta(description="A date as YYYY-MM-DD.")]
Minutes = Annotated[int, Meta(description="Length in minutes.")]


class ListMail(Action, frozen=True, tag="list_mail"):
    """List the mails of one folder, the newest first: id, time, sender, subject."""

    folder: Annotated[
        str, Meta(description="Name of a folder: inbox, sent, archive, trash, or one of your own.")
    ] = "inbox"


class SearchMail(Action, frozen=True, tag="search_mail"):
    """List the mails, in all folders, in which all the given words occur, the newest first."""

    words: Annotated[
        str,
        Meta(description="Words to look for in sender, recipients, subject, text and attachments."),
    ]


class ReadMail(Action, frozen=True, tag="read_mail"):
    """Read one mail in full."""

    mail: MailId


class Reply(Action, frozen=True, tag="reply"):
    """Answer a mail; the answer goes to its sender."""

    mail: MailId
    text: Text


class Forward(Action, frozen=True, tag="forward"):
    """Send a mail that you have on to others, with its text and attachments."""

    mail: MailId
    to: Addresses
    text: Annotated[str, Meta(description="What to write above the forwarded mail.")] = ""


class SendMail(Action, frozen=True, tag="send_mail"):
    """Write a new mail."""

    to: Addresses
    subject: Annotated[str, Meta(description="Subject of the mail.")]
    text: Text
    attach: Annotated[tuple[str, ...], Meta(description="Full paths of files to attach.")] = ()


class MoveMail(Action, frozen=True, tag="move_mail"):
    """Put a mail into another folder."""

    mail: MailId
    folder: Annotated[str, Meta(description="Name of a folder that exists.")]


class ArchiveMail(Action, frozen=True, tag="archive_mail"):
    """Put a mail into the archive."""

    mail: MailId


class DeleteMail(Action, frozen=True, tag="delete_mail"):
    """Delete a mail: it goes into the trash."""

    mail: MailId


class ListMeetings(Action, frozen=True, tag="list_meetings"):
    """List your meetings from one day on: id, time, length, title, people, who invited."""

    day: Day
    days: Annotated[int, Meta(description="How many days to list, at most 31.")] = 1


class FindFreeTimes(Action, frozen=True, tag="find_free_times"):
    """List the times of one working day at which you and other people have no meeting."""

    people: Annotated[tuple[str, ...], Meta(description="E-mail addresses of the other people.")]
    day: Day
    minutes: Minutes = 30


class CreateMeeting(Action, frozen=True, tag="create_meeting"):
    """Put a new meeting into the calendar and invite people; you take part in it yourself."""

    title: Annotated[str, Meta(description="What the meeting is about.")]
    start: Moment
    minutes: Minutes
    people: Annotated[tuple[str, ...], Meta(description="E-mail addresses of the other people.")]


class MoveMeeting(Action, frozen=True, tag="move_meeting"):
    """Move a meeting that you organise to another time; length and people stay."""

    meeting: MeetingId
    start: Moment


class CancelMeeting(Action, frozen=True, tag="cancel_meeting"):
    """Cancel a meeting that you organise. Nobody is told; write to the people if they must know."""

    meeting: MeetingId


class ListFiles(Action, frozen=True, tag="list_files"):
    """List the files that you may read in a folder and below it, with owner and sharing."""

    folder: Annotated[str, Meta(description="A folder, such as /orders, or / for all files.")] = "/"


class ReadFile(Action, frozen=True, tag="read_file"):
    """Read one file."""

    path: Path


class WriteFile(Action, frozen=True, tag="write_file"):
    """Write a file; a file of yours that has this path already is replaced."""

    path: Path
    text: Annotated[str, Meta(description="The whole text of the file.")]


class MoveFile(Action, frozen=True, tag="move_file"):
    """Move or rename a file of yours; text and sharing stay."""

    path: Path
    to: Annotated[str, Meta(description="Its new full path; no file may be there.")]


class ShareFile(Action, frozen=True, tag="share_file"):
    """Let people read a file of yours, beside those who may already."""

    path: Path
    people: Addresses


class UnshareFile(Action, frozen=True, tag="unshare_file"):
    """Stop letting people read a file of yours."""

    path: Path
    people: Addresses


class FindContacts(Action, frozen=True, tag="find_contacts"):
    """Look up people in the address book: id, name, address, phone, firm, role."""

    words: Annotated[
        str, Meta(description="Words that all occur in the contact, such as a name, firm or role.")
    ]


class AddContact(Action, frozen=True, tag="add_contact"):
    """Put a new person into the address book."""

    name: Annotated[str, Meta(description="First and last name.")]
    email: Annotated[str, Meta(description="E-mail address.")]
    phone: Annotated[str, Meta(description="Telephone number.")] = ""
    firm: Annotated[str, Meta(description="Name of the firm.")] = ""
    role: Annotated[str, Meta(description="What the person does there.")] = ""


class UpdateContact(Action, frozen=True, tag="update_contact"):
    """Change a contact; what is left empty stays as it is."""

    contact: ContactId
    name: Annotated[str, Meta(description="New name.")] = ""
    email: Annotated[str, Meta(description="New e-mail address.")] = ""
    phone: Annotated[str, Meta(description="New telephone number.")] = ""
    firm: Annotated[str, Meta(description="New firm.")] = ""
    role: Annotated[str, Meta(description="New role.")] = ""


class Done(Action, frozen=True, tag="done"):
    """Say that the work is finished. Give the answer here if the task asks a question."""

    answer: Annotated[str, Meta(description="The answer alone, if one was asked for.")] = ""


DeskAction = (
    ListMail
    | SearchMail
    | ReadMail
    | Reply
    | Forward
    | SendMail
    | MoveMail
    | ArchiveMail
    | DeleteMail
    | ListMeetings
    | FindFreeTimes
    | CreateMeeting
    | MoveMeeting
    | CancelMeeting
    | ListFiles
    | ReadFile
    | WriteFile
    | MoveFile
    | ShareFile
    | UnshareFile
    | FindContacts
    | AddContact
    | UpdateContact
    | Done
)
"""Everything that can be done at the desk."""
