using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>
/// Something that computes: the processor's own loops, kernels as plain C# on ILGPU's emulation of a GPU, OpenCL, and a CUDA GPU. A fixture
/// that takes one runs once for each.
/// </summary>
internal sealed class Engine
{
    private readonly Func<Device> _open;
    private Device? _shared;

    private Engine(string name, Pace pace, Func<Device> open) => (Name, Speed, _open) = (name, pace, open);

    /// <summary>How much a test may ask of an engine.</summary>
    public enum Pace
    {
        /// <summary>Millions of elements, whole networks.</summary>
        Fast,

        /// <summary>
        /// The edges and no more: the emulated device has a thread of the machine for each thread of a group, and they wait for each other.
        /// </summary>
        Slow,
    }

    public static Engine Cpu { get; } = new("cpu", Pace.Fast, () => new CpuDevice(2));

    public static Engine Emulated { get; } = new("emulated", Pace.Slow, () => DeviceCatalog.OpenEmulated(Settings));

    public static Engine OpenCl { get; } = new("opencl", Pace.Fast, () => OpenOpenCl(Settings));

    /// <summary>OpenCL, whose steps are recorded once and replayed as on CUDA.</summary>
    public static Engine Replayed { get; } = new("replayed", Pace.Fast, () => OpenOpenCl(Settings with { ReplaysWork = true }));

    public static Engine Cuda { get; } = new("cuda", Pace.Fast, OpenCuda);

    public static Engine[] All { get; } = [Cpu, Emulated, OpenCl, Cuda];

    /// <summary>Those that run kernels.</summary>
    public static Engine[] WithKernels { get; } = [Emulated, OpenCl, Cuda];

    /// <summary>Those that train whole networks in a test's time.</summary>
    public static Engine[] Trainers { get; } = [Cpu, OpenCl, Cuda];

    public string Name { get; }

    public Pace Speed { get; }

    public bool IsFast => Speed == Pace.Fast;

    /// <summary>The engine's device, one for all tests, so that each kernel is compiled once. Skips the test where there is none.</summary>
    public Device Device => _shared ??= Open();

    /// <summary>A device of the test's own.</summary>
    public Device Open() => _open();

    /// <summary>Gives the shared device back.</summary>
    public void Close()
    {
        _shared?.Dispose();
        _shared = null;
    }

    public override string ToString() => Name;

    /// <summary>The programs of a run are kept apart from the user's.</summary>
    private static DeviceSettings Settings => new(Path.Combine(EnginesOfTheRun.Folder, "programs"), 0, TextWriter.Null);

    private static AcceleratorDevice OpenOpenCl(DeviceSettings settings)
    {
        var catalog = new DeviceCatalog();
        ToolRequirement.Require(catalog.OpenCl.Devices.Any(device => device.Refusal is null), "an OpenCL device");
        return catalog.Open(catalog.Find("opencl", null), settings);
    }

    /// <summary>A GPU is no tool that one can install: where it is missing, the test is skipped whatever is required.</summary>
    private static AcceleratorDevice OpenCuda()
    {
        var catalog = new DeviceCatalog();
        if (!catalog.Cuda.Devices.Any(device => device.Refusal is null))
            Assert.Ignore($"needs a CUDA device: {catalog.Cuda.WhyNone ?? catalog.Cuda.Devices[0].Refusal}");
        return catalog.Open(catalog.Find("cuda", null), Settings);
    }
}

/// <summary>The shared devices live as long as the run.</summary>
[SetUpFixture]
internal sealed class EnginesOfTheRun
{
    private static readonly Lazy<TestFolder> Made = new(() => new TestFolder());

    public static string Folder => Made.Value.Path;

    [OneTimeTearDown]
    public void End()
    {
        foreach (var engine in (Engine[])[.. Engine.All, Engine.Replayed])
            engine.Close();
        if (Made.IsValueCreated)
            Made.Value.Dispose();
    }
}
