using ILGPU.Runtime;

namespace GanFromScratch.Tensors;

/// <summary>
/// Host memory through which numbers travel to a device and back, cut in a circle: a piece is used again only when the device has come past
/// the copy that used it last. So an upload returns at once, whatever work the device still has before it.
/// </summary>
internal sealed unsafe class StagingRing(AcceleratorQueue queue)
{
    // Floats. Some forty batches of MNIST fit: more than a training loop runs ahead.
    private const int Size = 4 << 20, Piece = Size / 4, Granule = 64;
    private const int MostCopies = 256; // a mark each

    private readonly float* _memory = (float*)queue.AllocateHost(Size * sizeof(float));
    private readonly Queue<(long From, nint Mark)> _copies = new(MostCopies);
    private long _next; // in floats since the beginning: it never turns back, only its place in the circle does

    /// <summary>Queues the copy of numbers to the front of a block; they may change when this returns.</summary>
    public void Upload(ReadOnlySpan<float> from, MemoryBuffer to)
    {
        nuint offset = 0;
        while (!from.IsEmpty)
        {
            var piece = from[..Math.Min(from.Length, Piece)];
            var place = Cut(piece.Length, out nint mark);
            piece.CopyTo(new Span<float>(place, piece.Length));
            nuint bytes = (nuint)piece.Length * sizeof(float);
            queue.CopyToDevice(to, offset, (nint)place, bytes);
            Hold(piece.Length, mark);
            from = from[piece.Length..];
            offset += bytes;
        }
    }

    /// <summary>Waits for the numbers at the front of a block.</summary>
    public void Download(MemoryBuffer from, Span<float> to)
    {
        nuint offset = 0;
        while (!to.IsEmpty)
        {
            var piece = to[..Math.Min(to.Length, Piece)];
            var place = Cut(piece.Length, out nint mark);
            nuint bytes = (nuint)piece.Length * sizeof(float);
            queue.CopyToHost((nint)place, from, offset, bytes);
            queue.Wait(Hold(piece.Length, mark));
            new ReadOnlySpan<float>(place, piece.Length).CopyTo(piece);
            to = to[piece.Length..];
            offset += bytes;
        }
    }

    /// <summary>Gives the memory and the marks back, once the device is done.</summary>
    public void Free()
    {
        foreach (var (_, mark) in _copies)
            queue.Drop(mark);
        queue.FreeHost((nint)_memory);
    }

    // The place of the next copy, free for it, and an old copy's mark to use again, or 0.
    private float* Cut(int count, out nint mark)
    {
        long place = _next % Size;
        if (place + count > Size)
            _next += Size - place; // a piece doesn't go round the end
        mark = 0;
        while (_copies.TryPeek(out var oldest) && (_copies.Count == MostCopies || oldest.From + Size < _next + count))
        {
            queue.Wait(oldest.Mark);
            _copies.Dequeue();
            if (mark != 0)
                queue.Drop(mark);
            mark = oldest.Mark;
        }
        return _memory + (_next % Size);
    }

    private nint Hold(int count, nint mark)
    {
        queue.Mark(ref mark);
        _copies.Enqueue((_next, mark));
        _next += (count + Granule - 1) / Granule * Granule;
        return mark;
    }
}
