using ILGPU.Runtime;

namespace GanFromScratch.Tensors;

/// <summary>A ring of page-locked host memory for numbers that are read back later: the newest replaces the oldest.</summary>
internal sealed unsafe class ReadbackRing(Device device, AcceleratorQueue queue)
{
    private readonly float* _numbers = (float*)queue.AllocateHost(DeferredScalar.MaxPending * sizeof(float));
    private readonly nint[] _events = new nint[DeferredScalar.MaxPending];
    private readonly int[] _eventOf = new int[DeferredScalar.MaxPending]; // numbers that came in one copy share one
    private long _asked;

    /// <summary>Queues a copy of a block's first numbers.</summary>
    public void Ask(MemoryBuffer from, Span<DeferredScalar> to)
    {
        int slot = (int)(_asked % DeferredScalar.MaxPending);
        if (slot + to.Length > DeferredScalar.MaxPending)
        {
            _asked += DeferredScalar.MaxPending - slot; // a copy doesn't go round the end
            slot = 0;
        }
        queue.CopyToHost((nint)(_numbers + slot), from, 0, (nuint)to.Length * sizeof(float));
        queue.Record(ref _events[slot]);
        for (int i = 0; i < to.Length; i++)
        {
            _eventOf[slot + i] = slot;
            to[i] = new DeferredScalar(device, _asked++);
        }
    }

    /// <summary>Waits for a number.</summary>
    /// <exception cref="InvalidOperationException">It was never requested, or so long ago that another took its place.</exception>
    public float Await(long ticket)
    {
        if (ticket < 0 || ticket >= _asked)
            throw new InvalidOperationException($"{device.Name}: no number was asked for under the ticket {ticket}");
        if (ticket < _asked - DeferredScalar.MaxPending)
        {
            throw new InvalidOperationException(
                $"{device.Name}: the number of ticket {ticket} is gone, because {_asked - ticket - 1} were asked for after it; "
                + $"read it before {DeferredScalar.MaxPending} are");
        }
        int slot = (int)(ticket % DeferredScalar.MaxPending);
        queue.Wait(_events[_eventOf[slot]]);
        return _numbers[slot];
    }

    /// <summary>Frees the memory and releases the events, once the device is done.</summary>
    public void Free()
    {
        foreach (nint evt in _events.Where(evt => evt != 0))
            queue.Release(evt);
        queue.FreeHost((nint)_numbers);
    }
}
