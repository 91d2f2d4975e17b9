namespace GanFromScratch.Kernels;

/// <summary>
/// A source of random numbers: Philox 4x32-10 (Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3", 2011). A number depends on the seed, the
/// stream and its place alone, so every device and any number of threads draw the same ones, and the whole state is one counter.
/// </summary>
/// <param name="seed">The seed of the run.</param>
/// <param name="stream">Tells apart the purposes that one seed serves: noise, data, dropout.</param>
/// <param name="position">How many blocks of four were drawn before.</param>
public sealed class RandomStream(ulong seed, uint stream, ulong position = 0)
{
    /// <summary>The seed.</summary>
    public ulong Seed { get; } = seed;

    /// <summary>The stream.</summary>
    public uint Stream { get; } = stream;

    /// <summary>How many blocks of four numbers were drawn. Setting it goes on from there.</summary>
    public ulong Position { get; set; } = position;

    /// <summary>A whole number from 0 up to, not including, <paramref name="bound"/>, each equally likely to within 2⁻³².</summary>
    /// <exception cref="ArgumentOutOfRangeException">The bound is not positive.</exception>
    public int Below(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bound);
        var (high, low, _, _) = Philox.Block(Seed, Stream, Take(1));
        return (int)(((ulong)high << 32 | low) % (ulong)bound);
    }

    /// <summary>The order 0, 1, ..., n-1 shuffled (Fisher and Yates).</summary>
    public void Shuffle(Span<int> order)
    {
        for (int i = 0; i < order.Length; i++)
            order[i] = i;
        for (int i = order.Length - 1; i > 0; i--)
        {
            int j = Below(i + 1);
            (order[i], order[j]) = (order[j], order[i]);
        }
    }

    /// <summary>Moves on by so many blocks, and gives the position before.</summary>
    internal ulong Take(ulong blocks)
    {
        ulong before = Position;
        Position += blocks;
        return before;
    }
}
