"""The desktop: a notification of the system on which the program runs, by the command that each system has for that."""

from typing import Final

from tallystick.alerts.outlets.outlet import Alert, Outlet, To, World

_APP: Final = "Tallystick"
_APPLE: Final = (
    *("osascript", "-e", "on run argv", "-e", "display notification (item 2 of argv) with title (item 1 of argv)"),
    *("-e", "end run"),
)
# Both texts come by variables: in the script itself they would have to be quoted, and could end it.
_WINDOWS: Final = """
$ErrorActionPreference = 'Stop'
[void][Windows.UI.Notifications.ToastNotificationManager, Windows.UI.Notifications, ContentType = WindowsRuntime]
$toast = [Windows.UI.Notifications.ToastNotificationManager]::GetTemplateContent('ToastText02')
$texts = $toast.GetElementsByTagName('text')
[void]$texts.Item(0).AppendChild($toast.CreateTextNode($env:TALLY_ALERT_TITLE))
[void]$texts.Item(1).AppendChild($toast.CreateTextNode($env:TALLY_ALERT_TEXT))
$id = '{1AC14E77-02E7-4E5D-B744-2EB1AE5198B7}\\WindowsPowerShell\\v1.0\\powershell.exe'
[Windows.UI.Notifications.ToastNotificationManager]::CreateToastNotifier($id).Show($toast)
"""


def send(alert: Alert, to: To, world: World) -> str:
    """Show the notification."""
    environ = dict(world.environ)
    title, text = alert.title.replace("\0", ""), alert.text.replace("\0", "")
    arguments: tuple[str, ...]
    if world.platform == "darwin":
        arguments = (*_APPLE, title, text)
    elif world.platform == "win32":
        environ |= {"TALLY_ALERT_TITLE": title, "TALLY_ALERT_TEXT": text}
        arguments = ("powershell", "-NoProfile", "-NonInteractive", "-Command", _WINDOWS)
    else:
        urgency = "critical" if alert.is_urgent else "normal"
        # Bodies are read as markup (https://specifications.freedesktop.org/notification-spec/latest/markup.html).
        shown = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        arguments = ("notify-send", f"--app-name={_APP}", f"--urgency={urgency}", "--", title, shown)
    ended = world.run(arguments, b"", environ, to.timeout)
    return ended.trouble or (f"{arguments[0]} ended with {ended.code}" if ended.code else "")


DESKTOP: Final = Outlet("desktop", {}, send)
