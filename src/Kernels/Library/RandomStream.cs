namespace GanFromScratch.Kernels;

/// <summary>
/// A stream of random numbers: Philox 4x32-10 (Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3", 2011). A number depends on the
/// seed, the stream and its position alone, so every device and any number of threads draw the same ones, and the whole state is one
/// counter.
/// </summary>
/// <param name="seed">The seed of the run.</param>
/// <param name="stream">The purpose that a seed serves: noise, data, dropout.</param>
/// <param name="position">The blocks of four numbers drawn before.</param>
public sealed class RandomStream(ulong seed, uint stream, ulong position = 0)
{
    /// <summary>The seed.</summary>
    public ulong Seed { get; } = seed;

    /// <summary>The stream.</summary>
    public uint Stream { get; } = stream;

    /// <summary>The blocks of four numbers drawn so far; set it to resume from there.</summary>
    public ulong Position { get; set; } = position;

    /// <summary>Draws a whole number from 0 to <paramref name="bound"/>, exclusive, each equally likely to within 2⁻³².</summary>
    /// <exception cref="ArgumentOutOfRangeException">The bound is not positive.</exception>
    public int Below(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bound);
        var (high, low, _, _) = Philox.Block(Seed, Stream, Take(1));
        return (int)(((ulong)high << 32 | low) % (ulong)bound);
    }

    /// <summary>Fills with the numbers 0, 1, ..., n-1 in random order (Fisher and Yates).</summary>
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

    /// <summary>Advances by a number of blocks, and returns the position before.</summary>
    internal ulong Take(ulong blocks)
    {
        ulong before = Position;
        Position += blocks;
        return before;
    }
}
