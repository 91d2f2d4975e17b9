using GanFromScratch.Tensors;

namespace GanFromScratch.Bench;

/// <summary>
/// Where kernels are measured: the CPU path on one thread and on all cores, and every device behind a driver that can be used. A place
/// goes by the name that the table has: `cpu x1`, `cpu x2`, `opencl:0`, `cuda:0`.
/// </summary>
internal static class Places
{
    private const string Cpu = "cpu x";

    private static readonly DeviceCatalog Catalog = new();
    private static readonly DeviceDescription[] Found =
        [.. Catalog.OpenCl.Devices.Concat(Catalog.Cuda.Devices).Where(device => device.Refusal is null)];

    /// <summary>The places that were asked for; all that there are unless <see cref="Choose"/> was called.</summary>
    public static IReadOnlyList<string> Chosen { get; private set; } =
    [
        .. new[] { 1, Environment.ProcessorCount }.Distinct().Select(threads => $"{Cpu}{threads}"),
        .. Found.Select(device => device.Name)
    ];

    /// <summary>Keeps the places whose names begin so, and says whether there are any.</summary>
    public static bool Choose(string beginning)
    {
        string[] kept = [.. Chosen.Where(place => place.StartsWith(beginning, StringComparison.Ordinal))];
        if (kept.Length > 0)
            Chosen = kept;
        return kept.Length > 0;
    }

    /// <summary>The devices among the places, with what their drivers call them.</summary>
    public static IEnumerable<DeviceDescription> Devices => Found.Where(device => Chosen.Contains(device.Name));

    /// <summary>Whether a place is the processor itself.</summary>
    public static bool IsCpu(string place) => place.StartsWith(Cpu, StringComparison.Ordinal);

    /// <summary>The device of a place. The caller disposes it.</summary>
    public static Device Open(string place) => IsCpu(place)
        ? new CpuDevice(int.Parse(place[Cpu.Length..], System.Globalization.CultureInfo.InvariantCulture))
        : Catalog.Open(Found.First(device => device.Name == place), DeviceSettings.OfThisProcess());
}
