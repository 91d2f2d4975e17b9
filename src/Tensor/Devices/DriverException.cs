namespace GanFromScratch.Tensors;

/// <summary>What a driver's error comes to.</summary>
public enum DriverFault
{
    /// <summary>The device, or the call, failed.</summary>
    Failed,

    /// <summary>There is no memory left for what was asked.</summary>
    OutOfMemory,

    /// <summary>The driver's compiler doesn't take a program's text.</summary>
    RejectedProgram,
}

/// <summary>
/// A call that a driver answered with an error. A <see cref="QueuedDevice"/> turns it into a <see cref="DeviceException"/>.
/// </summary>
public abstract class DriverException : Exception
{
    private protected DriverException(string message)
        : base(message)
    {
    }

    /// <summary>What the error comes to.</summary>
    public abstract DriverFault Fault { get; }
}
