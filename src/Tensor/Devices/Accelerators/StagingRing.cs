using ILGPU.Runtime;

namespace GanFromScratch.Tensors;

/// <summary>
/// A ring of page-locked host memory for copies to and from a device. A piece is reused only after the copy that used it last, so an upload
/// returns at once, whatever work is queued before it.
/// </summary>
internal sealed unsafe class StagingRing(AcceleratorQueue queue)
{
    // Floats. Some forty batches of MNIST fit: more than a training loop runs ahead.
    private const int Size = 4 << 20, Piece = Size / 4, Granule = 64;
    private const int MaxCopies = 256; // an event each

    private readonly float* _memory = (float*)queue.AllocateHost(Size * sizeof(float));
    private readonly Queue<(long From, nint Event)> _copies = new(MaxCopies);
    private long _next; // in floats since the beginning: it never turns back, only its place in the circle does

    /// <summary>Queues a copy of numbers to a block, from an offset in bytes on; they may change when this returns.</summary>
    public void Upload(ReadOnlySpan<float> from, MemoryBuffer to, nuint offset = 0)
    {
        while (!from.IsEmpty)
        {
            var piece = from[..Math.Min(from.Length, Piece)];
            var place = Cut(piece.Length, out nint evt);
            piece.CopyTo(new Span<float>(place, piece.Length));
            nuint bytes = (nuint)piece.Length * sizeof(float);
            queue.CopyToDevice(to, offset, (nint)place, bytes);
            Hold(piece.Length, evt);
            from = from[piece.Length..];
            offset += bytes;
        }
    }

    /// <summary>Copies the front of a block to the host, and waits for it.</summary>
    public void Download(MemoryBuffer from, Span<float> to)
    {
        nuint offset = 0;
        while (!to.IsEmpty)
        {
            var piece = to[..Math.Min(to.Length, Piece)];
            var place = Cut(piece.Length, out nint evt);
            nuint bytes = (nuint)piece.Length * sizeof(float);
            queue.CopyToHost((nint)place, from, offset, bytes);
            queue.Wait(Hold(piece.Length, evt));
            new ReadOnlySpan<float>(place, piece.Length).CopyTo(piece);
            to = to[piece.Length..];
            offset += bytes;
        }
    }

    /// <summary>Frees the memory and releases the events, once the device is done.</summary>
    public void Free()
    {
        foreach (var (_, evt) in _copies)
            queue.Release(evt);
        queue.FreeHost((nint)_memory);
    }

    // The place of the next copy, free for it, and an old copy's event to reuse, or 0.
    private float* Cut(int count, out nint evt)
    {
        long place = _next % Size;
        if (place + count > Size)
            _next += Size - place; // a piece doesn't go round the end
        evt = 0;
        while (_copies.TryPeek(out var oldest) && (_copies.Count == MaxCopies || oldest.From + Size < _next + count))
        {
            queue.Wait(oldest.Event);
            _copies.Dequeue();
            if (evt != 0)
                queue.Release(evt);
            evt = oldest.Event;
        }
        return _memory + (_next % Size);
    }

    private nint Hold(int count, nint evt)
    {
        queue.Record(ref evt);
        _copies.Enqueue((_next, evt));
        _next += (count + Granule - 1) / Granule * Granule;
        return evt;
    }
}
