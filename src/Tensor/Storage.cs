namespace GanFromScratch.Tensors;

/// <summary>
/// A block of a device's memory for float32 numbers. It is rented from the device's pool and returned to it, so that a training step reuses
/// the blocks of the step before.
/// </summary>
/// <param name="device">The device whose memory this is.</param>
/// <param name="capacity">The number of floats that fit.</param>
public abstract class Storage(Device device, int capacity)
{
    /// <summary>The device whose memory this is.</summary>
    public Device Device { get; } = device;

    /// <summary>The number of floats that fit.</summary>
    public int Capacity { get; } = capacity;

    /// <summary>The pool that it goes back to.</summary>
    internal StoragePool Pool { get; set; } = null!;

    /// <summary>The tensors that hold this block now.</summary>
    internal int Holders { get; set; }

    /// <summary>Its number in the order of the device's allocations.</summary>
    internal int Number { get; set; }
}
