using System.Globalization;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Terminal;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan.Runs;

/// <summary>The device that `--device` and `--threads` choose.</summary>
internal sealed record DeviceChoice
{
    private readonly Func<Device> _open;

    private DeviceChoice(string name, int? threads, string words, Func<Device> open) =>
        (Name, Threads, Description, _open) = (name, threads, words, open);

    /// <summary>The device's name, with its number if it has one.</summary>
    public string Name { get; }

    /// <summary>Threads of the cpu that compute; null on another device.</summary>
    public int? Threads { get; }

    /// <summary>Threads for the processor's share of the work on every device, such as drawing digits.</summary>
    public int HostThreads => Threads ?? Environment.ProcessorCount;

    private string Description { get; }

    private IReadOnlyList<LeftOutDriver> LeftOut { get; init; } = [];

    private IReadOnlyList<string> PassedOver { get; init; } = [];

    private bool HasTf32 { get; init; }

    /// <summary>Finds the device of a name.</summary>
    /// <param name="name">What was asked for; null: auto, which is a graphics processor where there is one. With a number of threads it is
    /// the cpu.</param>
    /// <param name="threads">Threads of the cpu; null: one a core.</param>
    /// <param name="catalog">The devices behind drivers; null: this machine's.</param>
    /// <param name="fast">Whether matrix products use TF32 tensor cores.</param>
    /// <exception cref="GanException">Usage: an unknown kind, threads of a device that isn't the cpu, or fast on one without tensor cores.
    /// Device: one that isn't there.</exception>
    public static DeviceChoice Of(string? name, int? threads, DeviceCatalog? catalog = null, bool fast = false)
    {
        var choice = Find(name, threads, catalog, fast);
        return !fast || choice.HasTf32 ? choice : throw new GanException(
            ExitCode.Usage,
            $"--fast needs a CUDA device with compute capability 8.0 or newer, and the device is {choice}. "
            + "Choose another --device, or leave --fast out, which a resumed run can't; `gan devices` lists what there is.");
    }

    private static DeviceChoice Find(string? name, int? threads, DeviceCatalog? catalog, bool fast)
    {
        var (kind, number) = Parse(name ?? "auto");
        if (threads is not null && kind is not ("auto" or "cpu"))
        {
            throw new GanException(
                ExitCode.Usage,
                $"--threads counts threads of the cpu, and --device is {name}. Leave one of them out, or use --device cpu.");
        }
        switch (kind)
        {
            case "emulated":
                return new DeviceChoice(
                    "emulated",
                    null,
                    "emulated: kernels as plain C#, slowly",
                    () => DeviceCatalog.OpenEmulated(DeviceSettings.OfThisProcess()));
            case "cpu":
                return Cpu(threads);
            case "auto":
                if (threads is not null)
                    return Cpu(threads);
                catalog ??= new DeviceCatalog();
                return catalog.Best is { } best ? Of(best, catalog, fast) : Cpu(threads) with
                {
                    LeftOut = catalog.LeftOut,
                    PassedOver = catalog.PassedOver,
                };
        }
        catalog ??= new DeviceCatalog();
        try
        {
            return Of(catalog.Find(kind, number), catalog, fast);
        }
        catch (DeviceException fault)
        {
            throw new GanException(ExitCode.Device, $"--device {name}: {fault.Message} `gan devices` lists what there is.", fault);
        }
    }

    /// <summary>Warns of drivers that were left out of the search, and of graphics processors that can't be used.</summary>
    public void Warn(Screen screen)
    {
        foreach (var driver in LeftOut)
            screen.Warn($"{driver}");
        foreach (string device in PassedOver)
            screen.Warn($"The processor trains, for {device}.");
    }

    /// <summary>Opens the device. The caller disposes it.</summary>
    /// <exception cref="DeviceException">It can't be opened.</exception>
    public Device Open() => _open();

    /// <inheritdoc/>
    public override string ToString() => Description;

    private static DeviceChoice Cpu(int? threads)
    {
        int count = threads ?? Environment.ProcessorCount;
        string description = $"cpu, {Plural.Of(count, "thread")}";
        return new DeviceChoice("cpu", count, description, () => new CpuDevice(count, DeviceSettings.OfThisProcess()));
    }

    private static DeviceChoice Of(DeviceDescription device, DeviceCatalog catalog, bool fast)
    {
        bool isFast = fast && device.IsAmpereOrNewer;
        return new(
            device.Name,
            null,
            $"{device.Name}, {device.Model}{(isFast ? ", TF32" : "")}",
            () => catalog.Open(device, DeviceSettings.OfThisProcess() with { Fast = isFast }))
        {
            LeftOut = catalog.LeftOut,
            HasTf32 = device.IsAmpereOrNewer,
        };
    }

    private static (string Kind, int? Number) Parse(string name)
    {
        string[] parts = name.ToLowerInvariant().Split(':', 2);
        if (parts is ["auto" or "cpu" or "emulated" or "opencl" or "cuda"])
            return (parts[0], null);
        if (parts is ["opencl" or "cuda", var text] && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number))
            return (parts[0], number);
        throw new GanException(
            ExitCode.Usage,
            $"--device: there is no device '{name}'. Known are auto, cpu, opencl, cuda and emulated, and with a number opencl:N and "
            + "cuda:N; `gan devices` lists what there is.");
    }
}
