namespace GanFromScratch.Tensors;

/// <summary>
/// A number that a device may still be computing. Read at once it waits for the device; read some steps later it doesn't, so that the
/// device always has work. It must be read before <see cref="MaxPending"/> later ones are requested.
/// </summary>
public readonly struct DeferredScalar
{
    /// <summary>The numbers that a device keeps until they are read.</summary>
    public const int MaxPending = 1024;

    private readonly Device? _device;
    private readonly long _ticket;
    private readonly float _value;

    /// <summary>Creates a number that is known already.</summary>
    public DeferredScalar(float value) => _value = value;

    /// <summary>Creates a number that the device returns for a ticket.</summary>
    public DeferredScalar(Device device, long ticket)
    {
        _device = device;
        _ticket = ticket;
    }

    /// <summary>Gets the number; waits for the device where it isn't computed yet.</summary>
    /// <exception cref="DeviceException">The device failed.</exception>
    public float Value => _device is null ? _value : _device.Await(_ticket);
}
