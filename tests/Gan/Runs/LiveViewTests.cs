using GanFromScratch.Gan.Images;
using GanFromScratch.Gan.Runs;
using GanFromScratch.Gan.Terminal;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>`--live`: curves and pictures on a terminal.</summary>
public sealed class LiveViewTests
{
    [TestCase(new[] { 0f, 1, 2, 3, 4, 5, 6, 7 }, 60, "loss 7.000 ▁▂▃▄▅▆▇█ 0.00 to 7.00")]
    [TestCase(new[] { 0f, 0, 7, 7 }, 26, "loss 7.000 ▁█ 0.00 to 7.00")]
    [TestCase(new[] { 2f, 2, 2 }, 60, "loss 2.000 ▅▅▅ 2.00 to 2.00")]
    [TestCase(new[] { 1f, float.NaN, 3 }, 60, "loss 3.000 ▁ █ 1.00 to 3.00")]
    [TestCase(new[] { float.NaN }, 60, "loss")]
    [TestCase(new float[0], 60, "loss")]
    [TestCase(new[] { 1f, 2 }, 3, "loss 2.000 ▅ 1.00 to 2.00")]
    public void CurvesAreLinesOfBlocks(float[] values, int width, string line) =>
        Assert.That(Sparkline.Of("loss", values, width), Is.EqualTo(line));

    [TestCase(80, 40, 57, 28, TestName = "two in a row, and a line between")]
    [TestCase(80, 60, 57, 57, TestName = "two by two")]
    [TestCase(29, 28, 28, 28, TestName = "one alone")]
    [TestCase(1000, 1000, 289, 28, TestName = "all ten in a row")]
    [TestCase(20, 20, 14, 14, TestName = "every second pixel of one")]
    public void PicturesFitTheWindow(int width, int height, int across, int down)
    {
        var shape = new PictureShape(28, 28, 1);
        float[] pictures = [.. Enumerable.Range(0, 10 * shape.Length).Select(i => i < shape.Length ? 1f : -1f)];
        var fit = LiveViewSink.Fit(pictures, shape, (-1f, 1f), width, height);
        Assert.That((fit!.Width, fit.Height), Is.EqualTo((across, down)));
        Assert.That(fit.Pixels[0], Is.EqualTo(255), "the first one is white");
        if (across > 28)
            Assert.That(fit.Pixels[29 * 3], Is.Zero, "the second one black");
    }

    [TestCase(0, 100)]
    [TestCase(100, -5)]
    public void NothingIsShownWhereNothingFits(int width, int height) => Assert.That(
        LiveViewSink.Fit(new float[784], new PictureShape(28, 28, 1), (0f, 1f), width, height), Is.Null);

    [Test]
    [Category(SampledAttribute.Exhaustive)]
    public void ATerminalShowsCurvesAndPicturesAFileDoesNot()
    {
        string script = ToolRequirement.Tool("script");
        using var gan = new GanProgram();
        const string Run = "train --recipe odog --dataset digits --limit 320 --batch 32 --samples 16 --steps 60 --live --output";
        var shown = gan.RunOf([script, "-qec", $"stty cols 100 rows 40; dotnet {GanProgram.Dll} {Run} run", "/dev/null"]);
        Assert.That(shown.ExitCode, Is.Zero, shown.Output);
        Assert.That(shown.Output, Does.Contain("▀").And.Contain("D loss").And.Contain("right on fake"));
        var plain = gan.Done($"{Run} other");
        Assert.That(plain.Output, Does.Not.Contain("▀"));
        Assert.That(plain.Error, Does.Contain("Warning: --live needs a terminal. `gan serve other`"));
    }
}
