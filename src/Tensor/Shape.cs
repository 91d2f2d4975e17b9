namespace GanFromScratch.Tensors;

/// <summary>The extents of a tensor, up to four, row-major: the last one runs fastest. Rank 0 is a single number.</summary>
public readonly struct Shape : IEquatable<Shape>
{
    /// <summary>The most elements of a tensor: less than an int's range, so that a count can be rounded up to whole blocks.</summary>
    public const int MaxElements = int.MaxValue - 65_535;

    private readonly int _d0, _d1, _d2, _d3, _count;

    /// <summary>Creates a shape from its extents, outermost first.</summary>
    /// <exception cref="ArgumentException">More than four extents, a negative one, or more than <see cref="MaxElements"/>
    /// elements.</exception>
    public Shape(params ReadOnlySpan<int> extents)
    {
        if (extents.Length > 4)
            throw new ArgumentException($"Shape: {extents.Length} extents; at most 4 are supported");
        Rank = extents.Length;
        long count = 1;
        foreach (int extent in extents)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(extent);
            count *= extent;
            if (count > MaxElements)
                throw new ArgumentException($"Shape: [{string.Join(',', extents.ToArray())}] has more than {MaxElements} elements");
        }
        _count = (int)count;
        _d0 = Rank > 0 ? extents[0] : 0;
        _d1 = Rank > 1 ? extents[1] : 0;
        _d2 = Rank > 2 ? extents[2] : 0;
        _d3 = Rank > 3 ? extents[3] : 0;
    }

    /// <summary>The number of extents, 0 to 4.</summary>
    public int Rank { get; }

    /// <summary>The number of elements: the product of the extents.</summary>
    public int Count => Rank == 0 ? 1 : _count; // new Shape() is default(Shape), all zeros: it must be rank 0 too

    /// <summary>The extent of one dimension, outermost first.</summary>
    /// <exception cref="IndexOutOfRangeException">There is no such dimension.</exception>
    public int this[int dimension] => (uint)dimension < (uint)Rank
        ? dimension switch { 0 => _d0, 1 => _d1, 2 => _d2, _ => _d3 }
        : throw new IndexOutOfRangeException($"Shape: {this} has no dimension {dimension}");

    /// <summary>The last extent: the length of a row. 1 for rank 0.</summary>
    public int Columns => Rank == 0 ? 1 : this[Rank - 1];

    /// <summary>The number of rows: the product of all extents but the last.</summary>
    public int Rows
    {
        get
        {
            int rows = 1;
            for (int d = 0; d < Rank - 1; d++)
                rows *= this[d];
            return rows;
        }
    }

    /// <inheritdoc/>
    public bool Equals(Shape other) =>
        Rank == other.Rank && _d0 == other._d0 && _d1 == other._d1 && _d2 == other._d2 && _d3 == other._d3;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Shape other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Rank, _d0, _d1, _d2, _d3);

    /// <summary>Whether both have the same extents.</summary>
    public static bool operator ==(Shape a, Shape b) => a.Equals(b);

    /// <summary>Whether an extent differs.</summary>
    public static bool operator !=(Shape a, Shape b) => !a.Equals(b);

    /// <summary>The extents as errors print them: `[128,784]`.</summary>
    public override string ToString()
    {
        Span<int> extents = [_d0, _d1, _d2, _d3];
        return $"[{string.Join(',', extents[..Rank].ToArray())}]";
    }
}
