namespace GanFromScratch.Tensors;

/// <summary>
/// A block of a device's memory holding float32 numbers. It is rented from the device's pool and handed back to it, never freed in between,
/// so a training step finds the blocks of the step before.
/// </summary>
/// <param name="device">The device whose memory this is.</param>
/// <param name="capacity">How many floats fit.</param>
public abstract class Storage(Device device, int capacity)
{
    /// <summary>The device whose memory this is.</summary>
    public Device Device { get; } = device;

    /// <summary>How many floats fit.</summary>
    public int Capacity { get; } = capacity;

    /// <summary>Whether a tensor holds this block now.</summary>
    internal bool Rented { get; set; }

    /// <summary>Its place among all the blocks that the device allocated.</summary>
    internal int Number { get; set; }
}
