using GanFromScratch.Gan.Errors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>What every error is, whatever it quotes.</summary>
[Quick]
public sealed class ErrorsTests
{
    [Test]
    public void NothingInItCommandsATerminal()
    {
        Assert.That(Message("a plain sentence, with é and →."), Is.EqualTo("a plain sentence, with é and →."));
        Assert.That(Message("'\u001b[2J\0\u0085' is no name."), Is.EqualTo("'\uFFFD[2J\uFFFD\uFFFD' is no name."));
        Assert.That(Message("a list:\n  of one."), Is.EqualTo("a list:\n  of one."));
    }

    [Test]
    public void WhatItQuotesAtLengthIsCutInTheMiddle()
    {
        string message = Message($"/a/file: '{new string('n', 1_000_000)}' is no name. Take another file.");
        Assert.That(message, Has.Length.LessThan(2000));
        Assert.That(message, Does.StartWith("/a/file: 'nnn").And.Contain("nn ... nn").And.EndsWith("nn' is no name. Take another file."));
    }

    private static string Message(string message) => new GanException(ExitCode.Data, message).Message;
}
