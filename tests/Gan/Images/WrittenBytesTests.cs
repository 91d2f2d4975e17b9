using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>PNG, GIF and WebP files have the same bytes on every machine.</summary>
internal sealed class WrittenBytesTests
{
    // of this version of ImageSharp; the same on x86-64 and on arm64
    private const string Expected = "e6b9c1de04b0d92b75d5f2fb717bdc26b15f2dea5f216d11e5f0f98e4ef5c6db";

    [Test]
    public void TheyAreTheSameHere() => Assert.That(WrittenBytes.Hash(), Is.EqualTo(Expected));

    [TestCase("DOTNET_EnableAVX512")]
    [TestCase("DOTNET_EnableAVX2")]
    [TestCase("DOTNET_EnableAVX")]
    [TestCase("DOTNET_EnableHWIntrinsic")]
    public void TheyAreTheSameWithoutThoseInstructions(string setting)
    {
        string[] lines = ChildProcess.Run(ChildProcess.PicturesWork, (setting, "0"));
        TestContext.Out.WriteLine(lines[0]);
        Assert.That(lines[1], Is.EqualTo(Expected));
    }
}
