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

/// <summary>`gan devices`: lists the devices, and why others are missing.</summary>
internal sealed class DevicesCommand() : GanCommand<VersionCommand.Request>(
    "devices", "Lists the devices, what `auto` picks, and why a kind is missing")
{
    private const int Width = -10; // of the column of names, left-aligned

    public override IReadOnlyList<(string Line, string Does)> Examples => [("gan devices", "lists the devices")];

    public override ExitCode Run(ParseResult given, Screen screen, Interruption interruption)
    {
        var catalog = new DeviceCatalog();
        screen.Say($"{"cpu",Width}{ProcessorName()}");
        screen.Say($"{"",Width}{Plural.Of(Environment.ProcessorCount, "core")}, {Vectors()}, {Memory()} of memory");
        Say(screen, "opencl", catalog.OpenCl, catalog);
        Say(screen, "cuda", catalog.Cuda, catalog);
        screen.Say($"{"emulated",Width}kernels run as C#, for a debugger; slow");
        screen.Say();
        string why = catalog.Best is null ? ": there is no usable graphics processor" : "";
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

    /// <summary>Tests whether a run on the device gives the same bytes as on the processor.</summary>
    private static string Rounding(DeviceDescription found, DeviceCatalog catalog)
    {
        try
        {
            using var device = catalog.Open(found, DeviceSettings.OfThisProcess());
            return DeviceRounding.Difference(device) is { } difference
                ? $"a run agrees with the cpu's up to rounding: {difference}"
                : "a run gives the same bytes as on the cpu";
        }
        catch (DeviceException fault)
        {
            return $"can't be used: {fault.Message.TrimEnd('.')}";
        }
    }

    /// <summary>Whether the processor multiplies and adds with one rounding, on which the bits of all results depend.</summary>
    internal static bool FusesMultiplyAdd => Fma.IsSupported || AdvSimd.IsSupported;

    // without a name in /proc/cpuinfo (not on Linux, or on Arm): the architecture
    private static string ProcessorName()
    {
        const string Info = "/proc/cpuinfo";
        string? line = File.Exists(Info)
            ? File.ReadLines(Info).FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))
            : null;
        return line is null ? $"{RuntimeInformation.ProcessArchitecture}" : line[(line.IndexOf(':') + 1)..].Trim();
    }

    private static string Vectors()
    {
        int bits = Vector512.IsHardwareAccelerated ? 512
            : Vector256.IsHardwareAccelerated ? 256
            : Vector128.IsHardwareAccelerated ? 128 : 0;
        string width = bits == 0 ? "no vectors" : $"{bits}-bit vectors";
        return $"{width} {(FusesMultiplyAdd ? "with" : "without")} fused multiply-add";
    }

    private static string Memory() => ByteCount.Describe((ulong)GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
}
