"""Echo, version 1."""

from judge import check


def drive(judge):
    echo = judge.service("echo", 1, "Echo", "Echo", {"echo"})

    judge.begin("echo")
    text = "zeep <&> \u00f1"
    answer = echo.echo(data=text)
    check(answer == text, "sent %r, received %r" % (text, answer))
    judge.ok()
