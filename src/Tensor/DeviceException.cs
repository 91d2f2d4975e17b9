namespace GanFromScratch.Tensors;

/// <summary>A device that is missing, or failed: one or two plain sentences that say what, where, why, and what to do.</summary>
public sealed class DeviceException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Whether a kernel was rejected by a compiler: nothing ran, and the device does what else it is asked for.</summary>
    public bool RejectsKernel { get; init; }

    /// <summary>Whether there was no memory for something: the device does what needs none.</summary>
    public bool LacksMemory { get; init; }
}
