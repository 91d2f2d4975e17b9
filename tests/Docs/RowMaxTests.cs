using GanFromScratch.Kernels;
using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>The example of docs/kernels.md, on every engine.</summary>
public class RowMaxTests
{
    [Test]
    public void IsTheGreatestOfEachRow([Values("cpu", "emulated", "ptx", "opencl")] string engine)
    {
        using var device = Open(engine);
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

    private static Device Open(string engine)
    {
        if (engine == "cpu")
            return new CpuDevice(2);
        if (engine == "emulated")
            return new EmulatedDevice();
        var settings = DeviceSettings.OfThisProcess();
        if (engine == "ptx")
            return new CudaDevice(new InterpretedCuda(), 0, settings);
        var catalog = new DeviceCatalog();
        ToolRequirement.Require(catalog.OpenCl.WhyNone is null, "an OpenCL device");
        return catalog.Open(catalog.Find("opencl", null), settings);
    }
}
