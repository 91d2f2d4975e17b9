using GanFromScratch.Kernels;
using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>The example of docs/kernels.md, on every engine.</summary>
[Quick]
internal sealed class RowMaxTests
{
    [Test]
    public void IsTheGreatestOfEachRow([ValueSource(typeof(Engine), nameof(Engine.All))] Engine engine)
    {
        var device = engine.Device;
        foreach (var (rows, columns) in ((int, int)[])[(1, 1), (3, 17), (2, 64), (5, 300)])
        {
            using var x = Numbers.Some(device, new Shape(rows, columns), seed: 1);
            using var y = Numbers.Unwritten(device, rows);
            RowMax.Run(x, y);
            Assert.That(y.ToArray(), Is.EqualTo(x.ToArray().Chunk(columns).Select(row => row.Max())));
        }
    }

    [Test]
    public void RefusesAnotherShape()
    {
        using var device = new CpuDevice(1);
        using var x = Numbers.Some(device, new Shape(2, 3), seed: 1);
        Numbers.AssertRefused(() => RowMax.Run(x, x), "RowMax", "2 of them");
    }
}
