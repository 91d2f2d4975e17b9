using GanFromScratch.Gan;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>What `--device` and `--threads` come to, on machines with and without devices.</summary>
public sealed class DeviceChoiceTests
{
    private static readonly DeviceCatalog WithGpu = DeviceCatalogTests.Of(new FakeCudaDriver());
    private static readonly DeviceCatalog Without = DeviceCatalogTests.Of(new FakeCudaDriver { Devices = [] });

    [Test]
    public void AutoIsAGraphicsProcessorWhereThereIsOne()
    {
        var gpu = DeviceChoice.Of(null, null, WithGpu);
        Assert.That((gpu.Name, gpu.Threads, gpu.HostThreads, $"{gpu}"), Is.EqualTo(("cuda:0", (int?)null, Environment.ProcessorCount, "cuda:0, Fake GPU")));
        using var opened = gpu.Open();
        Assert.That(opened, Is.TypeOf<CudaDevice>());
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
    public void ADeviceIsOpenedByItsName(string name, string opened)
    {
        using var device = DeviceChoice.Of(name, null, WithGpu).Open();
        Assert.That(device.Name, Is.EqualTo(opened));
        Assert.That(device is EmulatedDevice, Is.EqualTo(name == "emulated"));
    }

    [Test]
    public void NothingIsPutInTheirPlace()
    {
        Refused(ExitCode.Device, "cuda", null, Without, "--device cuda: There is no cuda device: NVIDIA's driver is there, but it has no device. `gan devices` lists what there is.");
        Refused(ExitCode.Device, "cuda:3", null, WithGpu, "--device cuda:3: There is no device cuda:3: of this kind there is one device, number 0. `gan devices` lists what there is.");
        Refused(ExitCode.Device, "opencl", null, WithGpu, "--device opencl: There is no opencl device: no loader here. `gan devices` lists what there is.");
        Refused(ExitCode.Usage, "cuda", 2, WithGpu, "--threads counts threads of the cpu, and --device is cuda. Leave one of them out, or use --device cpu.");
        Refused(ExitCode.Usage, "CUDA", null, WithGpu, "--device: there is no device 'CUDA'. Known are auto, cpu, opencl, cuda and emulated, and with a number opencl:N and cuda:N; `gan devices` lists what there is.");
    }

    private static void Refused(ExitCode code, string name, int? threads, DeviceCatalog catalog, string sentence)
    {
        var fault = Assert.Throws<GanException>(() => DeviceChoice.Of(name, threads, catalog))!;
        Assert.That((fault.Code, fault.Message), Is.EqualTo((code, sentence)));
    }
}
