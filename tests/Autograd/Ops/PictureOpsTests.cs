using GanFromScratch.Autograd;
using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>Upsampling, padding, cropping and pooling of small pictures, and what they refuse.</summary>
[TestFixture]
[Quick]
internal sealed class PictureOpsTests
{
    private CpuDevice _device = null!;
    private Tape _tape = null!;

    [SetUp]
    public void SetUp()
    {
        _device = new CpuDevice(1);
        _tape = new Tape(_device);
    }

    [TearDown]
    public void TearDown()
    {
        _tape.Dispose();
        _device.Dispose();
    }

    [Test]
    public void UpsampleAndSumPool()
    {
        var x = Counting(1, 1, 2, 2);
        Expect(x.Upsample(), new(1, 2, 4, 2), 1, 2, 1, 2, 3, 4, 3, 4, 1, 2, 1, 2, 3, 4, 3, 4);
        Expect(x.Upsample().SumPool(), new(1, 1, 2, 2), 4, 8, 12, 16);
    }

    [Test]
    public void ZeroPadAndCrop()
    {
        var x = Counting(1, 1, 2, 1);
        Expect(x.ZeroPad(0, 1, 0, 1), new(1, 2, 3, 1), 1, 2, 0, 0, 0, 0);
        Expect(x.ZeroPad(1, 0, 2, 0), new(1, 2, 4, 1), 0, 0, 0, 0, 0, 0, 1, 2);
        Expect(Counting(1, 2, 3, 1).Crop(1, 0, 0, 2), new(1, 1, 1, 1), 4);
        Expect(x.ZeroPad(3, 1, 2, 4).Crop(3, 1, 2, 4), x.Shape, 1, 2);
    }

    [Test]
    public void ColumnsAreSlicedAndPutSideBySide()
    {
        Var a = Counting(2, 3), b = Counting(2, 1);
        Expect(a.SliceColumns(1, 2), new(2, 2), 2, 3, 5, 6);
        Expect(a.ConcatColumns(b), new(2, 4), 1, 2, 3, 1, 4, 5, 6, 2);
        Expect(Counting(1, 1, 2, 1).ConcatColumns(Counting(1, 1, 2, 2)), new(1, 1, 2, 3), 1, 1, 2, 2, 3, 4);
        Expect(Counting(2, 1, 2).SliceColumns(1, 1), new(2, 1, 1), 2, 4);
        Expect(Counting(3).SliceColumns(2, 1), new(1), 3);
    }

    [Test]
    public void GlobalAveragePool() => Expect(Counting(2, 2, 1, 2).GlobalAveragePool(), new(2, 2), 2, 3, 6, 7);

    [Test]
    public void WhatDoesNotFitIsRefused()
    {
        Var x = Counting(1, 2, 3, 1), flat = Counting(2, 3);
        Numbers.AssertRefused(() => flat.Upsample(), "Upsample", "[2,3] are no pictures");
        Numbers.AssertRefused(() => x.SumPool(), "SumPool", "[1,2,3,1]", "even height and width");
        Numbers.AssertRefused(() => flat.ZeroPad(0, 1, 0, 1), "ZeroPad", "0 rows above and 1 below, 0 columns on the left", "[2,3]");
        Numbers.AssertRefused(() => x.ZeroPad(0, 0, 0, -1), "ZeroPad", "-1 on the right", "aren't negative");
        Numbers.AssertRefused(() => x.Crop(1, 1, 0, 0), "Crop", "1 rows above and 1 below", "[1,2,3,1]", "something is left");
        Numbers.AssertRefused(() => x.Crop(0, 0, -1, 0), "Crop", "-1 columns on the left");
        Numbers.AssertRefused(() => flat.SliceColumns(2, 2), "SliceColumns", "[2,3] has no 2 columns from column 2 on");
        Numbers.AssertRefused(() => flat.SliceColumns(0, 0), "SliceColumns", "no 0 columns");
        Numbers.AssertRefused(() => flat.ConcatColumns(Counting(3, 3)), "ConcatColumns", "[2,3]", "[3,3]", "must be equal");
        Numbers.AssertRefused(() => flat.ConcatColumns(Counting(2, 1, 3)), "ConcatColumns", "[2,1,3]", "must be equal");
        Numbers.AssertRefused(() => flat.GlobalAveragePool(), "GlobalAveragePool", "[2,3] are no pictures");
        Numbers.AssertRefused(() => Counting(2, 0, 3, 1).GlobalAveragePool(), "GlobalAveragePool", "with pixels");
    }

    /// <summary>1, 2, 3, ...</summary>
    private Var Counting(params ReadOnlySpan<int> extents)
    {
        var shape = new Shape(extents);
        return _tape.Own(Tensor.From(_device, shape, [.. Enumerable.Range(1, shape.Count).Select(i => (float)i)]));
    }

    private static void Expect(Var y, Shape shape, params float[] numbers)
    {
        Assert.That(y.Shape, Is.EqualTo(shape));
        Assert.That(y.Value.ToArray(), Is.EqualTo(numbers));
    }
}
