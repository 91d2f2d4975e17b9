using ILGPU.Runtime;

namespace GanFromScratch.Tensors;

/// <summary>Host memory for numbers that are read some time after they were asked for: the oldest one makes room for the newest.</summary>
internal sealed unsafe class ReadbackRing(Device device, AcceleratorQueue queue)
{
    private readonly float* _numbers = (float*)queue.AllocateHost(DeferredScalar.MostPending * sizeof(float));
    private readonly nint[] _marks = new nint[DeferredScalar.MostPending];
    private long _asked;

    /// <summary>Queues the copy of a block's first number.</summary>
    public DeferredScalar Ask(MemoryBuffer from)
    {
        int slot = (int)(_asked % DeferredScalar.MostPending);
        queue.CopyToHost((nint)(_numbers + slot), from, 0, sizeof(float));
        queue.Mark(ref _marks[slot]);
        return new DeferredScalar(device, _asked++);
    }

    /// <summary>Waits for a number.</summary>
    /// <exception cref="InvalidOperationException">It was never asked for, or so long ago that another took its place.</exception>
    public float Await(long ticket)
    {
        if (ticket < 0 || ticket >= _asked)
            throw new InvalidOperationException($"{device.Name}: no number was asked for under the ticket {ticket}");
        if (ticket < _asked - DeferredScalar.MostPending)
        {
            throw new InvalidOperationException(
                $"{device.Name}: the number of ticket {ticket} is gone, because {_asked - ticket - 1} were asked for after it; "
                + $"read it before {DeferredScalar.MostPending} are");
        }
        int slot = (int)(ticket % DeferredScalar.MostPending);
        queue.Wait(_marks[slot]);
        return _numbers[slot];
    }

    /// <summary>Gives the memory and the marks back, once the device is done.</summary>
    public void Free()
    {
        foreach (nint mark in _marks.Where(mark => mark != 0))
            queue.Drop(mark);
        queue.FreeHost((nint)_numbers);
    }
}
