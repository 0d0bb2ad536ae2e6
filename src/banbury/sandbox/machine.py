"""What this machine lets boxes do, read from its settings, and what to change."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path

SYS = Path("/proc/sys")
NEWEST = (6, 6)
"""Linux from which a file system in memory can carry what an overlay notes on its files."""
PROFILE = "/etc/apparmor.d/banbury"
OTHERS = "/etc/apparmor.d/bwrap-userns-restrict"
"""Ubuntu's own profile for bubblewrap, which is enough for it."""


def bubblewrap() -> tuple[str, str]:
    """Return (version, what to do) of bubblewrap; the latter "" where it serves."""
    path = shutil.which("bwrap")
    if not path:
        return "not installed", "install bubblewrap (Debian, Ubuntu: apt install bubblewrap)"
    told = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout
    numbers = [int(n) for n in re.findall(r"\d+", told)]
    if numbers < [0, 8]:
        return told.strip(), "install bubblewrap 0.8 or newer"
    return f"{told.strip()} at {path}", ""


def kernel() -> tuple[str, str]:
    """Return (release, what to do) of Linux."""
    release = platform.release()
    if sys.platform != "linux":
        return sys.platform, "boxes need Linux; in a virtual machine with it they work"
    numbers = tuple(int(n) for n in re.findall(r"\d+", release)[:2])
    newer = f"boxes need Linux {NEWEST[0]}.{NEWEST[1]} or newer"
    return release, newer if numbers < NEWEST else ""


def user_namespaces() -> tuple[str, str]:
    """Return (state, what to do) of user namespaces of ordinary users."""
    if setting("user/max_user_namespaces") == "0":
        return "forbidden", "sysctl user.max_user_namespaces=10000, and keep it in /etc/sysctl.d"
    if setting("kernel/unprivileged_userns_clone") == "0":
        return "forbidden", "sysctl kernel.unprivileged_userns_clone=1, kept in /etc/sysctl.d"
    if setting("kernel/apparmor_restrict_unprivileged_userns") == "1":
        if Path(PROFILE).exists():
            return f"allowed by {PROFILE}, if it is loaded", ""
        return "held back by AppArmor", f"install {PROFILE} (banbury doctor --profile prints it)"
    return "allowed", ""


def setting(name: str) -> str:
    """Return a setting of the kernel, "" if it has no such setting."""
    try:
        return (SYS / name).read_text().strip()
    except OSError:
        return ""


def profile() -> str:
    """Return the AppArmor profile that lets this Python and bubblewrap make user namespaces."""
    python = os.path.realpath(sys.executable)
    programs = {"banbury-python": python}
    if (bwrap := shutil.which("bwrap")) and not Path(
        "/etc/apparmor.d/bwrap-userns-restrict"
    ).exists():
        programs["banbury-bwrap"] = os.path.realpath(bwrap)
    parts = [
        f"profile {name} {path} flags=(unconfined) {{\n  userns,\n}}\n"
        for name, path in programs.items()
    ]
    head = f"# {PROFILE}; load it with: apparmor_parser -r {PROFILE}\n"
    return head + "abi <abi/4.0>,\ninclude <tunables/global>\n\n" + "\n".join(parts)


def advice() -> str:
    """Return what to do first so that boxes can be made, or ""."""
    return next((do for _, do in (kernel(), bubblewrap(), user_namespaces()) if do), "")
