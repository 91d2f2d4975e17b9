namespace GanFromScratch.Tensors;

/// <summary>
/// A number that a device may still be computing. Whoever reads it at once waits for the device; whoever reads it some steps later never does, so
/// that the device always has work. It has to be read before the device was asked for <see cref="MostPending"/> later ones.
/// </summary>
public readonly struct DeferredScalar
{
    /// <summary>How many numbers a device keeps for readers that come late.</summary>
    public const int MostPending = 1024;

    private readonly Device? _device;
    private readonly long _ticket;
    private readonly float _value;

    /// <summary>A number that is there already.</summary>
    public DeferredScalar(float value) => _value = value;

    /// <summary>A number that the device hands out under this ticket.</summary>
    public DeferredScalar(Device device, long ticket)
    {
        _device = device;
        _ticket = ticket;
    }

    /// <summary>The number. Waits for the device where it is not there yet.</summary>
    /// <exception cref="DeviceException">The device failed.</exception>
    public float Value => _device is null ? _value : _device.Await(_ticket);
}
