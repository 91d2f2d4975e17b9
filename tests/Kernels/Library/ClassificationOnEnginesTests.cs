using GanFromScratch.Kernels;
using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>One-hot rows, log-softmax against double, and margins, on every engine, and to the bit on the processor's.</summary>
[TestFixtureSource(typeof(Engine), nameof(Engine.All))]
internal sealed class ClassificationOnEnginesTests(Engine engine)
{
    private Device _device = null!;

    [OneTimeSetUp]
    public void Open() => _device = engine.Device;

    [Test]
    public void LabelsAreOneHotRows()
    {
        float[] labels = [2, 0, 3, 1.99f, 0.5f, 2];
        foreach (int classes in (int[])[4, 37])
        {
            float[] want = [.. labels.SelectMany(label => Enumerable.Range(0, classes).Select(k => k == (int)label ? 1f : 0f))];
            Numbers.AssertSame(OneHot(labels, classes), want, $"{classes} classes");
        }
    }

    [Test]
    public void ALabelOutOfRangeIsNaN()
    {
        float[] labels = [1, -1, 3, float.NaN, float.PositiveInfinity, -1e30f, 1e30f, 2.5f];
        float[] rows = OneHot(labels, 3);
        Numbers.AssertSame(rows[..3], [0, 1, 0], "label 1");
        Assert.That(rows[3..^3], Is.All.NaN);
        Numbers.AssertSame(rows[^3..], [0, 0, 1], "label 2.5");
    }

    [Test]
    public void LogSoftmaxIsNearDoubleAndTheProcessors()
    {
        foreach (var (rows, classes) in Sizes)
        {
            float[] xs = Numbers.Some(rows * classes, seed: 1, size: 9);
            float[] ys = LogSoftmax(_device, xs, rows, classes);
            var want = new double[xs.Length];
            for (int i = 0; i < xs.Length; i++)
            {
                var row = xs.Skip(i / classes * classes).Take(classes).ToArray();
                want[i] = xs[i] - row.Max() - Math.Log(row.Sum(x => Math.Exp((double)x - row.Max())));
            }
            Numbers.AssertClose(ys, want, 1e-6, $"[{rows},{classes}]");
            Numbers.AssertSame(ys, LogSoftmax(Engine.Cpu.Device, xs, rows, classes), $"[{rows},{classes}] on the cpu");
        }
    }

    [Test]
    public void LogSoftmaxNeitherOverflowsNorForgetsNaN()
    {
        float[] far = LogSoftmax(_device, [3e38f, 0, 1000, -1000, -3e38f, -3e38f, float.NaN, 1, 1, float.NaN], 5, 2);
        float half = MathF.Log(0.5f);
        Numbers.AssertClose(far[..6], [0, -3e38, 0, -2000, half, half], 1e-6, "far from zero");
        Assert.That(far[6..], Is.All.NaN);
    }

    [Test]
    public void AMarginIsPositiveWhereTheGreatestLogitIsTheClasses()
    {
        using var x = Tensor.From(_device, new Shape(5, 3), [1, 2, 4, 1, 2, 4, 5, 5, 0, -3, -1, -2, 7, 8, 9]);
        using var oneHot = Tensor.From(_device, x.Shape, OneHot([2, 1, 0, 1, -1], 3));
        using var y = Numbers.Unwritten(_device, 5, 1);
        Classification.Margin(x, oneHot, y);
        Numbers.AssertSame(y.ToArray(), [2, -2, 0, 1, float.NegativeInfinity], "margins");
    }

    [Test]
    public void WhatDoesNotFitIsRefused()
    {
        using Tensor labels = New(4), x = New(3, 5), none = New(3, 0), column = New(4, 1);
        Numbers.AssertRefused(() => Classification.OneHot(labels, x), "OneHot", "[4]", "[3,5]", "4 rows");
        Numbers.AssertRefused(() => Classification.LogSoftmax(x, none), "LogSoftmax", "[3,5]", "[3,0]", "equal");
        Numbers.AssertRefused(() => Classification.LogSoftmax(none, none), "LogSoftmax", "[3,0]", "a column for each class");
        Numbers.AssertRefused(() => Classification.Margin(x, none, column), "Margin", "equal");
        Numbers.AssertRefused(() => Classification.Margin(x, x, column), "Margin", "[3,5]", "[4,1]", "3 elements");

        Tensor New(params ReadOnlySpan<int> extents) => new(_device, new Shape(extents));
    }

    private (int Rows, int Classes)[] Sizes => engine.Speed == Engine.Pace.Slow
        ? [(0, 3), (2, 1), (3, 10)]
        : [(0, 3), (1, 1), (7, 2), (33, 10), (3, 1021), (2000, 11)];

    private float[] OneHot(float[] labels, int classes)
    {
        using var x = Tensor.From(_device, new Shape(labels.Length), labels);
        using var y = Tensor.Filled(_device, new Shape(labels.Length, classes), 5f);
        Classification.OneHot(x, y);
        return y.ToArray();
    }

    private static float[] LogSoftmax(Device device, float[] xs, int rows, int classes)
    {
        using var x = Tensor.From(device, new Shape(rows, classes), xs);
        using var y = Numbers.Unwritten(device, rows, classes);
        Classification.LogSoftmax(x, y);
        return y.ToArray();
    }
}
