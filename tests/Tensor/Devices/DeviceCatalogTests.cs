using GanFromScratch.Tensors;
using ILGPU.Runtime.Cuda;
using NUnit.Framework;

namespace GanFromScratch.Tests;

public sealed class DeviceCatalogTests
{
    [Test]
    public void ADriverThatIsNotThereIsSaid()
    {
        ToolRequirement.Require(DriverLibraries.Load(DriverLibraries.CudaFile) == 0, "a machine without NVIDIA's driver");
        var catalog = new DeviceCatalog();
        Assert.That(catalog.Cuda.Devices, Is.Empty);
        Assert.That(catalog.Cuda.WhyNone, Is.EqualTo($"NVIDIA's driver, {DriverLibraries.CudaFile}, isn't on this machine"));
        Assert.That(
            () => catalog.Find("cuda", null),
            Throws.TypeOf<DeviceException>()
                .With.Message.EqualTo($"There is no cuda device: NVIDIA's driver, {DriverLibraries.CudaFile}, isn't on this machine."));
    }

    [Test]
    public void TheFirstDeviceThatCanBeUsedIsTaken()
    {
        var catalog = Of(Old(0), Gpu(1), Gpu(2));
        Assert.That(catalog.Best!.Name, Is.EqualTo("cuda:1"));
        Assert.That(catalog.Find("cuda", null).Name, Is.EqualTo("cuda:1"));
        Assert.That(catalog.Find("cuda", 2).Name, Is.EqualTo("cuda:2"));
    }

    [Test]
    public void WrongNumbersAndUselessDevicesAreRefused()
    {
        var catalog = Of(Old(0));
        Assert.That(catalog.Best, Is.Null);
        Says(() => catalog.Find("cuda", 1), "There is no device cuda:1: of this kind there is one device, number 0.");
        Says(() => catalog.Find("cuda", 0), "The device cuda:0 (Old GPU) can't be used: its driver is too old.");
        Says(() => catalog.Find("cuda", null), "The device cuda:0 (Old GPU) can't be used: its driver is too old.");
        var two = Of(Gpu(0), Gpu(1));
        Says(() => two.Find("cuda", 7), "There is no device cuda:7: of this kind there are 2 devices, 0 to 1.");
        Says(() => two.Find("opencl", null), "There is no opencl device: no loader here.");
    }

    [Test]
    public void DriversAreLoadedOnlyWhenAskedFor()
    {
        int loaded = 0;
        var catalog = new DeviceCatalog(
            () =>
            {
                loaded++;
                return (new DeviceList([Gpu(0)], null), [null]);
            },
            () => (new DeviceList([], "no loader here"), []));
        Assert.That(catalog.OpenCl.WhyNone, Is.EqualTo("no loader here"));
        Assert.That(loaded, Is.Zero);
        Assert.That(catalog.Cuda.Devices, Has.Count.EqualTo(catalog.Cuda.Devices.Count));
        Assert.That(loaded, Is.EqualTo(1));
    }

    [Test]
    public void EachOpenDeviceHasAContextOfItsOwn()
    {
        var catalog = new DeviceCatalog();
        ToolRequirement.Require(catalog.OpenCl.Devices.Any(device => device.Refusal is null), "an OpenCL device");
        var settings = new DeviceSettings("", 0, TextWriter.Null);
        using var first = catalog.Open(catalog.Find("opencl", null), settings);
        using var here = Tensor.Filled(first, new Shape(1), 1f);
        using (var second = catalog.Open(catalog.Find("opencl", null), settings))
        {
            using var there = Tensor.Filled(second, new Shape(1), 2f);
            Assert.That((here.Item(), there.Item()), Is.EqualTo((1f, 2f)));
        }
        Assert.That(here.Item(), Is.EqualTo(1f));
    }

    [Test]
    public void AProcessorBehindOpenClIsNeverPicked()
    {
        var catalog = new DeviceCatalog();
        ToolRequirement.Require(
            catalog.OpenCl.Devices.Count > 0 && catalog.OpenCl.Devices.All(device => device.IsCpu),
            "OpenCL on processors alone, such as PoCL");
        Assert.That(catalog.Best?.Name, Is.Null.Or.StartsWith("cuda"));
        Assert.That(catalog.Find("opencl", null).Name, Is.EqualTo("opencl:0"));
    }

    /// <summary>A catalog with these CUDA devices, none of which can be opened, and no OpenCL.</summary>
    internal static DeviceCatalog Of(params DeviceDescription[] cuda) => new(
        () =>
        {
            string? whyNone = cuda.Length > 0 ? null : "NVIDIA's driver is there, but it finds no device";
            return (new DeviceList(cuda, whyNone), [.. cuda.Select(_ => (CudaDevice?)null)]);
        },
        () => (new DeviceList([], "no loader here"), []));

    internal static DeviceDescription Gpu(int number) =>
        new($"cuda:{number}", "Fake GPU", "a driver", 1 << 30, IsCpu: false, IsGpu: true, null);

    private static DeviceDescription Old(int number) => Gpu(number) with { Model = "Old GPU", Refusal = "its driver is too old" };

    private static void Says(Action action, string sentence) =>
        Assert.That(action, Throws.TypeOf<DeviceException>().With.Message.EqualTo(sentence));
}
