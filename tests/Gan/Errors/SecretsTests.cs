using GanFromScratch.Gan.Errors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>What only its owner should see stays out of sentences.</summary>
[Quick]
public sealed class SecretsTests
{
    private const string Password = "hunter2";

    [TestCase("by 'http://me:hunter2@proxy:3128/' failed", "by 'http://proxy:3128/' failed")]
    [TestCase("https://me@host/x and ftp://a:hunter2@b", "https://host/x and ftp://b")]
    [TestCase("http://me:hunter2@odd@host/", "http://host/")]
    [TestCase("mail me@host, see http://host/a@b", "mail me@host, see http://host/a@b")]
    [TestCase("", "")]
    public void TheUsersPartOfAnAddressIsLeftOut(string text, string expected)
    {
        Assert.That(Secrets.Remove(text), Is.EqualTo(expected));
        Assert.That(new GanException(ExitCode.Data, text).Message, Is.EqualTo(expected));
    }

    // .NET's own sentences name the proxy as the environment has it
    [TestCase("407 Proxy Authentication Required", "")]
    [TestCase("407 Proxy Authentication Required", " --verbose")]
    [TestCase("502 Bad Gateway", " -v")]
    public void AProxysPasswordIsNotSaid(string status, string more)
    {
        ToolRequirement.Require(File.Exists("/usr/bin/env"), "/usr/bin/env");
        using var gan = new GanProgram();
        using var proxy = new LoopbackServer(
            (_, stream, _) => LoopbackServer.Write(stream, $"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n"));
        string address = $"http://me:{Password}@127.0.0.1:{proxy.Address.Port}/";
        var result = gan.RunOf(
        [
            "env", $"https_proxy={address}", $"HTTPS_PROXY={address}", $"http_proxy={address}",
            "dotnet", GanProgram.Dll, .. $"--dataset mnist --output run{more}".Split(' '),
        ]);
        Assert.That(proxy.Requests, Is.Positive, "the proxy was asked");
        Assert.That(result.ExitCode, Is.EqualTo((int)ExitCode.Data), result.Error);
        Assert.That(result.Error, Does.Contain("can't be downloaded"));
        Assert.That(result.Output + result.Error, Does.Not.Contain(Password));
    }
}
