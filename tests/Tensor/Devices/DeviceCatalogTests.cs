using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

public sealed class DeviceCatalogTests
{
    private static readonly CudaDescription Gpu = new("Fake GPU", 90, 1 << 20, 4), Old = new("Old GPU", 35, 1 << 20, 4);

    [Test]
    public void ADriverThatIsNotThereIsSaid()
    {
        ToolRequirement.Require(DriverLibrary.Find(CudaDriver.LibraryName) is null, "a machine without NVIDIA's driver");
        var catalog = new DeviceCatalog();
        Assert.That(catalog.Cuda.Devices, Is.Empty);
        Assert.That(catalog.Cuda.WhyNone, Is.EqualTo($"NVIDIA's driver, {CudaDriver.LibraryName}, isn't on this machine"));
        Assert.That(
            () => catalog.Find("cuda", null),
            Throws.TypeOf<DeviceException>().With.Message.EqualTo($"There is no cuda device: NVIDIA's driver, {CudaDriver.LibraryName}, isn't on this machine."));
    }

    [Test]
    public void TheFirstDeviceThatCanBeUsedIsTaken()
    {
        var catalog = Of(new FakeCudaDriver { Devices = [Old, Gpu, Gpu] });
        Assert.That(catalog.Cuda.Devices.Select(device => device.Name), Is.EqualTo(new[] { "cuda:0", "cuda:1", "cuda:2" }));
        Assert.That(catalog.Best!.Name, Is.EqualTo("cuda:1"));
        Assert.That(catalog.Find("cuda", null).Name, Is.EqualTo("cuda:1"));
        Assert.That(catalog.Find("cuda", 2).Name, Is.EqualTo("cuda:2"));
        using var device = catalog.Open(catalog.Find("cuda", 2), new DeviceSettings("", 0, TextWriter.Null));
        Assert.That(device, Is.TypeOf<CudaDevice>().With.Property("Name").EqualTo("cuda:2"));
    }

    [Test]
    public void WrongNumbersAndUselessDevicesAreRefused()
    {
        var catalog = Of(new FakeCudaDriver { Devices = [Old] });
        Assert.That(catalog.Best, Is.Null);
        Says(() => catalog.Find("cuda", 1), "There is no device cuda:1: of this kind there is one device, number 0.");
        Says(() => catalog.Find("cuda", 0), "The device cuda:0 (Old GPU) can't be used: its compute capability is 3.5, and 5.0 is needed.");
        Says(() => catalog.Find("cuda", null), "The device cuda:0 (Old GPU) can't be used: its compute capability is 3.5, and 5.0 is needed.");
        var two = Of(new FakeCudaDriver { Devices = [Gpu, Gpu] });
        Says(() => two.Find("cuda", 7), "There is no device cuda:7: of this kind there are 2 devices, 0 to 1.");
        Says(() => two.Find("opencl", null), "There is no opencl device: no loader here.");
    }

    [Test]
    public void ADriverThatFailsIsNoDevice()
    {
        Assert.That(Of(new FakeCudaDriver { Devices = [] }).Cuda.WhyNone, Is.EqualTo("NVIDIA's driver is there, but it has no device"));
        Assert.That(Of(() => throw new CudaException(100, "cuInit")).Cuda.WhyNone, Is.EqualTo("NVIDIA's driver is there, but it finds no device"));
        Assert.That(
            Of(() => throw new CudaException(803, "cuInit gave CUDA_ERROR_SYSTEM_DRIVER_MISMATCH")).Cuda.WhyNone,
            Is.EqualTo("its driver fails: cuInit gave CUDA_ERROR_SYSTEM_DRIVER_MISMATCH"));
    }

    [Test]
    public void DriversAreLoadedOnlyWhenAskedFor()
    {
        int loaded = 0;
        var catalog = Of(() =>
        {
            loaded++;
            return new FakeCudaDriver();
        });
        Assert.That(catalog.OpenCl.WhyNone, Is.EqualTo("no loader here"));
        Assert.That(loaded, Is.Zero);
        Assert.That(catalog.Cuda.Devices, Has.Count.EqualTo(catalog.Cuda.Devices.Count));
        Assert.That(loaded, Is.EqualTo(1));
    }

    [Test]
    public void EachOpenDeviceHasADriverOfItsOwn()
    {
        int loaded = 0;
        var catalog = Of(() =>
        {
            loaded++;
            return new FakeCudaDriver { Devices = [Gpu, Gpu] };
        });
        var settings = new DeviceSettings("", 0, TextWriter.Null);
        using var first = catalog.Open(catalog.Find("cuda", 0), settings);
        using var second = catalog.Open(catalog.Find("cuda", 1), settings);
        Assert.That(loaded, Is.EqualTo(3), "one to look, and one for each device");
        using var here = Tensor.Filled(first, new Shape(1), 1f);
        using var there = Tensor.Filled(second, new Shape(1), 2f);
        Assert.That((here.Item(), there.Item()), Is.EqualTo((1f, 2f)));
    }

    [Test]
    public void AProcessorBehindOpenClIsNeverPicked()
    {
        var catalog = new DeviceCatalog(() => throw new DeviceException("none"), OpenClLibrary.Open);
        ToolRequirement.Require(
            catalog.OpenCl.Devices.Count > 0 && catalog.OpenCl.Devices.All(device => device.IsCpu), "OpenCL on processors alone, such as PoCL");
        Assert.That(catalog.Best, Is.Null);
        Assert.That(catalog.Find("opencl", null).Name, Is.EqualTo("opencl:0"));
    }

    internal static DeviceCatalog Of(ICudaDriver driver) => Of(() => driver);

    private static DeviceCatalog Of(Func<ICudaDriver> driver) => new(driver, () => throw new DeviceException("no loader here"));

    private static void Says(Action action, string sentence) =>
        Assert.That(action, Throws.TypeOf<DeviceException>().With.Message.EqualTo(sentence));
}
