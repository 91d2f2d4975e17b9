using System.CommandLine;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Runs;
using GanFromScratch.Gan.Terminal;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan.Commands;

/// <summary>`gan devices`: what can compute, and why the rest can't.</summary>
internal sealed class DevicesCommand() : GanCommand("devices", "Lists the devices, what `auto` picks, and why a kind is missing")
{
    private const int Width = -10; // of the names' column, at its left

    public override IReadOnlyList<(string Line, string Does)> Examples => [("gan devices", "lists the devices")];

    public override ExitCode Run(ParseResult given, Screen screen)
    {
        var catalog = new DeviceCatalog();
        screen.Say($"{"cpu",Width}{ProcessorName()}");
        screen.Say($"{"",Width}{Plural.Of(Environment.ProcessorCount, "core")}, {Vectors()}, {Memory()} of memory");
        Say(screen, "opencl", catalog.OpenCl, catalog);
        Say(screen, "cuda", catalog.Cuda, catalog);
        screen.Say($"{"emulated",Width}kernels run as the C# that they are written in, for a debugger; slowly");
        screen.Say();
        string why = catalog.Best is null ? ": there is no graphics processor that can be used" : "";
        screen.Say($"--device auto picks {DeviceChoice.Of("auto", null, catalog).Name}{why}.");
        return ExitCode.Done;
    }

    private static void Say(Screen screen, string kind, DeviceList list, DeviceCatalog catalog)
    {
        if (list.WhyNone is not null)
            screen.Say($"{kind,Width}none: {list.WhyNone}");
        foreach (var device in list.Devices)
        {
            screen.Say($"{device.Name,Width}{device.Model}{(device.IsCpu ? ", the processor again" : "")}");
            screen.Say($"{"",Width}{device.Driver}, {ByteCount.Describe(device.Memory)} of memory");
            screen.Say($"{"",Width}{(device.Refusal is { } refusal ? $"can't be used: {refusal}" : Rounding(device, catalog))}");
        }
        foreach (var driver in list.LeftOut)
            screen.Say($"{kind,Width}without {driver.Name}: {driver.Why}");
    }

    /// <summary>Measures whether a run on the device ends in the processor's bytes.</summary>
    private static string Rounding(DeviceDescription found, DeviceCatalog catalog)
    {
        try
        {
            using var device = catalog.Open(found, DeviceSettings.OfThisProcess());
            return DeviceRounding.Difference(device) is { } difference
                ? $"a run agrees with the cpu's to rounding: {difference}"
                : "a run ends in the same bytes as on the cpu";
        }
        catch (DeviceException fault)
        {
            return $"can't be used: {fault.Message.TrimEnd('.')}";
        }
    }

    // Where the processor doesn't say its name (no /proc/cpuinfo, or an Arm one), its architecture has to do.
    private static string ProcessorName()
    {
        const string Info = "/proc/cpuinfo";
        string? line = File.Exists(Info) ? File.ReadLines(Info).FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal)) : null;
        return line is null ? $"{RuntimeInformation.ProcessArchitecture}" : line[(line.IndexOf(':') + 1)..].Trim();
    }

    private static string Vectors()
    {
        int bits = Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : Vector128.IsHardwareAccelerated ? 128 : 0;
        string width = bits == 0 ? "no vectors" : $"{bits}-bit vectors";
        return Fma.IsSupported || AdvSimd.IsSupported ? $"{width} with fused multiply-add" : $"{width} without fused multiply-add";
    }

    private static string Memory() => ByteCount.Describe((ulong)GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
}
