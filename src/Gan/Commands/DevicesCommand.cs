using System.CommandLine;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace GanFromScratch.Gan;

/// <summary>`gan devices`: what can compute, and why the rest can't.</summary>
internal sealed class DevicesCommand() : GanCommand("devices", "Lists the devices, what `auto` picks, and why a kind is missing")
{
    public override IReadOnlyList<(string Line, string Does)> Examples => [("gan devices", "lists the devices")];

    public override ExitCode Run(ParseResult given, Screen screen)
    {
        screen.Say($"cpu     {ProcessorName()}");
        screen.Say($"        {Counted.Of(Environment.ProcessorCount, "core")}, {Vectors()}, {Memory()} of memory");
        screen.Say("opencl  none: this kind isn't built yet");
        screen.Say("cuda    none: this kind isn't built yet");
        screen.Say();
        screen.Say($"--device auto picks {DeviceChoice.Of("auto", null).Name}.");
        return ExitCode.Done;
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

    private static string Memory() => $"{GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (double)(1 << 30):0.0} GiB";
}
