using System.Globalization;
using GanFromScratch.Gan.Data;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Evaluation;
using GanFromScratch.Gan.Images;
using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>Features of pictures that have no labels.</summary>
[Quick]
public sealed class PixelPcaTests
{
    // |features|, because the sign of a component is no one's choice
    private const string Script = """
        import sys, numpy as np
        x, y = (np.fromfile(f, np.uint8).reshape(-1, 784).astype(float) for f in sys.argv[1:3])
        k = len(x) // 4
        m = x.mean(0)
        u, s, v = np.linalg.svd(x - m, full_matrices=False)
        scale = np.sqrt((s[:k] ** 2 / (len(x) - 1)).mean())
        np.abs((y - m) @ v[:k].T / scale).astype(np.float32).tofile(sys.argv[3])
        print((s[:k] ** 2).sum() / (s ** 2).sum())
        """;

    private static readonly Lazy<ImageBytes> SomeDigits = new(() => Digits.Draw(300).Bytes);
    private CpuDevice _device = null!;

    [OneTimeSetUp]
    public void SetUp() => _device = new CpuDevice(2);

    [OneTimeTearDown]
    public void TearDown() => _device.Dispose();

    [Test]
    public void TheyAreWhatNumPysDecompositionGives()
    {
        string python = ToolRequirement.Python("numpy");
        var (fitted, others) = (SomeDigits.Value.Slice(0, 200), SomeDigits.Value.Slice(200, 100));
        using var folder = new TestFolder();
        string a = folder.File("a", fitted.Pixels.ToArray()), b = folder.File("b", others.Pixels.ToArray());
        string to = Path.Combine(folder.Path, "c");
        var result = Processes.Run(python, "-c", Script, a, b, to);
        Assert.That(result.ExitCode, Is.Zero, result.Error);
        var expected = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(to)).ToArray();

        using var pca = PixelPca.Fit(_device, fitted, 2, "own");
        var features = pca.Extract(others);
        Assert.That((pca.Width, pca.SampleCount, features.Count), Is.EqualTo((50, 200, 100)));
        Assert.That(features.Rows.Select(Math.Abs), Is.EqualTo(expected).Within(1e-3));
        Assert.That(
            pca.ShareOfVariance, Is.EqualTo(double.Parse(result.Output, CultureInfo.InvariantCulture)).Within(1e-9));
    }

    /// <summary>The same bytes for any number of threads, of which a picture alone has the same as among others.</summary>
    [Test]
    public void TheyAreTheSameOnAnyNumberOfThreads()
    {
        using var one = new CpuDevice(1);
        using PixelPca first = PixelPca.Fit(_device, SomeDigits.Value, 2, "own"), second = PixelPca.Fit(one, SomeDigits.Value, 2, "own");
        float[] rows = first.Extract(SomeDigits.Value).Rows;
        Assert.That(second.Extract(SomeDigits.Value).Rows, Is.EqualTo(rows));
        Assert.That(first.Width, Is.EqualTo(PixelPca.MaxComponents));
        Assert.That(first.Extract(SomeDigits.Value.Slice(7, 1)).Rows, Is.EqualTo(rows[(7 * 64)..(8 * 64)]).Within(1e-4));
        double variance = rows.Sum(x => (double)x * x) / rows.Length;
        Assert.That(variance, Is.EqualTo(1).Within(0.01), "the scale that every data set has");
    }

    /// <summary>Pictures that differ in two ways have two components, and those that don't differ can't be compared.</summary>
    [Test]
    public void NoMoreThanThereIs()
    {
        var shape = new PictureShape(2, 2, 1);
        byte[] pixels = [.. Enumerable.Range(0, 40).SelectMany(i => (byte[])[(byte)(5 * i), 7, (byte)(i * i % 41), 7])];
        using var pca = PixelPca.Fit(_device, new ImageBytes(shape, pixels), 2, "own");
        Assert.That(pca.Width, Is.EqualTo(2));
        Assert.That(pca.ShareOfVariance, Is.EqualTo(1).Within(1e-12));
        var fault = Assert.Throws<GanException>(() => PixelPca.Fit(_device, new ImageBytes(shape, new byte[160]), 2, "own"))!;
        Assert.That(fault.Code, Is.EqualTo(ExitCode.Data));
        Assert.That(fault.Message, Does.StartWith("own: all of the 40 pictures that were looked at are the same."));
    }

    [Test]
    public void LargePicturesAreReducedByTheMeanOfTheirPixels()
    {
        var shape = new PictureShape(64, 64, 3);
        byte[] pixels = new byte[2 * shape.Length];
        for (int i = 0; i < pixels.Length; i++)
            pixels[i] = (byte)(i / shape.Length * 100 + i / 3 % 2 * 40 + i / (3 * 64) % 2 * 20 + i % 3); // 0, 40, 20, 60 in each square
        var small = SmallPictures.Of(new ImageBytes(shape, pixels));
        Assert.That(small.Shape, Is.EqualTo(new PictureShape(32, 32, 3)));
        Assert.That(
            small.Pixels.ToArray(), Is.EqualTo(Enumerable.Range(0, 2 * 3072).Select(i => (byte)((i / 3072 * 100) + 30 + (i % 3)))));
        Assert.That(SmallPictures.Of(SomeDigits.Value), Is.SameAs(SomeDigits.Value));
    }

    [Test]
    public void VarietyIsTheDistanceOfTwoPictures()
    {
        var test = new PictureFeatures(4, [0, 0, 2, 0, 0, 2, 2, 2], [], []);
        var half = test with { Rows = [.. test.Rows.Select(x => (x / 2) + 7)] };
        Assert.That(FrechetDistance.Variety(Beside(half)).Value, Is.EqualTo(0.5).Within(1e-12));
        Assert.That(FrechetDistance.Variety(Beside(test with { Rows = new float[8] })).Value, Is.Zero);

        Comparison Beside(PictureFeatures pictures) => new(pictures, test, 0, new GramBlocks(_device, 2), threads: 1, seed: 0);
    }
}
