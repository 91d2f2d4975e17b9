using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Runs;
using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>What `--device` and `--threads` come to, on machines with and without devices.</summary>
public sealed class DeviceChoiceTests
{
    private static readonly DeviceCatalog WithGpu = DeviceCatalogTests.Of(DeviceCatalogTests.Gpu(0));
    private static readonly DeviceCatalog Without = DeviceCatalogTests.Of();

    [Test]
    public void AutoIsAGraphicsProcessorWhereThereIsOne()
    {
        var gpu = DeviceChoice.Of(null, null, WithGpu);
        Assert.That(
            (gpu.Name, gpu.Threads, gpu.HostThreads, $"{gpu}"),
            Is.EqualTo(("cuda:0", (int?)null, Environment.ProcessorCount, "cuda:0, Fake GPU")));
        var cpu = DeviceChoice.Of("auto", null, Without);
        Assert.That((cpu.Name, cpu.Threads), Is.EqualTo(("cpu", Environment.ProcessorCount)));
    }

    [TestCase("auto")]
    [TestCase("cpu")]
    [TestCase(null)]
    public void ThreadsAreTheProcessors(string? name)
    {
        var choice = DeviceChoice.Of(name, 3, WithGpu);
        Assert.That((choice.Name, choice.Threads, choice.HostThreads, $"{choice}"), Is.EqualTo(("cpu", 3, 3, "cpu, 3 threads")));
        using var device = choice.Open();
        Assert.That(device, Is.TypeOf<CpuDevice>().With.Property("Threads").EqualTo(3));
    }

    [TestCase("cuda", "cuda:0")]
    [TestCase("cuda:0", "cuda:0")]
    [TestCase("emulated", "emulated")]
    [ExhaustiveCase("CPU", "cpu")]
    [ExhaustiveCase("Cuda:0", "cuda:0")]
    public void ADeviceIsFoundByItsName(string name, string found) =>
        Assert.That(DeviceChoice.Of(name, null, WithGpu).Name, Is.EqualTo(found));

    [Test]
    public void TheEmulatedDeviceIsOpened()
    {
        using var device = DeviceChoice.Of("emulated", null, WithGpu).Open();
        Assert.That(device, Is.TypeOf<AcceleratorDevice>().With.Property("Name").EqualTo("emulated"));
    }

    [TestCase("cpu", null, "cpu, ")]
    [TestCase("auto", 2, "cpu, 2 threads")]
    [TestCase("emulated", null, "emulated: kernels as plain C#, slowly")]
    [TestCase("cuda", null, "cuda:0, Fake GPU")]
    public void FastIsRefusedWithoutTensorCores(string name, int? threads, string device)
    {
        var old = DeviceCatalogTests.Of(DeviceCatalogTests.Gpu(0) with { ComputeCapability = new Version(7, 5) });
        foreach (var catalog in (DeviceCatalog[])[WithGpu, old])
        {
            var fault = Assert.Throws<GanException>(() => DeviceChoice.Of(name, threads, catalog, fast: true))!;
            Assert.That(fault.Code, Is.EqualTo(ExitCode.Usage));
            Assert.That(
                fault.Message,
                Does.StartWith($"--fast needs a CUDA device with compute capability 8.0 or newer, and the device is {device}"));
        }
    }

    [TestCase(8, 0)]
    [TestCase(9, 0)]
    [TestCase(12, 0)]
    public void FastIsSaidOfADevice(int major, int minor)
    {
        var catalog = DeviceCatalogTests.Of(DeviceCatalogTests.Gpu(0) with { ComputeCapability = new Version(major, minor) });
        Assert.That($"{DeviceChoice.Of("auto", null, catalog, fast: true)}", Is.EqualTo("cuda:0, Fake GPU, TF32"));
        Assert.That($"{DeviceChoice.Of("auto", null, catalog)}", Is.EqualTo("cuda:0, Fake GPU"));
    }

    [Test]
    public void NothingIsPutInTheirPlace()
    {
        Refused(
            ExitCode.Device, "cuda", null, Without,
            "--device cuda: There is no cuda device: NVIDIA's driver is there, but it finds no device. `gan devices` lists what there is.");
        Refused(
            ExitCode.Device, "cuda:3", null, WithGpu,
            "--device cuda:3: There is no device cuda:3: of this kind there is one device, number 0. `gan devices` lists what there is.");
        Refused(
            ExitCode.Device, "opencl", null, WithGpu,
            "--device opencl: There is no opencl device: no loader here. `gan devices` lists what there is.");
        Refused(
            ExitCode.Usage, "cuda", 2, WithGpu,
            "--threads counts threads of the cpu, and --device is cuda. Leave one of them out, or use --device cpu.");
        Refused(
            ExitCode.Usage, "gpu", null, WithGpu,
            "--device: there is no device 'gpu'. Known are auto, cpu, opencl, cuda and emulated, and with a number opencl:N and cuda:N; "
                + "`gan devices` lists what there is.");
    }

    private static void Refused(ExitCode code, string name, int? threads, DeviceCatalog catalog, string sentence)
    {
        var fault = Assert.Throws<GanException>(() => DeviceChoice.Of(name, threads, catalog))!;
        Assert.That((fault.Code, fault.Message), Is.EqualTo((code, sentence)));
    }
}
