namespace GanFromScratch.Kernels;

/// <summary>
/// Sizes of blocks that keep a product's operands in the caches (Goto and van de Geijn, 2008; in BLIS: KC, MC·KC, NR and MR).
/// </summary>
internal static class Blocking
{
    /// <summary>Columns of the widest panel of three vectors.</summary>
    public const int MaxPanelColumns = 48;

    /// <summary>Floats of the largest tile: 8 rows of 48 columns, or 6 of 64.</summary>
    public const int TileFloats = 8 * MaxPanelColumns;

    /// <summary>
    /// Most steps of k in a block of the block-panel order: two panels of 48 columns are 192 KiB, a fifth of a second-level cache.
    /// </summary>
    public const int MaxDepth = 512;

    /// <summary>
    /// Floats of a block: of A in the block-panel order, of packed B in the weight-gradient order. 640 KiB, within a second-level cache.
    /// </summary>
    public const int BlockFloats = 160 * 1024;

    /// <summary>Rows of the largest tile, by which threads divide rows.</summary>
    public const int RowGranule = 8;

    /// <summary>Fewest multiply-adds worth a second thread: some five microseconds.</summary>
    public const int MinMultiplyAdds = 1 << 19;

    /// <summary>Sets of a first-level cache.</summary>
    public const int FirstLevelSets = 64;

    /// <summary>Sets of a second-level cache.</summary>
    public const int SecondLevelSets = 1024;

    private const int MaxWays = 8; // of the 8 to 16 of a set

    /// <summary>
    /// Whether lines at a fixed stride fall on so few sets of a cache that they evict each other: read more than once, they had better be
    /// packed.
    /// </summary>
    /// <param name="lines">The number of lines.</param>
    /// <param name="stride">Floats from line to line.</param>
    /// <param name="sets">The cache's sets.</param>
    public static bool Conflicts(int lines, nint stride, int sets)
    {
        const int Line = Prefetch.CacheLine * sizeof(float);
        long between = Math.Max(Line, (stride * sizeof(float)) & -(stride * sizeof(float))); // the greatest power of two that divides it
        return lines > MaxWays * Math.Max(1, sets * Line / between);
    }
}

/// <summary>
/// Divides a count into as few blocks as possible of about equal size, each but the last a multiple of a granule. A count of 0 is one empty
/// block.
/// </summary>
internal struct Blocks(int count, int max, int granule = 1)
{
    private int _from = -1;

    /// <summary>The size of all blocks but the last.</summary>
    public int Size { get; } = Math.Max(1, RoundUp((count + Ceiling(count, max) - 1) / Ceiling(count, max), granule));

    /// <summary>The present block.</summary>
    public readonly (int From, int Count) Current => (_from, Math.Min(Size, count - _from));

    /// <summary>Advances to the next block.</summary>
    public bool MoveNext()
    {
        _from = _from < 0 ? 0 : _from + Size;
        return _from == 0 || _from < count;
    }

    /// <summary>Returns this, so that <c>foreach</c> works without an allocation.</summary>
    public readonly Blocks GetEnumerator() => this;

    private static int Ceiling(int count, int max) => Math.Max(1, (count + max - 1) / max);

    private static int RoundUp(int count, int granule) => (count + granule - 1) / granule * granule;
}
