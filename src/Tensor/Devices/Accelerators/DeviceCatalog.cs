using ILGPU;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;

namespace GanFromScratch.Tensors;

/// <summary>Finds and opens the devices behind drivers. A driver is loaded on its first use.</summary>
public sealed class DeviceCatalog
{
    private readonly Lazy<(DeviceList List, IReadOnlyList<CudaDevice?> Devices)> _cuda;
    private readonly Lazy<(DeviceList List, IReadOnlyList<CLDevice?> Devices)> _openCl;

    /// <summary>Creates the catalog of this machine.</summary>
    public DeviceCatalog()
        : this(CudaFinder.Find, OpenClFinder.Find)
    {
    }

    internal DeviceCatalog(Func<(DeviceList, IReadOnlyList<CudaDevice?>)> cuda, Func<(DeviceList, IReadOnlyList<CLDevice?>)> openCl) =>
        (_cuda, _openCl) = (new(cuda), new(openCl));

    /// <summary>The devices of NVIDIA's driver.</summary>
    public DeviceList Cuda => _cuda.Value.List;

    /// <summary>The devices of all OpenCL drivers.</summary>
    public DeviceList OpenCl => _openCl.Value.List;

    /// <summary>The drivers that were left out; none before OpenCL's first use.</summary>
    public IReadOnlyList<LeftOutDriver> LeftOut => _openCl.IsValueCreated ? OpenCl.LeftOut : [];

    /// <summary>
    /// The default device: a CUDA device, otherwise a graphics processor with OpenCL; null for the machine's processor, without a driver.
    /// </summary>
    public DeviceDescription? Best => Cuda.Devices.FirstOrDefault(IsUsable) ?? FirstGpu;

    /// <summary>
    /// Graphics processors that the default passes over although their drivers are there, each with the reason, in a clause.
    /// </summary>
    public IReadOnlyList<string> PassedOver
    {
        get
        {
            string[] none = Cuda is { WhyNone: { } why, HasDriver: true } ? [$"cuda: {why}"] : [];
            var refused = Cuda.Devices.Concat(OpenCl.Devices.Where(device => device.IsGpu)).Where(device => !IsUsable(device));
            return [.. none, .. refused.Select(device => $"{device}: {device.Refusal}")];
        }
    }

    private DeviceDescription? FirstGpu => OpenCl.Devices.FirstOrDefault(device => IsUsable(device) && device.IsGpu);

    /// <summary>Finds a device of a kind.</summary>
    /// <param name="kind">`cuda` or `opencl`.</param>
    /// <param name="number">Its number; null for the first graphics processor, otherwise the first usable device.</param>
    /// <exception cref="DeviceException">There is no such device, or it can't be used.</exception>
    public DeviceDescription Find(string kind, int? number)
    {
        var (devices, whyNone) = kind == "cuda" ? Cuda : OpenCl;
        if (whyNone is not null)
            throw None($"There is no {kind} device: {whyNone}.");
        if (number >= devices.Count)
        {
            string count = devices.Count == 1 ? "is one device, number 0" : $"are {devices.Count} devices, 0 to {devices.Count - 1}";
            throw None($"There is no device {kind}:{number}: of this kind there {count}.");
        }
        var found = number is { } n ? devices[n] : (kind == "cuda" ? null : FirstGpu) ?? devices.FirstOrDefault(IsUsable) ?? devices[0];
        return found.Refusal is null ? found : throw None($"The device {found} can't be used: {found.Refusal}.");

        DeviceException None(string sentence) => new(string.Join(' ', [sentence, .. kind == "cuda" ? [] : OpenCl.LeftOut]));
    }

    /// <summary>Opens a device of this catalog, in a context of its own.</summary>
    /// <exception cref="DeviceException">The device can't be opened.</exception>
    public AcceleratorDevice Open(DeviceDescription device, DeviceSettings settings)
    {
        bool timed = settings.DebugLevel >= 2;
        if (device.Name.StartsWith("cuda", StringComparison.Ordinal)) // not by looking for it, which would load both drivers
        {
            var cuda = _cuda.Value.Devices[Cuda.Devices.ToList().FindIndex(found => found.Name == device.Name)]!;
            return new AcceleratorDevice(device, settings, () => new CudaQueue(ContextOf(doubles: true, timed), cuda, timed));
        }
        var openCl = _openCl.Value.Devices[OpenCl.Devices.ToList().FindIndex(found => found.Name == device.Name)]!;
        return new AcceleratorDevice(device, settings, () => new OpenClQueue(ContextOf(openCl.Capabilities.Float64, timed), openCl));
    }

    /// <summary>Opens ILGPU's emulation of a graphics card on the processor: kernels run as C#, slowly.</summary>
    public static AcceleratorDevice OpenEmulated(DeviceSettings settings)
    {
        var memory = (ulong)GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        var description = new DeviceDescription(
            "emulated", "kernels as C#", "ILGPU's CPU accelerator", memory, IsCpu: true, IsGpu: false, Refusal: null);
        return new AcceleratorDevice(description, settings, () => new EmulatedQueue(ContextOf(doubles: true, timed: false)));
    }

    /// <summary>Creates an ILGPU context with this project's options and arithmetic.</summary>
    internal static Context ContextOf(bool doubles, bool timed) => Context.Create(builder =>
    {
        builder.Optimize(OptimizationLevel.O2).Inlining(InliningMode.Aggressive);
        if (timed)
            builder.Profiling();
        DeviceArithmetic.Register(builder, doubles);
    });

    private static bool IsUsable(DeviceDescription device) => device.Refusal is null;
}
