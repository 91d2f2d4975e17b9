using GanFromScratch.Gan.Options;
using GanFromScratch.Gan.Runs;
using GanFromScratch.Gan.Training;

namespace GanFromScratch.Gan.Commands;

/// <summary>The device of commands that don't train a run.</summary>
internal sealed record DeviceRequest
{
    /// <summary>The device.</summary>
    [Option("--device", "The device", Group = "Device", Value = DeviceKinds.Shown, Choices = typeof(DeviceKinds))]
    public string Device { get; init; } = "cpu";

    /// <summary>Threads of the cpu.</summary>
    [Option(
        "--threads", "Threads of the cpu",
        Group = "Device", Value = "N", Min = 1, Max = RunRequest.MostThreads, Default = "one for each core")]
    public int? Threads { get; init; }

    /// <summary>Finds the device.</summary>
    public DeviceChoice Choose() => DeviceChoice.Of(Device, Threads);
}
