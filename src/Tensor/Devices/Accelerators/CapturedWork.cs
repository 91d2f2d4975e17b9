namespace GanFromScratch.Tensors;

/// <summary>
/// A step's work on a device, recorded once: on CUDA a graph, which is launched as a whole. Its tensors' addresses are its own for as long
/// as it lives; numbers that vary are written anew for each replay.
/// </summary>
public sealed class CapturedWork : IDisposable
{
    private readonly AcceleratorDevice _device;
    private readonly WorkRecorder _recorder;
    private readonly StoragePool _arena;
    private readonly long _launches, _flops;
    private readonly nint _graph; // 0: the launches are kept one by one

    internal CapturedWork(AcceleratorDevice device, WorkRecorder recorder, StoragePool arena, nint graph, long launches, long flops)
    {
        (_device, _recorder, _arena, _graph) = (device, recorder, arena, graph);
        (_launches, _flops) = (launches, flops);
    }

    /// <summary>Whether it can be replayed: until it is disposed, by its owner or by a device that is short of memory.</summary>
    public bool CanReplay { get; private set; } = true;

    /// <summary>Does the work once more.</summary>
    /// <exception cref="ObjectDisposedException">It can't be replayed any more.</exception>
    /// <exception cref="DeviceException">The device failed.</exception>
    public void Replay()
    {
        ObjectDisposedException.ThrowIf(!CanReplay, this);
        _device.Replay(_recorder, _graph, _launches, _flops);
    }

    /// <summary>Gives the graph back to the driver, and its tensors' blocks to the device.</summary>
    public void Dispose()
    {
        if (!CanReplay)
            return;
        CanReplay = false;
        _device.Forget(this, _graph, _arena);
    }
}
