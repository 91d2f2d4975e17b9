using System.Globalization;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan;

/// <summary>What `--device` and `--threads` come to.</summary>
/// <param name="Name">The device's name.</param>
/// <param name="Threads">Threads that compute.</param>
internal sealed record DeviceChoice(string Name, int Threads)
{
    /// <summary>The most threads that may be asked for.</summary>
    public const int MostThreads = 1024;

    /// <summary>What the options' help says of the device.</summary>
    public const string Kinds = "auto|cpu";

    /// <summary>Reads a device's name.</summary>
    /// <exception cref="GanException">Usage: an unknown kind. Device: a kind that isn't there.</exception>
    public static DeviceChoice Of(string? name, int? threads)
    {
        string[] parts = (name ?? "auto").Split(':', 2);
        switch (parts[0])
        {
            case "auto" or "cpu" when parts.Length == 1:
                return new DeviceChoice("cpu", threads ?? Environment.ProcessorCount);
            case "cuda" or "opencl" when parts.Length == 1 || IsNumber(parts[1]):
                throw new GanException(
                    ExitCode.Device, $"--device {name}: the {parts[0]} device isn't built yet. Use --device cpu; `gan devices` lists what there is.");
            default:
                throw new GanException(
                    ExitCode.Usage,
                    $"--device: there is no device '{name}'. Known are auto and cpu (opencl and cuda aren't built yet); `gan devices` lists what there is.");
        }
    }

    /// <summary>The device itself. The caller disposes it.</summary>
    public CpuDevice Open() => new(Threads);

    /// <inheritdoc/>
    public override string ToString() => $"{Name}, {Counted.Of(Threads, "thread")}";

    private static bool IsNumber(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _);
}
